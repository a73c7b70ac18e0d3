import type { LogLine, Store } from '../api/schema';
import type { Detail } from '../state/detail';
import { go } from '../state/url';
import { usualTime } from '../text/estimate';
import { duration, secondsBetween } from '../text/time';
import { Block } from '../ui/Block';
import { useNow } from '../ui/time';
import { BuildLog } from './BuildLog';
import { Steps } from './Steps';

/** What is being done of the store, step by step; nothing while nothing is. */
export function WorkBlock({ store, log, stores }: { store: Detail; log: LogLine[]; stores: Store[] }) {
  const isMade = store.status === 'provisioning' || store.status === 'failed';
  const isWorking = store.status === 'provisioning' || store.status === 'deleting' || store.activity !== null;
  const lines = isWorking ? log.slice(-7) : [];
  const done = store.provisioningSteps.filter((step) => step.completed).length;
  if (!isMade && lines.length === 0) return null;
  return (
    <Block title={isMade ? <>Progress <span className="quiet numbers">{done} of {store.provisioningSteps.length}</span></> : 'What is being done'} className="whole" actions={lines.length > 0 && <button type="button" className="quiet small" onClick={() => go({ tab: 'logs' })}>The whole build log</button>}>
      {store.status === 'provisioning' && <Expected store={store} usual={usualTime(stores, store.engine)} />}
      <div className="work">
        {isMade && <Steps store={store} />}
        {lines.length > 0 && <BuildLog lines={lines} />}
      </div>
    </Block>
  );
}

function Expected({ store, usual }: { store: Detail; usual: number | null }) {
  const taken = Math.max(0, Math.round(secondsBetween(store.askedAt, useNow())));
  return (
    <p className="quiet numbers">
      {duration(taken)} so far.{usual !== null && (taken > usual ? ` Others took ${duration(usual)}; this one takes longer.` : ` Usually ready after ${duration(usual)}.`)}
    </p>
  );
}
