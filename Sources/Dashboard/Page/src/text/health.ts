// How a store fared over a time, from the changes of its health. Pure.
import type { Answers, Health } from '../api/schema';

type Change = Answers['getHealthHistory']['history'][number];

export interface Span {
  /** Null: it was not to serve, or nobody looked. */
  health: Health;
  /** Milliseconds, as of Date. */
  from: number;
  to: number;
}

/** As many changes as the API keeps in an answer: before the oldest of them nothing is known. */
const KEPT = 100;

/** Oldest first, without gaps. `history`: newest first; `health`: what it is now; `since`: when the store was first ready. */
export function spans(history: Change[], health: Health, since: string | null, from: number, to: number): Span[] {
  const found: Span[] = [];
  let end = to;
  let state = health;
  function add(start: number) {
    const begin = Math.max(start, from);
    if (begin < end) found.unshift({ health: state, from: begin, to: end });
    end = Math.min(end, begin);
  }
  for (const change of history) {
    const at = Date.parse(change.at);
    if (at >= end) {
      state = change.from;
      continue;
    }
    add(at);
    state = change.from;
    if (end <= from) return found;
  }
  const ready = history.length >= KEPT ? end : since ? Date.parse(since) : end;
  add(ready);
  state = null;
  add(from);
  return found;
}

/** `known`: for how many seconds it was known how the store fares; `share`: the part of them in which it was healthy, 0 to 1. */
export function healthy(all: Span[]): { share: number; known: number } {
  const seconds = (wanted: Health) => all.filter((span) => span.health === wanted).reduce((sum, span) => sum + span.to - span.from, 0) / 1_000;
  const known = seconds('healthy') + seconds('degraded');
  return { share: known > 0 ? seconds('healthy') / known : 0, known };
}

/** `100 %` only of what was healthy all the time. */
export const percent = (share: number) => (share === 1 ? '100 %' : `${(Math.floor(share * 1_000) / 10).toFixed(1)} %`);
