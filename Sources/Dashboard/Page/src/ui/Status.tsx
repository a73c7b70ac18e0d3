// A store's status by icon and word as well as colour.
import type { Store } from '../api/schema';
import type { Wish } from '../state/list';
import { activityNames, stateOf, type State } from '../text/changes';
import { statusNames } from '../text/names';
import { Icon, type IconName } from './icons';

const icons: Record<State, IconName> = { healthy: 'check', degraded: 'alert', lost: 'alert', asleep: 'moon', building: 'clock', queued: 'clock', failed: 'alert', deleting: 'trash' };
/** As the tiles count them. */
const words: Partial<Record<State, string>> = { healthy: 'Ready', building: 'Provisioning' };

function wordOf(store: Store, state: State): string {
  if (state !== 'degraded') return words[state] ?? statusNames[state];
  return store.drift ? 'Ready, changed' : store.health === 'unknown' ? 'Ready, health unknown' : 'Ready, degraded';
}

const asked: Record<Wish, string> = { retry: 'Retry asked…', takeOver: 'Retry asked…', delete: 'Delete asked…', purge: 'Delete asked…', sleep: 'Sleep asked…', wake: 'Wake asked…' };

export function StatusBadge({ store, wish }: { store: Store; wish?: Wish | undefined }) {
  if (wish) {
    return (
      <span className="badge asked">
        <Icon name="clock" />
        {asked[wish]}
      </span>
    );
  }
  const done = store.provisioningSteps.filter((step) => step.completed).length;
  const state = stateOf(store);
  return (
    <span className={`badge ${state}`}>
      <Icon name={icons[state]} />
      {wordOf(store, state)}
      {state === 'building' && <span className="numbers">{done}/5</span>}
    </span>
  );
}

/** What is being changed of a store; nothing while nothing is. */
export function ActivityChip({ store }: { store: Store }) {
  if (!store.activity || store.status !== 'ready') return null;
  return <span className="chip"><i aria-hidden="true" />{activityNames[store.activity]}</span>;
}
