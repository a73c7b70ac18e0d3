import type { OperatedJob } from '../api/schema';
import { goToStore } from '../state/url';
import { duration, secondsBetween } from '../text/time';
import { Block } from '../ui/Block';
import { useNow } from '../ui/time';
import { CancelButton } from './CancelButton';
import { JobLink } from './JobDialog';

/** What runs now. */
export function RunningJobs({ jobs, refresh }: { jobs: OperatedJob[]; refresh: () => void }) {
  const now = useNow();
  return (
    <Block title="Running jobs" className="whole">
      {jobs.length === 0 ? <p className="quiet">Nothing runs.</p> : (
        <div className="scroll" tabIndex={0} role="group" aria-label="Running jobs">
          <table className="plain">
            <thead><tr><th scope="col">Job</th><th scope="col">Store</th><th scope="col">Worker</th><th scope="col">For</th><th scope="col">Attempt</th><th scope="col">Fence</th><th><span className="hidden">Actions</span></th></tr></thead>
            <tbody>
              {jobs.map((job) => (
                <tr key={job.id}>
                  <td className="numbers"><JobLink job={job} /> <span className="quiet">{job.kind}</span></td>
                  <td><button type="button" className="as-link" onClick={() => goToStore(job)}>{job.storeName}</button></td>
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
    </Block>
  );
}
