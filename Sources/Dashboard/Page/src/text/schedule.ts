// When a store is awake of itself, between the API's text and a form. Pure.

export const weekdays = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'] as const;
export type Weekday = typeof weekdays[number];

export interface Schedule {
  days: ReadonlySet<Weekday>;
  /** `HH:MM`. An end that is earlier than the start is on the next day. */
  start: string;
  end: string;
  /** A name of IANA's, or UTC. */
  zone: string;
}

/** Reads what the API writes; null for anything else. */
export function parseSchedule(text: string): Schedule | null {
  const [listed, hours, zone, ...rest] = text.split(' ');
  const span = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(hours ?? '');
  if (!listed || !span || !zone || rest.length) return null;
  const days = new Set<Weekday>();
  for (const part of listed.split(',')) {
    const ends = part.split('-').map((day) => weekdays.indexOf(day as Weekday));
    const [first, last] = [ends[0]!, ends[ends.length - 1]!];
    if (ends.length > 2 || first < 0 || last < 0) return null;
    for (let step = 0; step <= (last - first + 7) % 7; step += 1) days.add(weekdays[(first + step) % 7]!);
  }
  return { days, start: span[1]!, end: span[2]!, zone };
}

/** As the API takes it. */
export const formatSchedule = ({ days, start, end, zone }: Schedule) => `${weekdays.filter((day) => days.has(day)).join(',')} ${start}-${end} ${zone}`;

/** What is wrong with what a form has; null: nothing that is known here. */
export function scheduleProblem({ days, start, end, zone }: Schedule): string | null {
  if (days.size === 0) return 'Choose at least one day.';
  if (!/^\d\d:\d\d$/.test(start) || !/^\d\d:\d\d$/.test(end)) return 'Give both hours.';
  if (start === end) return 'It must be awake for some time: give two different hours.';
  if (zone !== 'UTC' && !zone.includes('/')) return 'Give a time zone such as Europe/Berlin, or UTC.';
  return null;
}
