import { useState } from 'react';
import { call } from '../api/client';
import { useAsking } from '../ui/asking';
import { Dialog } from '../ui/Dialog';

/** Whoever opened the link in the mail sets a new password. */
export function ResetDialog({ token, onClose }: { token: string; onClose: () => void }) {
  const [password, setPassword] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const { isAsking, refusal, ask } = useAsking();
  async function save() {
    const problem = password.length < 6 ? 'The password must have at least 6 characters.' : null;
    setWrong(problem);
    if (!problem) await ask(async () => setDone((await call('resetPassword', { body: { token, password } })).message));
  }
  return (
    <Dialog title="A new password" onClose={onClose} onSubmit={() => void save()} footer={
      <>
        <button type="button" onClick={onClose}>{done ? 'Close' : 'Not now'}</button>
        {!done && <button type="submit" className="primary" disabled={isAsking}>{isAsking ? 'Saving…' : 'Save'}</button>}
      </>
    }>
      {done ? <p role="status">{done}.</p> : (
        <label className="field">
          <span>New password</span>
          <input type="password" data-autofocus autoComplete="new-password" value={password} maxLength={200} aria-describedby="reset-note" onChange={(event) => setPassword(event.target.value)} />
          <span className="quiet" id="reset-note">At least 6 characters; longer is better.</span>
        </label>
      )}
      {(wrong ?? refusal) && <p className="wrong" role="alert">{wrong ?? refusal}</p>}
    </Dialog>
  );
}
