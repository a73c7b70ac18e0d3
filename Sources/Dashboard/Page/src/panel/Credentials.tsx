import { useEffect, useState } from 'react';
import { call, messageOf } from '../api/client';
import type { Credentials as Answer } from '../api/schema';
import type { Detail } from '../state/detail';
import { CopyButton } from '../ui/parts';

/** With what the owner signs in to the shop: asked for by a click, forgotten with the panel and after a minute. */
export function Credentials({ store }: { store: Detail }) {
  const [shown, setShown] = useState<Answer | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  useEffect(() => {
    if (!shown) return;
    const timer = setTimeout(() => setShown(null), 60_000);
    return () => clearTimeout(timer);
  }, [shown]);
  async function reveal() {
    setWrong(null);
    try {
      setShown(await call('revealCredentials', { path: { id: store.id } }));
    } catch (error) {
      setWrong(messageOf(error));
    }
  }
  return (
    <div className="credentials">
      {!shown && <button type="button" onClick={() => void reveal()}>Show the admin’s password</button>}
      {shown && (
        <>
          <dl className="addresses">
            <div><dt>User</dt><dd><code>{shown.user}</code><CopyButton text={shown.user} what="the admin’s name" /></dd></div>
            <div><dt>Password</dt><dd><code>{shown.password}</code><CopyButton text={shown.password} what="the admin’s password" /></dd></div>
          </dl>
          <p className="quiet">
            As it was made with the shop; whoever changed it there knows the new one. That it was shown is written down.{' '}
            <button type="button" className="quiet small" onClick={() => setShown(null)}>Hide</button>
          </p>
        </>
      )}
      {wrong && <p className="wrong" role="alert">{wrong}</p>}
    </div>
  );
}
