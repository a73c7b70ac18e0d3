import { useState } from 'react';
import { call, messageOf } from '../api/client';
import type { Worker } from '../api/schema';
import { usePolled } from '../state/poll';
import { toast } from '../state/toasts';
import { secondsBetween } from '../text/time';
import { Bar, Skeleton } from '../ui/parts';
import { Block } from '../ui/Block';
import { Ago, useNow } from '../ui/time';
import { ReasonDialog } from './ReasonDialog';

/** A worker reports every few seconds; one that has not for this long is not there. */
const SILENT = 30;

export function WorkersSection({ token }: { token: string }) {
  const { data, error, refresh } = usePolled((signal) => call('listWorkers', { signal }), token);
  if (!data) return error ? <p className="wrong">{error}</p> : <Skeleton lines={4} />;
  return (
    <Block title="Workers">
      {error && <p className="wrong" role="status">{error} What you see may be old.</p>}
      {data.workers.length === 0 && <p className="quiet">None has reported within a day: start a store-worker.</p>}
      <ul className="workers">{data.workers.map((worker) => <WorkerItem key={worker.worker} worker={worker} refresh={refresh} />)}</ul>
    </Block>
  );
}

function WorkerItem({ worker, refresh }: { worker: Worker; refresh: () => void }) {
  const now = useNow(10);
  const [isDraining, setDraining] = useState(false);
  const isSilent = secondsBetween(worker.reportedAt, now) > SILENT;
  const trouble = isSilent ? 'silent' : !worker.kubernetes ? 'does not reach Kubernetes' : !worker.helm ? 'has no Helm' : null;
  async function undrain() {
    try {
      toast('plain', `${(await call('undrainWorker', { path: { worker: worker.worker } })).message}.`);
    } catch (problem) {
      toast('bad', messageOf(problem));
    }
    refresh();
  }
  return (
    <li className={isSilent ? 'silent' : ''}>
      <p>
        <strong>{worker.worker}</strong> <span className="quiet">Helm {worker.version}</span>
        {worker.draining && <span className="badge deleting">Drained</span>}
      </p>
      <Bar mayBeFull label="Slots busy" value={worker.busy} limit={worker.slots} text={`${worker.busy} of ${worker.slots}`} />
      <p>
        <span className={trouble ? 'wrong' : 'quiet'}>{trouble ? `${trouble}, ` : 'reported '}<Ago at={worker.reportedAt} /></span>
        {worker.draining
          ? <button type="button" className="small" onClick={() => void undrain()}>Let it take jobs<span className="hidden">: {worker.worker}</span></button>
          : <button type="button" className="small" onClick={() => setDraining(true)}>Drain…<span className="hidden"> {worker.worker}</span></button>}
      </p>
      {isDraining && (
        <ReasonDialog
          title={`Drain ${worker.worker}?`} label="Reason" action="Drain" placeholder="Its node is replaced"
          ask={async (reason) => { toast('plain', `${(await call('drainWorker', { path: { worker: worker.worker }, body: { reason } })).message}.`); }}
          onClose={() => { setDraining(false); refresh(); }}
        >
          <p>It takes no more jobs, also when it starts anew, until it is told otherwise. What it runs goes on.</p>
        </ReasonDialog>
      )}
    </li>
  );
}
