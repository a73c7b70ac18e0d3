import { useState } from 'react';
import { account, useAccount } from '../api/account';
import { call, messageOf } from '../api/client';
import { toast } from '../state/toasts';
import { Dialog } from '../ui/Dialog';
import { Sessions } from './Sessions';
import { Tokens } from './Tokens';

/** One's own account: the password, where one is signed in, and tokens for scripts. */
export function AccountSettings({ onClose }: { onClose: () => void }) {
  const { user } = useAccount();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  async function change() {
    if (next.length < 6) return setWrong('The new password must have at least 6 characters.');
    try {
      const answer = await call('changePassword', { body: { current, new: next } });
      toast('good', answer.message);
      onClose();
    } catch (error) {
      setWrong(messageOf(error));
    }
  }
  return (
    <Dialog title="Account" onClose={onClose} onSubmit={() => void change()} footer={
      <>
        <button type="button" onClick={() => { onClose(); void account.signOut(); }}>Sign out</button>
        <button type="submit" className="primary" disabled={!current || !next}>Change the password</button>
      </>
    }>
      <p>Signed in as <strong>{user?.name}</strong>{user && user.role !== 'user' ? `, ${user.role}` : ''}.</p>
      <label className="field">
        <span>Current password</span>
        <input type="password" autoComplete="current-password" value={current} maxLength={200} onChange={(event) => setCurrent(event.target.value)} />
      </label>
      <label className="field">
        <span>New password</span>
        <input type="password" autoComplete="new-password" value={next} maxLength={200} onChange={(event) => setNext(event.target.value)} />
      </label>
      {wrong && <p className="wrong" role="alert">{wrong}</p>}
      <Sessions />
      <Tokens />
    </Dialog>
  );
}
