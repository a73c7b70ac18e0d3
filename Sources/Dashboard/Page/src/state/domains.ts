// A store's own domains: read when they are shown, and anew when the store's row says that one changed.
import { call } from '../api/client';
import type { Domain, Store } from '../api/schema';
import type { Detail } from './detail';
import { take } from './list';
import { useRead } from './read';

/** Each look at a domain is a change of its store, which is pushed. */
export const useDomains = (store: Detail) => useRead('listDomains', store.id, store.updatedAt);

/** Throws `ApiError`, as its siblings do; with the code `taken` where another store has proved the domain. */
export async function addDomain(store: Store, host: string, takeOver: boolean): Promise<void> {
  await call('addDomain', { path: { id: store.id }, body: { host, takeOver } });
}

export async function checkDomain(store: Store, { host }: Domain): Promise<void> {
  await call('checkDomain', { path: { id: store.id, host } });
}

export async function removeDomain(store: Store, { host }: Domain): Promise<void> {
  take((await call('removeDomain', { path: { id: store.id, host } })).store);
}

/** `host`: also the store's host of the platform, to go back. */
export async function choosePrimary(store: Store, host: string): Promise<void> {
  take((await call('choosePrimaryDomain', { path: { id: store.id, host } })).store);
}
