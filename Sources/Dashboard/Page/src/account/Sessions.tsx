import { useCallback, useEffect, useState } from 'react';
import { call, messageOf } from '../api/client';
import type { OpenSession } from '../api/schema';
import { toast } from '../state/toasts';
import { deviceName } from '../text/devices';
import { exactly } from '../text/time';
import { IconButton } from '../ui/parts';
import { Ago } from '../ui/time';

/** The browsers in which one is signed in. */
export function Sessions() {
  const [sessions, setSessions] = useState<OpenSession[] | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const attempt = useCallback(async (work: () => Promise<void>) => {
    try {
      await work();
      setSessions((await call('listSessions')).sessions);
      setWrong(null);
    } catch (error) {
      setWrong(messageOf(error));
    }
  }, []);
  useEffect(() => void attempt(async () => undefined), [attempt]);
  const end = (id: string) => attempt(async () => { await call('endSession', { path: { id } }); });
  const endOthers = () => attempt(async () => toast('good', `${(await call('endOtherSessions')).message}.`));
  return (
    <section className="tokens" aria-label="Where you are signed in">
      <h3>Where you are signed in</h3>
      <ul>
        {sessions?.map((session) => (
          <li key={session.id}>
            <span>
              <strong>{deviceName(session.userAgent)}</strong>{session.current && ' · this browser'}{' '}
              <span className="quiet">{session.address && `${session.address} · `}since {exactly(session.createdAt)} · used <Ago at={session.usedAt} /></span>
            </span>
            {!session.current && <IconButton icon="trash" danger label={`Sign out ${deviceName(session.userAgent)}, since ${exactly(session.createdAt)}`} onClick={() => void end(session.id)} />}
          </li>
        ))}
      </ul>
      {sessions && sessions.length > 1 && (
        <p className="buttons"><button type="button" onClick={() => void endOthers()}>Sign out everywhere else</button><span className="quiet">It takes up to five minutes.</span></p>
      )}
      {wrong && <p className="wrong" role="alert">{wrong}</p>}
    </section>
  );
}
