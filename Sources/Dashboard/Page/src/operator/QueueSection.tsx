import { call } from '../api/client';
import type { Queue } from '../api/schema';
import { usePolled } from '../state/poll';
import { Skeleton } from '../ui/parts';
import { FailedJobs } from './FailedJobs';
import { HeldNamespaces } from './HeldNamespaces';
import { QueueBlock } from './QueueBlock';
import { RunningJobs } from './RunningJobs';
import { WeekBlock } from './WeekBlock';
import { WaitingJobs } from './WaitingJobs';

/** As many jobs of a state as are looked at. */
const MOST = 200;

export function QueueSection({ queue, token, refreshQueue }: { queue: Queue; token: string; refreshQueue: () => void }) {
  const { data, error, refresh } = usePolled(async (signal) => {
    const [waiting, running, failed, locks, workers] = await Promise.all([
      call('listWaiting', { query: { limit: 100 }, signal }), call('listJobs', { query: { state: 'running', limit: MOST }, signal }),
      call('listJobs', { query: { state: 'failed', limit: MOST }, signal }), call('listLocks', { signal }), call('listWorkers', { signal }),
    ]);
    return { waiting: waiting.jobs, running: running.jobs, failed: failed.jobs, locks: locks.locks, workers: workers.workers };
  }, token);
  const changed = () => {
    refresh();
    refreshQueue();
  };
  return (
    <div className="cards-grid">
      <QueueBlock queue={queue} workers={data?.workers ?? []} refresh={changed} />
      {error && <p className="wrong" role="status">{error} What you see may be old.</p>}
      {!data ? <Skeleton lines={6} /> : (
        <>
          <WeekBlock token={token} />
          <WaitingJobs jobs={data.waiting} />
          <RunningJobs jobs={data.running} refresh={changed} />
          <FailedJobs jobs={data.failed} count={queue.dead} refresh={changed} />
          <HeldNamespaces locks={data.locks} />
        </>
      )}
    </div>
  );
}
