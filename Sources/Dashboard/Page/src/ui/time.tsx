// Times that are kept up to date on the screen.
import { useSyncExternalStore } from 'react';
import { age, atClock, exactly, secondsBetween } from '../text/time';

/** The time, anew every second or every ten: all who want the same have one clock. */
export function useNow(every: 1 | 10 = 1): number {
  return useSyncExternalStore(clocks[every].subscribe, clocks[every].now);
}

function makeClock(seconds: number) {
  let now = Date.now();
  let timer = 0;
  const listeners = new Set<() => void>();
  return {
    now: () => now,
    subscribe(listener: () => void) {
      // Stood still while nobody looked.
      if (listeners.size === 0) now = Date.now();
      listeners.add(listener);
      timer ||= window.setInterval(() => {
        now = Date.now();
        listeners.forEach((one) => one());
      }, seconds * 1_000);
      return () => {
        listeners.delete(listener);
        if (listeners.size) return;
        clearInterval(timer);
        timer = 0;
      };
    },
  };
}
const clocks = { 1: makeClock(1), 10: makeClock(10) };

/** How long ago, kept up to date; the exact time when pointed at. */
export function Ago({ at }: { at: string }) {
  const now = useNow(10);
  return (
    <time dateTime={at} title={exactly(at)}>
      {age(secondsBetween(at, now))} ago
    </time>
  );
}

/** How long until then, e.g. `6d left`. */
export function Left({ until }: { until: string }) {
  const now = useNow(10);
  return <>{age(-secondsBetween(until, now))} left</>;
}

export function Clock({ at }: { at: string }) {
  return (
    <time dateTime={at} title={exactly(at)}>
      {atClock(at)}
    </time>
  );
}
