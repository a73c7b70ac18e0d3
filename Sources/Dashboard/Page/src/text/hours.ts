// The queue's last seven days, by the hour. Pure.
import type { QueueHour } from '../api/schema';

export const HOUR = 3_600_000;
export const WEEK = 168;

/** One for each hour of the last seven days, oldest first; null where no worker counted. */
export function week(hours: QueueHour[], now: number): (QueueHour | null)[] {
  const known = new Map(hours.map((one) => [Math.floor(Date.parse(one.at) / HOUR), one]));
  const last = Math.floor(now / HOUR);
  return Array.from({ length: WEEK }, (_, index) => known.get(last - WEEK + 1 + index) ?? null);
}

/** Of all hours together. */
export function totals(hours: (QueueHour | null)[]): { succeeded: number; failed: number; cancelled: number } {
  const sum = { succeeded: 0, failed: 0, cancelled: 0 };
  for (const hour of hours) {
    sum.succeeded += hour?.succeeded ?? 0;
    sum.failed += hour?.failed ?? 0;
    sum.cancelled += hour?.cancelled ?? 0;
  }
  return sum;
}

/** `2`, or `2–5` where workers do not have the same; null where none says. */
export function limitOf(limits: (number | null)[]): string | null {
  const known = limits.filter((one): one is number => one !== null);
  if (known.length === 0) return null;
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return least === most ? String(least) : `${least}–${most}`;
}
