import { useMemo } from 'react';
import type { Store } from '../api/schema';
import { go } from '../state/url';
import { statesOf, type Filter, type State } from '../text/changes';
import { statusNames } from '../text/names';
import { duration, secondsBetween } from '../text/time';
import { Icon, type IconName } from '../ui/icons';

interface Tile {
  filter: Filter | null;
  icon: IconName;
  /** Whether it is there only while there are such stores. */
  isRare?: boolean;
}

/** Ready counts what serves, Provisioning what is on its way there; both have their parts below. */
const tiles: Tile[] = [
  { filter: null, icon: 'store' },
  { filter: 'ready', icon: 'check' },
  { filter: 'provisioning', icon: 'clock' },
  { filter: 'asleep', icon: 'moon', isRare: true },
  { filter: 'lost', icon: 'alert', isRare: true },
  { filter: 'failed', icon: 'alert' },
];

interface Props {
  stores: Store[];
  counts: Record<State, number>;
  chosen: Filter | null;
  isLoaded: boolean;
}

/** The numbers; each is a filter. */
export function StatsBar({ stores, counts, chosen, isLoaded }: Props) {
  const number = (filter: Filter | null) => (filter ? statesOf(filter).reduce((sum, state) => sum + counts[state], 0) : stores.length);
  const choose = (filter: Filter | null) => go({ status: chosen === filter ? null : filter, page: 1 });
  return (
    <div className="stats" role="group" aria-label="Stores by status">
      {tiles.filter(({ filter, isRare }) => !isRare || number(filter) > 0 || chosen === filter).map(({ filter, icon }) => {
        const parts = filter ? statesOf(filter) : [];
        return (
          <div key={filter ?? 'total'} className="tile">
            <button type="button" className={`stat ${filter ?? 'total'}`} aria-pressed={chosen === filter} onClick={() => choose(filter)}>
              <span className="label"><Icon name={icon} />{filter ? statusNames[filter] : 'Total'}</span>
              <span className="value numbers">{isLoaded ? number(filter) : '–'}</span>
            </button>
            {parts.length > 1 && (
              <span className="parts">
                {parts.map((part) => (
                  <button key={part} type="button" className={`part ${counts[part] ? part : 'none'}`} aria-pressed={chosen === part} onClick={() => choose(part)}>
                    {statusNames[part]} <span className="numbers">{isLoaded ? counts[part] : '–'}</span>
                  </button>
                ))}
              </span>
            )}
          </div>
        );
      })}
      <ReadyTimes stores={stores} />
    </div>
  );
}

const SHOWN = 24;

/** How long people waited for the latest stores that became ready, from the click, oldest first. */
function ReadyTimes({ stores }: { stores: Store[] }) {
  const times = useMemo(() => {
    const taken: number[] = [];
    for (const store of stores) {
      if (store.readyAt && store.readyAt > store.askedAt) taken.push(secondsBetween(store.askedAt, store.readyAt));
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
