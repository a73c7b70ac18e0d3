import type { OperatedJob } from '../api/schema';
import { byCause } from '../text/jobs';
import { Block } from '../ui/Block';
import { FailedGroup } from './FailedGroup';

/** Jobs that failed for good, by what failed. `count`: of all that there are. */
export function FailedJobs({ jobs, count, refresh }: { jobs: OperatedJob[]; count: number; refresh: () => void }) {
  return (
    <Block title="Failed jobs" className="whole" actions={count > 0 && <span className="quiet numbers">{count > jobs.length ? `the latest ${jobs.length} of ` : ''}{count} dead {count === 1 ? 'letter' : 'letters'}</span>}>
      {jobs.length === 0 ? <p className="quiet">No permanently failed jobs.</p> : byCause(jobs).map((group) => <FailedGroup key={group.cause} group={group} refresh={refresh} />)}
    </Block>
  );
}
