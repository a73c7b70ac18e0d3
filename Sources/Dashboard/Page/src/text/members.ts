// What somebody is of a store, and what they may do there. Pure.
import type { Answers, Member, MemberRole, StoreInvitation } from '../api/schema';

type Me = Answers['getMe'];

/** What the reader may do with a store: each may all that those before may. */
const powers = ['see', 'run', 'own'] as const;
export type Power = typeof powers[number];

export function powerOver(store: { id: string; userId: string | null }, me: Me | null): Power {
  // Where nobody is named, everything is everybody's.
  if (!me || me.userId === null || me.userId === store.userId || me.role === 'admin') return 'own';
  return me.memberOf.find((one) => one.store === store.id)?.role === 'manager' ? 'run' : 'see';
}

export const isAtLeast = (power: Power, least: Power) => powers.indexOf(power) >= powers.indexOf(least);

export const roleNames: Record<Member['role'], string> = { viewer: 'Viewer', manager: 'Manager', owner: 'Owner' };

export const roleTexts: Record<MemberRole, string> = {
  viewer: 'Sees the store, its health, backups and history.',
  manager: 'Runs it, too: name, sleep, versions, backups, domains and logs. Not the admin’s password, plan, copies or its end.',
};

export const memberName = (member: Member) => member.email ?? member.user;

export function invitationText({ role, email }: StoreInvitation): string {
  const whom = email ?? 'Whoever has the link';
  return role === 'owner' ? `${whom} can become the owner` : `${whom} can join as ${role}`;
}

/** Absolute, to hand on. */
export const linkOf = (path: string, origin: string) => new URL(path, origin).href;

/** What accepting does, to who is asked. */
export function acceptText({ role, invitedBy, leavesAs }: StoreInvitation, store: string): string {
  const before = leavesAs ? `its owner of now stays as ${leavesAs}` : 'its owner of now has no say in it any more';
  if (role === 'owner') return `${invitedBy} offers you the store ${store}. It counts toward your quota then, its admin gets a new password, and ${before}.`;
  return `${invitedBy} invites you to the store ${store} as ${role}. ${roleTexts[role]}`;
}
