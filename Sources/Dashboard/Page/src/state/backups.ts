// A store's backups, and the deleted stores that are kept: read when they are shown, and anew when something may be another.
import { useEffect, useState } from 'react';
import { call, messageOf } from '../api/client';
import type { Answers, DeletedStore, Store } from '../api/schema';
import type { Detail } from './detail';
import { take, tellEnd } from './list';

interface Read<Name extends keyof Answers> {
  /** Null before it was read once. */
  answer: Answers[Name] | null;
  error: string | null;
}

function useRead<Name extends keyof Answers>(name: Name, id: string, anew: string): Read<Name> {
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

export async function restore(store: Store, backup: string): Promise<void> {
  take((await call('restoreStore', { path: { id: store.id }, body: { backup } })).store);
}

export interface Copy {
  name: string;
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
