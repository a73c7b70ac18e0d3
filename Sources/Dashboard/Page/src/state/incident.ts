// The incident that operators show to everybody who is signed in. It is asked for once a minute: nothing pushes it.
import { useAccount } from '../api/account';
import { call } from '../api/client';
import type { Incident } from '../api/schema';
import { usePolled } from './poll';

export interface ShownIncident {
  incident: Incident | null;
  refresh: () => void;
}

export function useIncident(): ShownIncident {
  const { user } = useAccount();
  const { data, refresh } = usePolled((signal) => call('getIncident', { signal }), user?.id ?? '', 60_000);
  return { incident: data?.incident ?? null, refresh };
}
