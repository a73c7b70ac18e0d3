// What a dialog asks of the API: once at a time, and why it was refused.
import { useState } from 'react';
import { messageOf } from '../api/client';

/** `ask` does the work, unless some is being done. Where that fails, `refusal` says why and it can be asked again; done is done, and the dialog goes. */
export function useAsking() {
  const [isAsking, setAsking] = useState(false);
  const [refusal, tell] = useState<string | null>(null);
  async function ask(work: () => Promise<void>): Promise<void> {
    if (isAsking) return;
    setAsking(true);
    tell(null);
    try {
      await work();
    } catch (error) {
      tell(messageOf(error));
      setAsking(false);
    }
  }
  return { isAsking, refusal, tell, ask };
}
