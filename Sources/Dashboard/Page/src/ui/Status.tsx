// A store's status by icon and word as well as colour.
import type { Store } from '../api/schema';
import type { Wish } from '../state/list';
import { statusNames } from '../text/names';
import { Icon, type IconName } from './icons';

const icons: Record<Store['status'], IconName> = { ready: 'check', failed: 'alert', provisioning: 'clock', deleting: 'trash' };

const asked: Record<Wish, string> = { retry: 'Retry asked…', takeOver: 'Retry asked…', delete: 'Delete asked…' };

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
  const isUnwell = store.status === 'ready' && (store.health === 'degraded' || Boolean(store.drift));
  return (
    <span className={`badge ${isUnwell ? 'unwell' : store.status}`}>
      <Icon name={isUnwell ? 'alert' : icons[store.status]} />
      {isUnwell ? (store.drift ? 'Ready, changed' : 'Ready, degraded') : statusNames[store.status]}
      {store.status === 'provisioning' && <span className="numbers">{done}/5</span>}
    </span>
  );
}
