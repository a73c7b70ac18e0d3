import { useState } from 'react';
import { call } from '../api/client';
import { mailProblem } from '../text/notices';
import { useAsking } from '../ui/asking';
import { Dialog } from '../ui/Dialog';

/** Has a link mailed by which a new password is set. Whether there is such an account is not said. */
export function ForgottenDialog({ known, onClose }: { known: string; onClose: () => void }) {
  const [email, setEmail] = useState(known);
  const [wrong, setWrong] = useState<string | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const { isAsking, refusal, ask } = useAsking();
  async function send() {
    const problem = mailProblem(email);
    setWrong(problem);
    if (!problem) await ask(async () => setDone((await call('forgotPassword', { body: { email: email.trim() } })).message));
  }
  return (
    <Dialog title="A new password" onClose={onClose} onSubmit={() => void send()} footer={
      <>
        <button type="button" onClick={onClose}>{done ? 'Close' : 'Cancel'}</button>
        {!done && <button type="submit" className="primary" disabled={isAsking}>{isAsking ? 'Asking…' : 'Send a link'}</button>}
      </>
    }>
      {done ? <p role="status">{done}. It can be used for an hour.</p> : (
        <label className="field">
          <span>The e-mail address of your account</span>
          <input type="email" data-autofocus autoComplete="username" value={email} maxLength={200} onChange={(event) => setEmail(event.target.value)} />
        </label>
      )}
      {(wrong ?? refusal) && <p className="wrong" role="alert">{wrong ?? refusal}</p>}
    </Dialog>
  );
}
