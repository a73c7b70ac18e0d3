import { useState } from 'react';
import type { Answers, LogLine } from '../api/schema';
import type { Detail } from '../state/detail';
import { go } from '../state/url';
import { ChangeDialog } from '../stores/ChangeDialog';
import { unitsOf } from '../stores/quota';
import { bytes, planNames } from '../text/plans';
import { ratio } from '../text/quantity';
import { duration, exactly, secondsBetween } from '../text/time';
import { Ago, useNow } from '../ui/time';
import { Bar, CopyButton } from '../ui/parts';
import { Credentials } from './Credentials';
import { BuildLog } from './BuildLog';
import { Steps } from './Steps';

export function Overview({ store, log, me }: { store: Detail; log: LogLine[]; me: Answers['getMe'] | null }) {
  const [isChanging, setChanging] = useState(false);
  const { storage } = store.spec;
  const { quotas, volumes } = store;
  const isWorking = store.status === 'provisioning' || store.status === 'deleting' || store.activity !== null;
  return (
    <div className="overview">
      {store.status !== 'deleting' && <Steps store={store} />}
      {isWorking && log.length > 0 && (
        <section>
          <h3>Build log <button type="button" className="quiet small" onClick={() => go({ tab: 'logs' })}>All of it</button></h3>
          <BuildLog lines={log.slice(-7)} />
        </section>
      )}
      {store.url && (
        <section>
          <h3>Addresses</h3>
          <dl className="addresses">
            <div><dt>Store</dt><dd><a href={store.url} target="_blank" rel="noopener noreferrer">{store.url}</a><CopyButton text={store.url} what="the store’s address" /></dd></div>
            {store.adminUrl && <div><dt>Admin</dt><dd><a href={store.adminUrl} target="_blank" rel="noopener noreferrer">{store.adminUrl}</a><CopyButton text={store.adminUrl} what="the admin’s address" /></dd></div>}
          </dl>
          <Credentials store={store} />
        </section>
      )}
      <section>
        <h3>
          Plan
          {store.status === 'ready' && !store.drift && <button type="button" className="quiet small" onClick={() => setChanging(true)}>Change plan or storage</button>}
        </h3>
        <dl className="facts">
          <Fact name="Plan">{planNames[store.plan]}</Fact>
          <Fact name="Version">{store.version ?? 'not known yet'}</Fact>
          <Fact name="Database volume">{storage.database ? bytes(storage.database) : 'not known yet'}</Fact>
          <Fact name="Uploads volume">{storage.uploads ? bytes(storage.uploads) : 'not known yet'}</Fact>
        </dl>
        {isChanging && <ChangeDialog store={store} quota={unitsOf(me, store.userId)} onClose={() => setChanging(false)} />}
      </section>
      <section>
        <h3>Facts</h3>
        <dl className="facts">
          <Fact name="Runs">{store.engineVersion || 'not known yet'}</Fact>
          <Fact name="Health">{store.health ?? '–'}</Fact>
          <Fact name="Pods running">{store.podsRunning} of {store.replicas}</Fact>
          <Fact name="Pod restarts">{store.podRestarts}</Fact>
          <Fact name="Created"><Ago at={store.createdAt} /></Fact>
          <Fact name="Last backup">{store.lastBackupAt ? <Ago at={store.lastBackupAt} /> : 'none yet'}</Fact>
          <Fact name="Ready in"><ReadyIn store={store} /></Fact>
          <Fact name="Owner">{store.userId ?? 'nobody'}</Fact>
          {store.restoredFrom && <Fact name="Made from backup"><code>{store.restoredFrom}</code></Fact>}
          <Fact name="Id"><code>{store.id}</code></Fact>
        </dl>
      </section>
      <section>
        <h3>Use of its quota</h3>
        <div className="bars">
          <Bar label="CPU" {...ratio(quotas.cpuUsed, quotas.cpuLimit)} />
          <Bar label="Memory" {...ratio(quotas.memUsed, quotas.memLimit)} />
          <Bar label="Volumes" {...ratio(quotas.pvcUsed, quotas.pvcLimit)} />
        </div>
      </section>
      {volumes.length > 0 && (
        <section>
          <h3>Use of its disks</h3>
          <div className="bars">
            {volumes.map(it => <Bar key={it.name} label={DISKS[it.name]} {...ratio(mebibytes(it.usedBytes), mebibytes(it.sizeBytes))} />)}
          </div>
        </section>
      )}
    </div>
  );
}

const DISKS = { database: 'Database', uploads: 'Uploads', cache: 'Cache' };
const mebibytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)}Mi`;

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="numbers">{children}</dd>
    </div>
  );
}

function ReadyIn({ store }: { store: Detail }) {
  const now = useNow();
  const began = store.provisioningStartedAt;
  if (!began) return <>–</>;
  if (store.readyAt) return <span title={exactly(store.readyAt)}>{duration(secondsBetween(began, store.readyAt))}</span>;
  return store.status === 'provisioning' ? <>{duration(Math.round(secondsBetween(began, now)))} so far</> : <>–</>;
}
