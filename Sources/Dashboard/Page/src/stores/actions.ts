// What people ask for one store or for many, and the result for each.
import { messageOf } from '../api/client';
import type { Store } from '../api/schema';
import { wish, type Wish } from '../state/list';
import { toast } from '../state/toasts';

const done: Record<Wish, string> = { retry: 'is tried again', takeOver: 'is tried again', delete: 'is being deleted', purge: 'is being deleted for good', sleep: 'is falling asleep', wake: 'is waking' };
const doneMany: Record<Wish, string> = { retry: 'are tried again', takeOver: 'are tried again', delete: 'are being deleted', purge: 'are being deleted for good', sleep: 'are falling asleep', wake: 'are waking' };

/** How many requests are under way at once. */
const ABREAST = 4;

export async function askMany(stores: Store[], kind: Wish): Promise<void> {
  const waiting = [...stores];
  const failures: string[] = [];
  async function work() {
    for (let store = waiting.shift(); store; store = waiting.shift()) {
      try {
        await wish(store, kind);
      } catch (error) {
        failures.push(`${store.name}: ${messageOf(error)}`);
      }
    }
  }
  await Promise.all(Array.from({ length: ABREAST }, work));
  const good = stores.length - failures.length;
  if (stores.length === 1) {
    if (failures.length) toast('bad', failures[0]!);
    else toast('plain', `${stores[0]!.name} ${done[kind]}.`);
  } else if (failures.length) {
    toast('bad', `${good} of ${stores.length} stores ${doneMany[kind]}. ${failures.length} could not be asked for:`, failures);
  } else {
    toast('plain', `${good} stores ${doneMany[kind]}.`);
  }
}
