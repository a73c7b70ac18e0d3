// What people may be told of, and how telling them went, in words. Pure.
import type { Channel, Delivery, NoticeEvent } from '../api/schema';

const eventNames: Record<NoticeEvent, string> = {
  'store.ready': 'A store is ready',
  'store.failed': 'A store could not be made or changed',
  'store.degraded': 'A store is not well for two minutes',
  'store.recovered': 'A store is well again',
  'store.lost': 'A store is gone from the cluster',
  'store.deleted': 'A store is deleted',
  'backup.failed': 'A backup failed',
  'domain.failing': 'A domain leads elsewhere',
  'domain.lost': 'A domain went to another store',
  'member.added': 'Somebody joined a store',
  'store.transferred': 'A store is another’s now',
  'rollout.halted': 'A rollout was halted',
  'quota.near': 'Most of your quota is used',
};

/** What wants somebody's attention; chosen at first. */
export const urgent: NoticeEvent[] = ['store.failed', 'store.degraded', 'store.recovered', 'store.lost', 'backup.failed', 'domain.failing', 'domain.lost',
  'rollout.halted', 'quota.near'];

const otherNames: Record<string, string> = { test: 'A test', 'channel.confirm': 'The question whether this mailbox is yours' };

export const eventName = (event: string) => eventNames[event as NoticeEvent] ?? otherNames[event] ?? event;

/** How a delivery went, or goes. */
export function outcome(delivery: Delivery): string {
  if (delivery.status === 'delivered') return `Delivered${delivery.code ? `; the answer was ${delivery.code}` : ''}`;
  const why = delivery.error ? `: ${delivery.error}` : '';
  if (delivery.status === 'failed') return `Not delivered${why}`;
  return delivery.attempts === 0 ? 'On its way' : `Tried ${delivery.attempts === 1 ? 'once' : `${delivery.attempts} times`}, and again later${why}`;
}

/** What is wrong with an address, before the server looks; null: nothing. */
export function addressProblem(text: string): string | null {
  const trimmed = text.trim();
  if (!trimmed) return 'Give the address that your service named for webhooks.';
  return /^https?:\/\/[^\s/@?#]+([/?]\S*)?$/i.test(trimmed) ? null : 'The address must begin with https:// and have no user name in it.';
}

/** The same of an e-mail address. */
export const mailProblem = (text: string): string | null => (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text.trim()) ? null : 'Give an e-mail address, such as ada@example.com.');

export const stateName = (channel: Channel) => (
  channel.state === 'unconfirmed' ? 'Not confirmed' : channel.state === 'paused' ? 'Paused' : channel.failingSince ? 'Failing' : 'Active');

/** What the link in a mail asks; null: it is not whole. */
export function mailboxOf(link: string): { stops: boolean; channel: string; token: string } | null {
  const [, word, channel, token] = /^(confirm|stop)\.([0-9a-f]{12})\.([0-9a-f]{32})$/.exec(link) ?? [];
  return word && channel && token ? { stops: word === 'stop', channel, token } : null;
}
