import type { OperatedJob } from '../api/schema';
import { go } from '../state/url';
import { duration, secondsBetween } from '../text/time';
import { useNow } from '../ui/time';
import { CancelButton } from './CancelButton';

/** What runs now. */
export function JobsTable({ jobs, refresh }: { jobs: OperatedJob[]; refresh: () => void }) {
  const now = useNow();
  return (
    <section className="panel-card wide-card" aria-labelledby="running-title">
      <header><h2 id="running-title">Running jobs</h2></header>
      {jobs.length === 0 ? <p className="quiet">Nothing runs.</p> : (
        <div className="scroll" tabIndex={0} role="group" aria-labelledby="running-title">
          <table className="plain">
            <thead><tr><th scope="col">Job</th><th scope="col">Store</th><th scope="col">Worker</th><th scope="col">For</th><th scope="col">Attempt</th><th scope="col">Fence</th><th><span className="hidden">Actions</span></th></tr></thead>
            <tbody>
              {jobs.map((job) => (
                <tr key={job.id}>
                  <td className="numbers">{job.id} <span className="quiet">{job.kind}</span></td>
                  <td><button type="button" className="as-link" onClick={() => go({ place: 'stores', store: job.storeId, tab: 'overview' })}>{job.storeName}</button></td>
                  <td>{job.worker ?? '–'}</td>
                  <td className="numbers">{job.startedAt ? duration(Math.floor(secondsBetween(job.startedAt, now))) : '–'}</td>
                  <td className="numbers">{job.attempt} of {job.maxAttempts}</td>
                  <td className="numbers">{job.fence ?? '–'}</td>
                  <td>{job.cancelRequestedAt ? <span className="quiet">cancel asked…</span> : <CancelButton job={job} refresh={refresh} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
