// What a store used over a range, read when it is chosen and anew every five minutes.
import { useEffect, useState } from 'react';
import { call, messageOf } from '../api/client';
import type { Answers } from '../api/schema';
import { daysOf, type Range } from '../text/use';

const EVERY = 300_000;

export interface UseOverTime {
  /** Null before it was read once. */
  answer: Answers['getUse'] | null;
  error: string | null;
}

export function useOverTime(id: string, range: Range): UseOverTime {
  const [state, set] = useState<UseOverTime>({ answer: null, error: null });
  useEffect(() => {
    const asked = new AbortController();
    const read = () => void call('getUse', { path: { id }, query: { days: daysOf[range] }, signal: asked.signal }).then(
      (answer) => set({ answer, error: null }),
      (problem) => { if (!asked.signal.aborted) set((now) => ({ ...now, error: messageOf(problem) })); },
    );
    read();
    const timer = window.setInterval(() => { if (!document.hidden) read(); }, EVERY);
    return () => {
      clearInterval(timer);
      asked.abort();
    };
  }, [id, range]);
  return state;
}
