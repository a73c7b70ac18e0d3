// Times as people read them.
import { useSyncExternalStore } from 'react';

const units: [limit: number, size: number, word: string][] = [[60, 1, 's'], [3_600, 60, 'm'], [86_400, 3_600, 'h'], [Infinity, 86_400, 'd']];

/** `42s`, `5m`, `3h`, `2d`. */
export function age(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [, size, word] = units.find(([limit]) => whole < limit) ?? units[3]!;
  return `${Math.floor(whole / size)}${word}`;
}

/** `0.8 s`, `42 s`, `3 min 05 s`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return whole < 3_600 ? `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s` : `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}

export const secondsBetween = (from: string, to: string | number) => (new Date(to).getTime() - new Date(from).getTime()) / 1_000;

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
export const exactly = (at: string) => exact.format(new Date(at));
export const atClock = (at: string) => clock.format(new Date(at));

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

export function Clock({ at }: { at: string }) {
  return (
    <time dateTime={at} title={exactly(at)}>
      {atClock(at)}
    </time>
  );
}
