// Jobs as operators look at them. Pure.
import type { JobChange, OperatedJob, Queue } from '../api/schema';

export interface Group {
  /** A word such as image-pull; empty: no attempt told one. */
  cause: string;
  jobs: OperatedJob[];
}

/** By cause, the largest first; jobs keep their order. */
export function byCause(jobs: OperatedJob[]): Group[] {
  const groups = new Map<string, OperatedJob[]>();
  for (const job of jobs) groups.set(job.cause ?? '', [...(groups.get(job.cause ?? '') ?? []), job]);
  return [...groups].map(([cause, group]) => ({ cause, jobs: group })).sort((a, b) => b.jobs.length - a.jobs.length);
}

export const inState = (queue: Queue, state: string) => queue.living.filter((line) => line.state === state).reduce((sum, line) => sum + line.count, 0);

/** Jobs of a class that run. */
export const runningOf = (queue: Queue, kind: string) => queue.living.filter((line) => line.state === 'running' && line.class === kind).reduce((sum, line) => sum + line.count, 0);

/** How long the oldest waits, in seconds; 0: none does. */
export const longestWait = (queue: Queue) => Math.max(0, ...queue.living.filter((line) => line.state === 'queued').map((line) => line.oldestSeconds));

export const isOver = (job: OperatedJob) => !['queued', 'running'].includes(job.state);

/** One change of a job's state, without why. */
export function changeText({ from, to, attempt, reclaims }: JobChange): string {
  if (from === null) return 'Accepted';
  if (to === 'running') return reclaims > 0 && from === 'running' ? 'Taken from a worker that vanished' : `Attempt ${attempt} began`;
  if (to === 'queued') return 'Back in the queue';
  return { succeeded: 'Done', failed: 'Failed for good', cancelled: 'Cancelled' }[to] ?? to;
}
