// What is read from the API when it is shown, and anew when something may be another.
import { useEffect, useState } from 'react';
import { call, messageOf } from '../api/client';
import type { Answers } from '../api/schema';

interface Read<Name extends keyof Answers> {
  /** Null before it was read once. */
  answer: Answers[Name] | null;
  error: string | null;
}

/** `id`: the path's, where it has one. `anew`: it is read again when that changes. */
export function useRead<Name extends keyof Answers>(name: Name, id = '', anew = ''): Read<Name> {
  const [read, set] = useState<Read<Name>>({ answer: null, error: null });
  useEffect(() => {
    const asked = new AbortController();
    call(name, { path: { id }, signal: asked.signal }).then(
      (answer) => set({ answer, error: null }),
      (refusal) => { if (!asked.signal.aborted) set((now) => ({ ...now, error: messageOf(refusal) })); },
    );
    return () => asked.abort();
  }, [name, id, anew]);
  return read;
}
