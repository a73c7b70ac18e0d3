// A store's backups, and the deleted stores that are kept: read when they are shown, and anew when something may be another.
import { ApiError, call } from '../api/client';
import type { DeletedStore, Store } from '../api/schema';
import type { Detail } from './detail';
import { take, tellEnd } from './list';
import { useRead } from './read';

/** Newest first. */
export const useBackups = (store: Detail) =>
  useRead('listBackups', store.id, [store.status, store.activity, store.lastBackupAt, store.job?.id, store.job?.state, store.job?.attempt].join());

/** `anew`: read again when it changes; what is deleted or brought back changes the number of stores. */
export const useDeletedStores = (anew = '') => useRead('listDeletedStores', '', anew);

/** Throws `ApiError`, as its siblings do. */
export async function takeBackup(store: Store): Promise<void> {
  await call('takeBackup', { path: { id: store.id } });
  tellEnd(store);
}

/** Has a file made of the backup, and has the browser fetch it once it is there. Throws `ApiError`, also of an export that failed. */
export async function download(store: Store, backup: string): Promise<void> {
  let { export: made } = await call('exportStore', { path: { id: store.id }, body: { backup } });
  while (made.status === 'running') {
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    ({ export: made } = await call('getExport', { path: { id: store.id, export: made.id } }));
  }
  if (!made.link) throw new ApiError(made.error ?? 'The file could not be made.', 0);
  location.assign(made.link);
}

export async function restore(store: Store, backup: string): Promise<void> {
  take((await call('restoreStore', { path: { id: store.id }, body: { backup } })).store);
}

export interface Copy {
  name: string;
  /** Without it, of the name. */
  slug?: string;
  /** Without it, one that is taken now. */
  backup?: string;
  staging: boolean;
}

export async function copy(store: Store, body: Copy, idempotencyKey: string): Promise<Store> {
  const made = await call('cloneStore', { path: { id: store.id }, body, idempotencyKey });
  take(made.store);
  return made.store;
}

/** Keeps nothing of it any longer. */
export async function forget(store: DeletedStore): Promise<void> {
  await call('deleteStore', { path: { id: store.id }, query: { purge: 'true' } });
}

export async function bringBack(store: DeletedStore): Promise<Store> {
  const made = await call('undeleteStore', { path: { id: store.id } });
  take(made.store);
  return made.store;
}
