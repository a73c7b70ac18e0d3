// What the operator's routes say, asked for anew every few seconds while somebody looks: these routes do not push.
import { useCallback, useEffect, useState } from 'react';
import { ApiError, call, messageOf } from '../api/client';
import type { Lock, OperatedJob, Orphan, Queue, Worker } from '../api/schema';

export interface Operations {
  queue: Queue;
  workers: Worker[];
  running: OperatedJob[];
  dead: OperatedJob[];
  locks: Lock[];
  orphans: Orphan[];
}

export interface Sample {
  at: number;
  queued: number;
  running: number;
}

const EVERY = 2_000;
const KEPT = 150;

export function useOperations(token: string) {
  const [data, setData] = useState<Operations | null>(null);
  const [samples, setSamples] = useState<Sample[]>([]);
  const [error, setError] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);

  /** Whether it makes sense to ask again. */
  const refresh = useCallback(async (signal?: AbortSignal): Promise<boolean> => {
    try {
      // The first alone: where it is refused, the others need not be.
      const queue = await call('getQueue', { signal });
      const [workers, running, dead, locks, orphans] = await Promise.all([
        call('listWorkers', { signal }), call('listJobs', { query: { state: 'running', limit: 50 }, signal }),
        call('listJobs', { query: { state: 'failed', limit: 50 }, signal }), call('listLocks', { signal }), call('listOrphans', { signal }),
      ]);
      const sum = (state: string) => queue.living.filter((line) => line.state === state).reduce((total, line) => total + line.count, 0);
      setData({ queue, workers: workers.workers, running: running.jobs, dead: dead.jobs, locks: locks.locks, orphans: orphans.orphans });
      setSamples((now) => [...now, { at: Date.now(), queued: sum('queued'), running: sum('running') }].slice(-KEPT));
      setError(null);
    } catch (problem) {
      if (signal?.aborted) return false;
      if (problem instanceof ApiError && (problem.status === 401 || problem.status === 403)) {
        setRefused(problem.message);
        return false;
      }
      setError(messageOf(problem));
    }
    return true;
  }, []);

  useEffect(() => {
    const stopped = new AbortController();
    setRefused(null);
    setData(null);
    async function watch() {
      while (!stopped.signal.aborted) {
        if (!document.hidden && !(await refresh(stopped.signal))) return;
        await new Promise((resolve) => setTimeout(resolve, EVERY));
      }
    }
    void watch();
    return () => stopped.abort();
  }, [token, refresh]);

  return { data, samples, error, refused, refresh: () => void refresh() };
}
