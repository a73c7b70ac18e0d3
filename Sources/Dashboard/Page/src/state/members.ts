// Who works on a store: read when it is shown, and anew when the store's row says that something changed.
import { call } from '../api/client';
import type { Member, MemberRole, Store, StoreInvitation } from '../api/schema';
import type { Detail } from './detail';
import { askForQuota, take } from './list';
import { useRead } from './read';

/** Invitations change no row: `revision` counts what was done here. */
export const useMembers = (store: Detail, revision: number) => useRead('listMembers', store.id, `${store.updatedAt} ${revision}`);

/** The address's end that makes somebody a member. Throws `ApiError`, as its siblings do. */
export async function inviteMember(store: Store, role: MemberRole, email: string | null): Promise<string> {
  return (await call('inviteMember', { path: { id: store.id }, body: { role, email } })).invitation.path!;
}

export async function offerStore(store: Store, leavesAs: MemberRole | null, email: string | null): Promise<string> {
  return (await call('offerStore', { path: { id: store.id }, body: { leavesAs, email } })).invitation.path!;
}

export async function setMember(store: Store, { user }: Member, role: MemberRole): Promise<void> {
  await call('setMember', { path: { id: store.id, member: user }, body: { role } });
}

export async function removeMember(store: Store, { user }: Member): Promise<void> {
  await call('removeMember', { path: { id: store.id, member: user } });
}

export async function withdraw(store: Store, { id }: StoreInvitation): Promise<void> {
  await call('withdrawInvitation', { path: { id: store.id, invitation: id } });
}

export const readInvitation = (token: string) => call('readInvitation', { body: { invitation: token } });

/** What the reader is then told. */
export async function acceptInvitation(token: string): Promise<{ message: string; store: Store }> {
  const answer = await call('acceptInvitation', { body: { invitation: token } });
  take(answer.store);
  askForQuota();
  return answer;
}
