// Who owns what, and what the signed-in person may do with it.
import { useCallback, useEffect, useState } from 'react';
import { useAccount } from '../api/account';
import { call } from '../api/client';
import type { Store } from '../api/schema';

/** Whether there are stores of others to see: for operators and admins, where the API knows who asks. */
export function useSeesAll(): boolean {
  const { user } = useAccount();
  return Boolean(user && user.role !== 'user');
}

/** Operators see everybody's stores and change their own; the API answers as if the others were not there. */
export function useMayChange(): (store: Pick<Store, 'userId'>) => boolean {
  const { user } = useAccount();
  return useCallback((store) => user?.role !== 'operator' || store.userId === user.id, [user]);
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
