// How long a store takes to be made here. Pure.
import type { Engine, Store } from '../api/schema';
import { secondsBetween } from './time';

const LATEST = 24;

/** The median of the latest stores of that engine, from the click, in seconds; null where none is known. `stores`: newest first. */
export function usualTime(stores: Store[], engine: Engine): number | null {
  const times: number[] = [];
  for (const store of stores) {
    if (store.engine === engine && store.readyAt && store.readyAt > store.askedAt) times.push(secondsBetween(store.askedAt, store.readyAt));
    if (times.length === LATEST) break;
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? null;
}
