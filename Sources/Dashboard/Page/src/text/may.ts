// What may be asked of a store. Pure.
import type { Store } from '../api/schema';
import { isLost } from './backups';

/** Failed stores, and ready ones that were changed from outside or whose last change was not made. What is lost is restored or recreated, and not retried. */
export const canRetry = (store: Store) => !isLost(store) && (store.status === 'failed' || (store.status === 'ready' && Boolean(store.drift || store.changeError)));
export const canDelete = (store: Store) => store.status !== 'deleting';

/** The API takes another name also of a failed store, which is then tried again with it. */
export const canRename = (store: Store) => (store.status === 'ready' || store.status === 'failed') && !store.drift && !isLost(store);

export const canSleep = (store: Store) => store.status === 'ready' && !store.asleep && !store.drift;
export const canWake = (store: Store) => store.status === 'ready' && store.asleep && !store.drift;

/** Its deletion was tried and failed; it is tried again by itself, without end. */
export const isStuck = (store: Store) => store.status === 'deleting' && Boolean(store.errorMessage);
