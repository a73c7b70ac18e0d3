import { useState } from 'react';
import { useAccount } from '../api/account';
import { call, messageOf } from '../api/client';
import type { Account, AccountChange, Role } from '../api/schema';
import { toast } from '../state/toasts';
import { Dialog } from '../ui/Dialog';
import { Ago } from '../ui/time';
import { SessionsDialog } from './SessionsDialog';

const roles: Role[] = ['user', 'operator', 'admin'];

export function PersonRow({ person, refresh }: { person: Account; refresh: () => void }) {
  const { user } = useAccount();
  const [isDisabling, setDisabling] = useState(false);
  const [isLooking, setLooking] = useState(false);
  const isMe = user?.id === person.id;
  async function change(body: AccountChange) {
    try {
      toast('plain', `${person.email}: ${(await call('changeAccount', { path: { id: person.id }, body })).message}`);
    } catch (error) {
      toast('bad', `${person.email}: ${messageOf(error)}`);
    }
    refresh();
  }
  return (
    <tr>
      <td>{person.email}{isMe && <span className="quiet"> (you)</span>}{person.disabledAt && <span className="badge deleting">Disabled</span>}</td>
      <td>
        <select aria-label={`Role of ${person.email}`} value={person.role} disabled={isMe} title={isMe ? 'Nobody changes their own role' : undefined} onChange={(event) => void change({ role: event.target.value as Role })}>
          {roles.map((role) => <option key={role} value={role}>{role}</option>)}
        </select>
      </td>
      <td className="numbers">{person.stores}</td>
      <td><Quota person={person} change={change} /></td>
      <td className="quiet numbers"><Ago at={person.createdAt} /></td>
      <td>
        <button type="button" className="small" onClick={() => setLooking(true)}>Sessions…<span className="hidden"> {person.email}</span></button>{' '}
        {isLooking && <SessionsDialog person={person} onClose={() => setLooking(false)} />}
        {!isMe && (person.disabledAt
          ? <button type="button" className="small" onClick={() => void change({ disabled: false })}>Enable<span className="hidden"> {person.email}</span></button>
          : <button type="button" className="small danger" onClick={() => setDisabling(true)}>Disable…<span className="hidden"> {person.email}</span></button>)}
        {isDisabling && (
          <Dialog title={`Disable ${person.email}?`} onClose={() => setDisabling(false)} onSubmit={() => { setDisabling(false); void change({ disabled: true }); }} footer={
            <>
              <button type="button" onClick={() => setDisabling(false)}>Keep it</button>
              <button type="submit" className="primary danger">Disable</button>
            </>
          }>
            <p>The person is signed out everywhere and cannot sign in; their tokens are refused. Their stores go on.</p>
          </Dialog>
        )}
      </td>
    </tr>
  );
}

/** Stores that this person may have; empty: as the role says. */
function Quota({ person, change }: { person: Account; change: (body: AccountChange) => Promise<void> }) {
  const known = person.quota === null ? '' : String(person.quota);
  const [typed, setTyped] = useState<string | null>(null);
  const leave = () => {
    if (typed !== null && typed !== known) void change({ quota: typed === '' ? -1 : Number(typed) });
    setTyped(null);
  };
  return (
    <input
      className="quota" type="number" min={0} placeholder="role’s" aria-label={`Quota of ${person.email}`} value={typed ?? known} onChange={(event) => setTyped(event.target.value)}
      onBlur={leave} onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
    />
  );
}
