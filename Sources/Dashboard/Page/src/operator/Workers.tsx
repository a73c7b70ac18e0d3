import type { Worker } from '../api/schema';
import { secondsBetween } from '../text/time';
import { Ago, useNow } from '../ui/time';
import { Bar } from '../ui/parts';

/** A worker reports every few seconds; one that has not for this long is not there. */
const SILENT = 30;

export function Workers({ workers }: { workers: Worker[] }) {
  const now = useNow(10);
  return (
    <section className="panel-card" aria-labelledby="workers-title">
      <header><h2 id="workers-title">Workers</h2></header>
      {workers.length === 0 && <p className="quiet">None has reported within a day: start a store-worker.</p>}
      <ul className="workers">
        {workers.map((worker) => {
          const isSilent = secondsBetween(worker.reportedAt, now) > SILENT;
          const trouble = isSilent ? 'silent' : !worker.kubernetes ? 'does not reach Kubernetes' : !worker.helm ? 'has no Helm' : null;
          return (
            <li key={worker.worker} className={isSilent ? 'silent' : ''}>
              <p><strong>{worker.worker}</strong> <span className="quiet">{worker.version}</span></p>
              <Bar label="Slots busy" value={worker.busy} limit={worker.slots} text={`${worker.busy} of ${worker.slots}`} />
              <p className={trouble ? 'wrong' : 'quiet'}>{trouble ? `${trouble}, ` : 'reported '}<Ago at={worker.reportedAt} /></p>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
