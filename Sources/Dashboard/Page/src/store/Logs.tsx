import { useState } from 'react';
import type { LogLine } from '../api/schema';
import type { Detail } from '../state/detail';
import { Empty } from '../ui/parts';
import { BuildLog } from './BuildLog';
import { PodLog } from './PodLog';

/** What was said while the store was made, or what its containers say; that is for whoever runs the store. */
export function Logs({ store, log, hasContainers }: { store: Detail; log: LogLine[]; hasContainers: boolean }) {
  const [wantsPods, setPods] = useState(store.status === 'ready');
  const isPods = wantsPods && hasContainers;
  return (
    <>
      {hasContainers && <div className="segments" role="group" aria-label="Which log">
        <button type="button" aria-pressed={!isPods} onClick={() => setPods(false)}>Build</button>
        <button type="button" aria-pressed={isPods} onClick={() => setPods(true)}>Containers</button>
      </div>}
      {isPods ? <PodLog id={store.id} /> : log.length ? <BuildLog lines={log} /> : <Empty title="No line yet" icon="clock"><p>A worker writes here once it takes the job.</p></Empty>}
    </>
  );
}
