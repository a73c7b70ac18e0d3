import type { Answers } from '../api/schema';
import { goToStore } from '../state/url';
import { Block } from '../ui/Block';
import { Ago } from '../ui/time';
import { JobLink } from './JobDialog';

/** In the order in which they are taken. */
export function WaitingJobs({ jobs }: { jobs: Answers['listWaiting']['jobs'] }) {
  return (
    <Block title="Waiting, in order" className="whole">
      {jobs.length === 0 ? <p className="quiet">Nothing waits.</p> : (
        <div className="scroll" tabIndex={0} role="group" aria-label="Waiting jobs">
          <table className="plain">
            <thead><tr><th scope="col">Turn</th><th scope="col">Job</th><th scope="col">Store</th><th scope="col">Of</th><th scope="col">Asked for</th><th scope="col">Why it waits</th></tr></thead>
            <tbody>
              {jobs.map((job, index) => (
                <tr key={job.id}>
                  <td className="numbers">{job.waiting.reason === 'retry' ? '–' : index + 1}</td>
                  <td className="numbers"><JobLink job={job} /> <span className="quiet">{job.kind}</span></td>
                  <td><button type="button" className="as-link" onClick={() => goToStore(job)}>{job.storeName}</button></td>
                  <td className="quiet">{job.user ?? 'nobody'}</td>
                  <td className="quiet numbers"><Ago at={job.createdAt} /></td>
                  <td className="why">{job.waiting.text}{job.error && <span className="quiet"> {job.error}</span>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {jobs.length === 100 && <p className="quiet">The first 100.</p>}
    </Block>
  );
}
