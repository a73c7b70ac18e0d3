import { useState } from 'react';
import { call, messageOf } from '../api/client';
import type { Account } from '../api/schema';
import { useRead } from '../state/read';
import { toast } from '../state/toasts';
import { deviceName } from '../text/devices';
import { exactly } from '../text/time';
import { Dialog } from '../ui/Dialog';
import { Skeleton } from '../ui/parts';
import { Ago } from '../ui/time';

/** Where an account is signed in, for admins, who may end all of it. */
export function SessionsDialog({ person, onClose }: { person: Account; onClose: () => void }) {
  const { answer, error } = useRead('listAccountSessions', person.id);
  const [wrong, setWrong] = useState<string | null>(null);
  async function end() {
    try {
      toast('plain', `${person.email}: ${(await call('endAccountSessions', { path: { id: person.id } })).message}.`);
      onClose();
    } catch (problem) {
      setWrong(messageOf(problem));
    }
  }
  const sessions = answer?.sessions ?? [];
  return (
    <Dialog title={`Sessions of ${person.email}`} onClose={onClose} onSubmit={() => { if (sessions.length) void end(); }} footer={
      <>
        <button type="button" onClick={onClose}>Close</button>
        <button type="submit" className="primary danger" disabled={sessions.length === 0}>End all</button>
      </>
    }>
      {!answer && !error && <Skeleton lines={3} />}
      {answer && sessions.length === 0 && <p className="quiet">Not signed in anywhere.</p>}
      {sessions.length > 0 && (
        <ul className="rows" aria-label="Sessions">
          {sessions.map((session) => (
            <li key={session.id}>
              <strong>{deviceName(session.userAgent)}{session.current && ' (this browser)'}</strong>
              <span className="quiet">{session.address && `${session.address} · `}since {exactly(session.createdAt)} · used <Ago at={session.usedAt} /></span>
            </li>
          ))}
        </ul>
      )}
      <p className="quiet">The person can sign in again; tokens for scripts stay valid. It takes up to five minutes.</p>
      {(wrong ?? error) && <p className="wrong" role="alert">{wrong ?? error}</p>}
    </Dialog>
  );
}
