import { useState } from 'react';
import { call } from '../api/client';
import { mailboxOf } from '../text/notices';
import { useAsking } from '../ui/asking';
import { Dialog } from '../ui/Dialog';

/** Whoever reads a mailbox says whether it is told what happens to stores. Nobody has to sign in for that. */
export function MailboxDialog({ token, onClose }: { token: string; onClose: () => void }) {
  const [done, setDone] = useState<string | null>(null);
  const { isAsking, refusal, ask } = useAsking();
  const asked = mailboxOf(token);
  async function answer() {
    if (!asked) return;
    await ask(async () => {
      const { address, state } = await call(asked.stops ? 'stopMailbox' : 'confirmMailbox', { body: { channel: asked.channel, token: asked.token } });
      setDone(asked.stops ? `Nothing more is sent to ${address}.` : state === 'active' ? `${address} is told from now on.` : `${address} is confirmed. It is told once its owner resumes that.`);
    });
  }
  return (
    <Dialog title="Notifications by e-mail" onClose={onClose} onSubmit={() => void answer()} footer={
      <>
        <button type="button" onClick={onClose}>{done || !asked ? 'Close' : 'Not now'}</button>
        {asked && !done && <button type="submit" className="primary" disabled={isAsking}>{asked.stops ? 'Send nothing more' : 'Confirm'}</button>}
      </>
    }>
      {done ? <p role="status">{done}</p>
        : !asked ? <p className="wrong" role="alert">This link is not whole. Copy all of it from the mail.</p>
          : <p>{asked.stops ? 'Store Weaver is to write no more to this mailbox.' : 'Somebody asked Store Weaver to write to this mailbox when something happens to their stores. Confirm it if that was you.'}</p>}
      {refusal && <p className="wrong" role="alert">{refusal}</p>}
    </Dialog>
  );
}
