// Times as people read them. Pure: the components are in ui/time.tsx.

const units: [limit: number, size: number, word: string][] = [[60, 1, 's'], [3_600, 60, 'm'], [86_400, 3_600, 'h'], [Infinity, 86_400, 'd']];

/** `42s`, `5m`, `3h`, `2d`. */
export function age(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [, size, word] = units.find(([limit]) => whole < limit) ?? units[3]!;
  return `${Math.floor(whole / size)}${word}`;
}

/** `0.8 s`, `42 s`, `3 min 05 s`. */
export function duration(seconds: number): string {
  // Rounded before the form is chosen: 59.6 s are a minute, not 60 s.
  const tenths = Math.round(Math.max(0, seconds) * 10) / 10;
  if (tenths < 10) return `${tenths.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  return whole < 3_600 ? `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s` : `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}

/** An estimate, no finer than it can be: `1 min`, `12 min`, `1 h 20 min`. */
export function about(seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 60) return `${minutes} min`;
  const [hours, rest] = [Math.floor(minutes / 60), Math.round((minutes % 60) / 10) * 10];
  return rest && rest < 60 ? `${hours} h ${rest} min` : `${hours + (rest === 60 ? 1 : 0)} h`;
}

export const days = (number: number) => `${number} ${number === 1 ? 'day' : 'days'}`;

export const secondsBetween = (from: string, to: string | number) => (new Date(to).getTime() - new Date(from).getTime()) / 1_000;

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
export const exactly = (at: string) => exact.format(new Date(at));
export const atClock = (at: string) => clock.format(new Date(at));
