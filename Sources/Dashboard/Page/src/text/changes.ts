// What is being changed of a store that serves, and how it ended. Pure.
import type { Store } from '../api/schema';

/** A store's status as the page shows it: who is ready and asleep does not serve. */
export type State = Store['status'] | 'asleep';

/** It serves until it is asleep, and not before it is awake. */
export function stateOf(store: Pick<Store, 'status' | 'asleep' | 'activity'>): State {
  if (store.status !== 'ready') return store.status;
  return (store.asleep ? store.activity !== 'falling-asleep' : store.activity === 'waking') ? 'asleep' : 'ready';
}

/** Whether its address shows the storefront. */
export const isServing = (store: Store) => Boolean(store.url) && stateOf(store) === 'ready' && store.activity !== 'restoring';

type Activity = NonNullable<Store['activity']>;

export const activityNames: Record<Activity, string> = {
  resizing: 'Resizing…',
  upgrading: 'Upgrading…',
  renaming: 'Renaming…',
  'falling-asleep': 'Falling asleep…',
  waking: 'Waking…',
  restoring: 'Restoring…',
  'backing-up': 'Backing up…',
  'renewing-password': 'Renewing its password…',
};

const ends: Record<Activity, string> = {
  resizing: 'has its new size',
  upgrading: 'is upgraded',
  renaming: 'has its new name',
  'falling-asleep': 'is asleep',
  waking: 'is awake',
  restoring: 'is restored',
  'backing-up': 'is backed up',
  'renewing-password': 'has a new password',
};

/** How a change ended between two looks at a store, in a sentence; null: none did. `asked`: the store when somebody asked for the change. */
export function endOf(asked: Store, before: Store, after: Store): { isMade: boolean; text: string } | null {
  if (!before.activity || after.activity || after.status !== 'ready') return null;
  // A backup changes nothing of the store, an earlier change's error neither.
  if (before.activity === 'backing-up' && asked.lastBackupAt === after.lastBackupAt) return { isMade: false, text: `${after.name} was not backed up. Its tab Backups says why.` };
  if (before.activity === 'backing-up') return { isMade: true, text: `${after.name} ${ends['backing-up']}.` };
  if (after.changeError) return { isMade: false, text: `${after.name} was not changed and serves as before. ${after.changeError.message}` };
  return { isMade: true, text: `${after.name} ${ends[before.activity]}.` };
}
