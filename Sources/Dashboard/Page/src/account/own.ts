// What is listed of one's own account.
import { useCallback, useEffect, useState } from 'react';
import { messageOf } from '../api/client';

/** Rows that are read when they are shown, and anew after each `attempt` at something; `wrong` says what of that failed. `read` stays the same. */
export function useOwn<Row>(read: () => Promise<Row[]>) {
  const [rows, setRows] = useState<Row[] | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const attempt = useCallback(async (work: () => Promise<void>) => {
    try {
      await work();
      setRows(await read());
      setWrong(null);
    } catch (error) {
      setWrong(messageOf(error));
    }
  }, [read]);
  useEffect(() => void attempt(async () => undefined), [attempt]);
  return { rows, wrong, attempt };
}
