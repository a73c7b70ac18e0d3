// The plans that the workers report, read when a dialog shows them.
import { useEffect, useState } from 'react';
import { call } from '../api/client';
import type { Answers } from '../api/schema';

const none: Answers['listPlans'] = { plans: [], engines: [] };

/** Empty until they are read, and where no worker is there: then a store has its engine's default. */
export function usePlans(): Answers['listPlans'] {
  const [known, set] = useState(none);
  useEffect(() => {
    const asked = new AbortController();
    call('listPlans', { signal: asked.signal }).then(set, () => undefined);
    return () => asked.abort();
  }, []);
  return known;
}
