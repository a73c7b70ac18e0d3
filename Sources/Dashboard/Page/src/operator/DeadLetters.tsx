import { useState } from 'react';
import { call, messageOf } from '../api/client';
import type { OperatedJob } from '../api/schema';
import { toast } from '../state/toasts';
import { go } from '../state/url';
import { Ago } from '../ui/time';
import { Icon } from '../ui/icons';

/** Jobs that failed for good. */
export function DeadLetters({ jobs, count, refresh }: { jobs: OperatedJob[]; count: number; refresh: () => void }) {
  const [asked, setAsked] = useState<ReadonlySet<number>>(new Set());
  async function replay(job: OperatedJob) {
    setAsked((now) => new Set(now).add(job.id));
    try {
      const answer = await call('replayJob', { path: { id: job.id } });
      toast('plain', `${job.storeName}: ${answer.message} (job ${answer.job})`);
    } catch (error) {
      toast('bad', `${job.storeName}: ${messageOf(error)}`);
    }
    setAsked((now) => new Set([...now].filter((id) => id !== job.id)));
    refresh();
  }
  return (
    <section className="panel-card whole-card" aria-labelledby="dead-title">
      <header><h2 id="dead-title">Failed jobs</h2>{count > 0 && <span className="quiet numbers">{count} dead {count === 1 ? 'letter' : 'letters'}</span>}</header>
      {jobs.length === 0 ? <p className="quiet">No permanently failed jobs.</p> : (
        <div className="scroll" tabIndex={0} role="group" aria-labelledby="dead-title">
          <table className="plain">
            <thead><tr><th scope="col">Job</th><th scope="col">Store</th><th scope="col">Ended</th><th scope="col">Why</th><th><span className="hidden">Actions</span></th></tr></thead>
            <tbody>
              {jobs.map((job) => (
                <tr key={job.id}>
                  <td className="numbers">{job.id} <span className="quiet">{job.kind}</span></td>
                  <td><button type="button" className="as-link" onClick={() => go({ place: 'stores', store: job.storeId, tab: 'history' })}>{job.storeName}</button></td>
                  <td className="quiet numbers">{job.finishedAt && <Ago at={job.finishedAt} />}</td>
                  <td className="why">{job.error}</td>
                  <td><button type="button" className="small" disabled={asked.has(job.id)} onClick={() => void replay(job)}><Icon name="retry" />{asked.has(job.id) ? 'Asked…' : 'Replay'}</button></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
