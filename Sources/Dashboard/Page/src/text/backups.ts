// What backups hold, and what going back to one takes away. Pure.
import type { Backup, Store } from '../api/schema';
import { size } from './quantity';

export const backupKinds: Record<Backup['kind'], string> = {
  manual: 'By hand', nightly: 'Nightly', 'pre-change': 'Before a change', final: 'When it was deleted',
};

const counted = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`;

/** `120 MiB, 12 products, 1 order`; empty of a backup that is not done. */
export function contents({ size: bytes, products, orders }: Backup): string {
  const parts = [bytes === null ? null : size(bytes), products === null ? null : counted(products, 'product'), orders === null ? null : counted(orders, 'order')];
  return parts.filter(Boolean).join(', ');
}

/** Of a list that has the newest first. */
export const newestDone = (backups: Backup[]) => backups.find((backup) => backup.status === 'done');

/** What the newest backup has more or fewer, e.g. `3 orders more and 1 product fewer`; null: it is not known. */
export function difference(chosen: Backup, newest: Backup): string | null {
  if (chosen.id === newest.id || chosen.orders === null || newest.orders === null || chosen.products === null || newest.products === null) return null;
  const parts = [compared(newest.orders - chosen.orders, 'order'), compared(newest.products - chosen.products, 'product')].filter(Boolean);
  return parts.join(' and ') || 'as many orders and products';
}

const compared = (number: number, word: string) => (number === 0 ? null : `${counted(Math.abs(number), word)} ${number > 0 ? 'more' : 'fewer'}`);

/** Why there is nothing to back up now; null: there is. */
export function backUpProblem(store: Store): string | null {
  if (isLost(store)) return 'What it had is lost: there is nothing to back up';
  return restoreProblem(store) ?? (store.readyAt ? null : 'It was never ready: there is nothing to back up');
}

/** Why it cannot be restored now; null: it can. */
export function restoreProblem(store: Store): string | null {
  if (store.status === 'provisioning' || store.status === 'deleting') return `Wait until the store is ${store.status === 'deleting' ? 'deleted' : 'made'}`;
  return store.activity ? 'Wait until what is being done with the store has ended' : null;
}

/** What it had went with its namespace or a volume. */
export const isLost = (store: Store) => (store.status === 'ready' && store.drift === 'namespace') || (store.status === 'failed' && store.failureCause === 'data-lost');
