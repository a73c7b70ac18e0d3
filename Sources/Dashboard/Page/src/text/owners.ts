// What an owner is told of a store that failed or is unwell: what it means for them and what they can do. What exactly was seen is for operators. Pure.
import type { Store } from '../api/schema';

/** Causes that lie in what the store itself runs, and not in the platform. */
const inTheStore = ['out-of-memory', 'crash-loop', 'store-unserved', 'not-ready', 'job-failed'];

export function ownersWords(store: Pick<Store, 'status' | 'failureCause' | 'readyAt' | 'name'>): string {
  if (store.failureCause === 'data-lost') return 'What this store had is gone. A backup brings it back; without one it can only be made anew, empty.';
  const what = store.status === 'deleting' ? `We could not delete ${store.name} yet, and go on trying.`
    : store.status === 'ready' ? `${store.name} does not answer its visitors as it should.`
    : store.readyAt ? `${store.name} stopped working, and we could not start it again.` : 'We could not start your store.';
  if (store.failureCause && inTheStore.includes(store.failureCause)) return `${what} Something in it does not start; a retry often helps.`;
  return `${what} The cause is on our side, not in what you chose.${store.status === 'failed' ? ' You can retry; if that does not help, tell whoever runs this installation.' : ''}`;
}
