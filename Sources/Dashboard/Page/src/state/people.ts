// Who owns what, and what the signed-in person may do with it.
import { useCallback, useEffect, useState } from 'react';
import { useAccount } from '../api/account';
import { call } from '../api/client';
import type { Store } from '../api/schema';
import { isAtLeast, powerOver, type Power } from '../text/members';
import { useStores } from './list';

/** Whether there are stores of others to see: for operators and admins, where the API knows who asks. */
export function useSeesAll(): boolean {
  const { user } = useAccount();
  return Boolean(user && user.role !== 'user');
}

/** Whether the reader may do so much with a store; the API refuses the rest. */
export function useMay(least: Power): (store: Pick<Store, 'id' | 'userId'>) => boolean {
  const { me } = useStores();
  return useCallback((store) => isAtLeast(powerOver(store, me), least), [me, least]);
}

/** Owners by e-mail, for admins; whom the page does not know has the name that the API gives. */
export function useOwners(wanted: boolean): (id: string | null) => string {
  const { user } = useAccount();
  const [known, set] = useState<ReadonlyMap<string, string>>(new Map());
  const isAdmin = user?.role === 'admin';
  useEffect(() => {
    if (!wanted || !isAdmin) return;
    const asked = new AbortController();
    call('listAccounts', { signal: asked.signal }).then((answer) => set(new Map(answer.accounts.map((one) => [one.id, one.email]))), () => undefined);
    return () => asked.abort();
  }, [wanted, isAdmin]);
  return useCallback((id) => (id === null ? 'nobody' : (known.get(id) ?? (id === user?.id ? (user.name ?? id) : id))), [known, user]);
}
