// What was done with a store, in words. Pure.
import type { Activity } from '../api/schema';

const phrases: Record<string, string> = {
  'store.create': 'created the store',
  'store.clone': 'created the store as a copy',
  'store.undelete': 'brought the store back',
  'store.recover': 'recovered the store from its backups',
  'store.retry': 'tried again',
  'store.take-over': 'had fields set that were changed outside',
  'store.recreate': 'made the store anew, empty',
  'store.delete': 'deleted the store',
  'store.purge': 'deleted the store for good',
  'store.backup': 'took a backup',
  'store.restore': 'restored a backup',
  'store.export': 'had a file made of a backup',
  'store.download': 'downloaded a backup',
  'store.admin-session': 'opened the admin',
  'store.schedule': 'followed the sleep schedule',
  'store.pin': 'kept its version for a while',
  'store.unpin': 'let it be upgraded with the others',
  'member.set': 'changed who works on the store',
  'member.remove': 'took somebody off the store',
  'member.invite': 'invited somebody',
  'member.withdraw': 'withdrew an invitation',
  'member.leave': 'left the store',
  'store.offer': 'offered the store to somebody',
  'credentials.reveal': 'looked at the admin’s password',
  'credentials.regenerate': 'asked for a new password',
};

/** What follows is the domain, which the audit has as the detail. */
const domainPhrases: Record<string, string> = {
  'domain.add': 'added the domain',
  'domain.check': 'had a look taken at the domain',
  'domain.remove': 'removed the domain',
  'domain.primary': 'made it the store’s address:',
  'domain.verified': 'saw the proof of the domain',
  'domain.active': 'serves the store at',
  'domain.failing': 'serves the store no more at',
  'domain.lose': 'took a domain away:',
  'domain.withdraw': 'serves the failed store no more at',
};

/** `me`: as the API names who reads this. */
export function whoDid({ actor, source }: Activity, me: string): string {
  if (source === 'worker') return 'Store Weaver';
  return actor === null ? 'Somebody else' : actor === me ? 'You' : actor;
}

/** Without its subject. Lines of before have no detail of a change but `accepted`. */
export function whatWasDone({ action, detail }: Activity): string {
  if (action === 'store.change') return detail && !['accepted', 'unchanged', 'scheduled'].includes(detail) ? `changed it: ${detail}` : 'changed it';
  // As X as manager.
  const role = action === 'member.accept' && / as (\w+)$/.exec(detail ?? '')?.[1];
  if (role) return role === 'owner' ? 'took the store' : `joined as ${role}`;
  const domain = domainPhrases[action];
  if (domain) return `${domain} ${detail ?? ''}`.trim();
  return phrases[action] ?? action;
}
