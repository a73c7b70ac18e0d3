// A store's tab "Members": who works on it, and who is invited to.
import { useState } from 'react';
import { messageOf } from '../api/client';
import type { Answers, Member, MemberRole, StoreInvitation } from '../api/schema';
import type { Detail } from '../state/detail';
import { removeMember, setMember, useMembers, withdraw } from '../state/members';
import { toast } from '../state/toasts';
import { goToList } from '../state/url';
import { invitationText, memberName, roleNames } from '../text/members';
import { exactly } from '../text/time';
import { Icon } from '../ui/icons';
import { Empty, Skeleton } from '../ui/parts';
import { InviteDialog } from './InviteDialog';

interface Props {
  store: Detail;
  me: Answers['getMe'] | null;
  mayOwn: boolean;
}

export function Members({ store, me, mayOwn }: Props) {
  const [revision, setRevision] = useState(0);
  const [inviting, setInviting] = useState<'member' | 'offer' | null>(null);
  const [isAsking, setAsking] = useState(false);
  const { answer, error } = useMembers(store, revision);
  if (error && !answer) return <Empty title="The members could not be read" icon="alert"><p>{error}</p></Empty>;
  if (!answer) return <Skeleton lines={4} />;
  const { members, invitations } = answer;

  async function ask(work: () => Promise<void>) {
    setAsking(true);
    try {
      await work();
      setRevision((before) => before + 1);
    } catch (refusal) {
      toast('bad', `${store.name}: ${messageOf(refusal)}`);
    }
    setAsking(false);
  }
  const leave = (member: Member) => ask(async () => {
    await removeMember(store, member);
    goToList();
  });
  const mayAdd = mayOwn && store.status !== 'deleting';
  // Who may see the admin's password, and nobody else.
  const isOwner = !me || me.userId === null || me.userId === store.userId;
  return (
    <div className="backups members">
      <div className="above">
        <p>{members.length <= 1 && invitations.length === 0 ? 'Nobody else works on this store.' : 'Each works on the store as their own account.'}</p>
        <span className="spring" />
        {mayAdd && isOwner && <button type="button" onClick={() => setInviting('offer')}>Give the store to somebody…</button>}
        {mayAdd && <button type="button" className="primary" onClick={() => setInviting('member')}>Invite somebody…</button>}
      </div>
      <ol className="attempts" aria-label="Members">
        {members.map((member) => (
          <MemberItem
            key={member.user} member={member} isMe={member.user === me?.userId} mayOwn={mayOwn} isAsking={isAsking}
            onSet={(role) => void ask(() => setMember(store, member, role))}
            onRemove={() => void ask(() => removeMember(store, member))} onLeave={() => void leave(member)}
          />
        ))}
        {invitations.map((invitation) => (
          <InvitationItem key={invitation.id} invitation={invitation} mayOwn={mayOwn} isAsking={isAsking} onWithdraw={() => void ask(() => withdraw(store, invitation))} />
        ))}
      </ol>
      {inviting && <InviteDialog store={store} kind={inviting} onClose={() => { setInviting(null); setRevision((before) => before + 1); }} />}
    </div>
  );
}

interface MemberProps {
  member: Member;
  isMe: boolean;
  mayOwn: boolean;
  isAsking: boolean;
  onSet: (role: MemberRole) => void;
  onRemove: () => void;
  onLeave: () => void;
}

function MemberItem({ member, isMe, mayOwn, isAsking, onSet, onRemove, onLeave }: MemberProps) {
  const of = <span className="hidden"> {memberName(member)}</span>;
  const other: MemberRole = member.role === 'viewer' ? 'manager' : 'viewer';
  return (
    <li className="done">
      <Icon name="user" />
      <div>
        <p><strong>{memberName(member)}</strong>{isMe && ' (you)'} · {roleNames[member.role]}</p>
        {member.addedAt && <p className="quiet">Since {exactly(member.addedAt)}, by {member.addedBy}</p>}
        {member.role !== 'owner' && (mayOwn || isMe) && (
          <p className="buttons">
            {mayOwn && <button type="button" className="small" disabled={isAsking} onClick={() => onSet(other)}>Make {other}{of}</button>}
            {isMe
              ? <button type="button" className="quiet small danger" disabled={isAsking} onClick={onLeave}>Leave the store</button>
              : <button type="button" className="quiet small danger" disabled={isAsking} onClick={onRemove}>Remove{of}</button>}
          </p>
        )}
      </div>
    </li>
  );
}

function InvitationItem({ invitation, mayOwn, isAsking, onWithdraw }: { invitation: StoreInvitation; mayOwn: boolean; isAsking: boolean; onWithdraw: () => void }) {
  return (
    <li className="current">
      <Icon name="clock" />
      <div>
        <p>{invitationText(invitation)}</p>
        <p className="quiet">Until {exactly(invitation.expiresAt)}, by {invitation.invitedBy}</p>
        {mayOwn && <p className="buttons"><button type="button" className="quiet small danger" disabled={isAsking} onClick={onWithdraw}>Withdraw<span className="hidden"> it: {invitationText(invitation)}</span></button></p>}
      </div>
    </li>
  );
}
