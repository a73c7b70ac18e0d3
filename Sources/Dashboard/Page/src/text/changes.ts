// What is being changed of a store that serves, and how it ended. Pure.
import type { Store } from '../api/schema';

/** What a store is, as the page tells it. The API's four words hide more than they say: who is ready may be asleep, or have lost all that it had. */
export type State = 'healthy' | 'degraded' | 'lost' | 'asleep' | 'building' | 'queued' | 'failed' | 'deleting';

type Facts = Pick<Store, 'status' | 'asleep' | 'activity' | 'health' | 'drift' | 'askedAt' | 'provisioningStartedAt'>;

/** A store serves until it is asleep, and not before it is awake. One whose health nobody knows is not called healthy. */
export function stateOf(store: Facts): State {
  if (store.status === 'provisioning') return store.provisioningStartedAt && store.provisioningStartedAt >= store.askedAt ? 'building' : 'queued';
  if (store.status !== 'ready') return store.status;
  if (store.drift === 'namespace') return 'lost';
  if (store.asleep ? store.activity !== 'falling-asleep' : store.activity === 'waking') return 'asleep';
  return store.health === 'degraded' || store.health === 'unknown' || store.drift ? 'degraded' : 'healthy';
}

/** What the list can be held to: a state, or those that a word of the API's covers and that are one thing to whoever looks. */
export type Filter = State | 'ready' | 'provisioning';
const groups: Partial<Record<Filter, State[]>> = { ready: ['healthy', 'degraded'], provisioning: ['building', 'queued'] };
export const statesOf = (filter: Filter): State[] => groups[filter] ?? [filter as State];
/** By which a search finds it. */
export const wordsOf = (state: State) => [state, ...Object.entries(groups).flatMap(([word, states]) => (states.includes(state) ? [word] : []))].join(' ');

/** Whether its address shows the storefront. */
export const isServing = (store: Store) => Boolean(store.url) && statesOf('ready').includes(stateOf(store)) && store.activity !== 'restoring';

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
