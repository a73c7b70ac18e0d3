import { useState } from 'react';
import { call, messageOf } from '../api/client';
import type { OperatedJob } from '../api/schema';
import { toast } from '../state/toasts';
import { goToStore } from '../state/url';
import { causeTitle } from '../text/causes';
import type { Group } from '../text/jobs';
import { Icon } from '../ui/icons';
import { Ago } from '../ui/time';
import { JobLink } from './JobDialog';

/** Jobs with one cause, which can be replayed together once that is repaired. */
export function FailedGroup({ group: { cause, jobs }, refresh }: { group: Group; refresh: () => void }) {
  const [asked, setAsked] = useState<ReadonlySet<number>>(new Set());
  async function replay(some: OperatedJob[]) {
    setAsked(new Set(some.map((job) => job.id)));
    const refusals: string[] = [];
    // Newest first in the list; who has waited longest is taken first.
    for (const job of [...some].reverse()) {
      try {
        await call('replayJob', { path: { id: job.id } });
      } catch (error) {
        refusals.push(`${job.storeName}: ${messageOf(error)}`);
      }
    }
    const good = some.length - refusals.length;
    if (refusals.length) toast('bad', `${good} of ${some.length} jobs are queued again.`, refusals);
    else toast('plain', some.length === 1 ? `${some[0]!.storeName}: the job is queued again.` : `${good} jobs are queued again.`);
    setAsked(new Set());
    refresh();
  }
  return (
    <details className="failed-group" open={jobs.length < 10}>
      <summary>
        <span><strong className="numbers">{jobs.length} × {causeTitle(cause)}</strong> {cause && <code className="quiet">{cause}</code>}</span>
      </summary>
      {jobs.length > 1 && <button type="button" className="small" disabled={asked.size > 0} onClick={() => void replay(jobs)}><Icon name="retry" />Replay all {jobs.length}</button>}
      <div className="scroll" tabIndex={0} role="group" aria-label={causeTitle(cause)}>
        <table className="plain">
          <thead><tr><th scope="col">Job</th><th scope="col">Store</th><th scope="col">Ended</th><th scope="col">Why</th><th><span className="hidden">Actions</span></th></tr></thead>
          <tbody>
            {jobs.map((job) => (
              <tr key={job.id}>
                <td className="numbers"><JobLink job={job} /> <span className="quiet">{job.kind}</span></td>
                <td><button type="button" className="as-link" onClick={() => goToStore(job, 'history')}>{job.storeName}</button></td>
                <td className="quiet numbers">{job.finishedAt && <Ago at={job.finishedAt} />}</td>
                <td className="why">{job.error}</td>
                <td><button type="button" className="small" disabled={asked.size > 0} onClick={() => void replay([job])}><Icon name="retry" />{asked.has(job.id) ? 'Asked…' : 'Replay'}</button></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
