import { useMemo } from 'react';
import type { Store } from '../api/schema';
import { go } from '../state/url';
import type { State } from '../text/changes';
import { duration, secondsBetween } from '../text/time';
import { Icon, type IconName } from '../ui/icons';

const tiles: { status: State | null; label: string; icon: IconName }[] = [
  { status: null, label: 'Total', icon: 'store' },
  { status: 'ready', label: 'Ready', icon: 'check' },
  { status: 'asleep', label: 'Asleep', icon: 'moon' },
  { status: 'provisioning', label: 'Provisioning', icon: 'clock' },
  { status: 'failed', label: 'Failed', icon: 'alert' },
];

/** The numbers; each is a filter. */
export function StatsBar({ stores, counts, chosen, isLoaded }: { stores: Store[]; counts: Record<State, number>; chosen: State | null; isLoaded: boolean }) {
  // Who lets no store sleep needs no number for it.
  const shown = tiles.filter(({ status }) => status !== 'asleep' || counts.asleep > 0 || chosen === 'asleep');
  return (
    <div className={`stats ${shown.length > 4 ? 'five' : ''}`} role="group" aria-label="Stores by status">
      {shown.map(({ status, label, icon }) => (
        <button
          key={label} type="button" className={`stat ${status ?? 'total'}`} aria-pressed={chosen === status}
          onClick={() => go({ status: chosen === status ? null : status, page: 1 })}
        >
          <span className="label"><Icon name={icon} />{label}</span>
          <span className="value numbers">{isLoaded ? (status ? counts[status] : stores.length) : '–'}</span>
        </button>
      ))}
      <ReadyTimes stores={stores} />
    </div>
  );
}

const SHOWN = 24;

/** How long the latest stores took to become ready, oldest first. */
function ReadyTimes({ stores }: { stores: Store[] }) {
  const times = useMemo(() => {
    const taken: number[] = [];
    for (const store of stores) {
      if (store.readyAt) taken.push(secondsBetween(store.provisioningStartedAt ?? store.createdAt, store.readyAt));
      if (taken.length === SHOWN) break;
    }
    return taken.reverse();
  }, [stores]);
  const median = [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)];
  const longest = Math.max(...times, 0.001);
  return (
    <div className="stat chart">
      <span className="label">Time to ready, median</span>
      <span className="value numbers">{median === undefined ? '–' : duration(median)}</span>
      {times.length > 1 && (
        <svg viewBox={`0 0 ${SHOWN * 4} 24`} preserveAspectRatio="none" role="img" aria-label={`The latest ${times.length} stores took ${duration(Math.min(...times))} to ${duration(longest)}`}>
          {times.map((time, index) => {
            const height = Math.max(2, (time / longest) * 24);
            return <rect key={index} x={(SHOWN - times.length + index) * 4} y={24 - height} width="3" height={height} rx="1" />;
          })}
        </svg>
      )}
    </div>
  );
}
