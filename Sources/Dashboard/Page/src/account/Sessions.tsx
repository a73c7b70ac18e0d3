import { call } from '../api/client';
import { toast } from '../state/toasts';
import { deviceName } from '../text/devices';
import { exactly } from '../text/time';
import { IconButton } from '../ui/parts';
import { Ago } from '../ui/time';
import { useOwn } from './own';

const read = async () => (await call('listSessions')).sessions;

/** The browsers in which one is signed in. */
export function Sessions() {
  const { rows: sessions, wrong, attempt } = useOwn(read);
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
