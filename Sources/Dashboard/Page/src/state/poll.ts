// What is asked for anew every few seconds while somebody looks: the operator's routes do not push.
import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, messageOf } from '../api/client';

const EVERY = 2_000;

export interface Polled<Data> {
  data: Data | null;
  /** Why the last time failed; what is shown may be old. */
  error: string | null;
  /** Why one may not ask at all. */
  refused: string | null;
  refresh: () => void;
}

/** Waits for that many milliseconds, or until the page is looked at again. */
const shownAgainOr = (milliseconds: number) => new Promise<unknown>((resolve) => {
  const end = () => { clearTimeout(timer); document.removeEventListener('visibilitychange', end); resolve(null); };
  const timer = setTimeout(end, milliseconds);
  document.addEventListener('visibilitychange', end);
});

/** `who`: begins anew when it changes. `every`: in milliseconds. */
export function usePolled<Data>(read: (signal: AbortSignal) => Promise<Data>, who: string, every = EVERY): Polled<Data> {
  const [state, set] = useState<{ data: Data | null; error: string | null; refused: string | null }>({ data: null, error: null, refused: null });
  const current = useRef(read);
  current.current = read;
  /** Whether it makes sense to ask again. */
  const ask = useCallback(async (signal: AbortSignal): Promise<boolean> => {
    try {
      const data = await current.current(signal);
      set({ data, error: null, refused: null });
    } catch (problem) {
      if (signal.aborted) return false;
      if (problem instanceof ApiError && (problem.status === 401 || problem.status === 403)) {
        set({ data: null, error: null, refused: problem.message });
        return false;
      }
      set((now) => ({ ...now, error: messageOf(problem) }));
    }
    return true;
  }, []);

  useEffect(() => {
    const stopped = new AbortController();
    set({ data: null, error: null, refused: null });
    async function watch() {
      while (!stopped.signal.aborted) {
        if (!document.hidden && !(await ask(stopped.signal))) return;
        await shownAgainOr(every);
      }
    }
    void watch();
    return () => stopped.abort();
  }, [who, ask, every]);

  return { ...state, refresh: () => void ask(new AbortController().signal) };
}
