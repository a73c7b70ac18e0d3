// What a store used and how it answered, by the hour. Pure.
import type { UseDay } from '../api/schema';

export type Measure = 'cpuMillis' | 'memoryBytes' | 'responseMillis';
export type Range = 'day' | 'week' | 'year';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How many days are asked for: those of a range in which part of the first one lies. */
export const daysOf: Record<Range, number> = { day: 2, week: 8, year: 366 };

/** A value for each hour (of a year: for each day), oldest first, the present one last; null where nobody looked. */
export function series(days: UseDay[], measure: Measure, range: Range, now: number): (number | null)[] {
  const known = new Map(days.map((one) => [Date.parse(one.day) / DAY, one[measure]]));
  if (range === 'year') {
    const today = Math.floor(now / DAY);
    return Array.from({ length: 365 }, (_, index) => ofDay(known.get(today - 364 + index) ?? [], measure));
  }
  const [count, last] = [range === 'day' ? 24 : 168, Math.floor(now / HOUR)];
  return Array.from({ length: count }, (_, index) => {
    const hour = last - count + 1 + index;
    return known.get(Math.floor(hour / 24))?.[hour % 24] ?? null;
  });
}

/** Of memory the most, of the others the mean. */
function ofDay(hours: (number | null)[], measure: Measure): number | null {
  const known = hours.filter((one): one is number => one !== null);
  if (known.length === 0) return null;
  return measure === 'memoryBytes' ? Math.max(...known) : known.reduce((sum, one) => sum + one, 0) / known.length;
}

/** The last that is known. */
export const latest = (values: (number | null)[]): number | null => values.reduce((last, one) => one ?? last, null);
