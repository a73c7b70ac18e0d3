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

/** Whether there is data to back up; nothing else may be under way. */
export const canBackUp = (store: Store) => (store.status === 'ready' || store.status === 'failed') && Boolean(store.readyAt) && !store.activity && !isLost(store);

export const canRestore = (store: Store) => (store.status === 'ready' || store.status === 'failed') && !store.activity;

/** Its volumes went with its namespace. */
export const isLost = (store: Store) => store.drift === 'namespace';
