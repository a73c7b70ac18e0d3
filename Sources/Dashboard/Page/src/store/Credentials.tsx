import { useEffect, useState } from 'react';
import { call, messageOf } from '../api/client';
import type { Credentials as Answer } from '../api/schema';
import type { Detail } from '../state/detail';
import { take } from '../state/list';
import { toast } from '../state/toasts';
import { CopyButton } from '../ui/parts';

/** With what the owner signs in to the store: asked for by a click, forgotten with the page and after a minute. */
export function Credentials({ store }: { store: Detail }) {
  const [shown, setShown] = useState<Answer | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  useEffect(() => {
    if (!shown) return;
    const timer = setTimeout(() => setShown(null), 60_000);
    return () => clearTimeout(timer);
  }, [shown]);
  async function renew() {
    setWrong(null);
    setShown(null);
    try {
      take((await call('regenerateCredentials', { path: { id: store.id } })).store);
      toast('good', 'A new password is on its way: it can be shown once it is applied.');
    } catch (error) {
      setWrong(messageOf(error));
    }
  }
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
            The initial password; a change in the store itself is not known here. Viewing is audited.{' '}
            <button type="button" className="quiet small" onClick={() => setShown(null)}>Hide</button>{' '}
            <button type="button" className="quiet small" onClick={() => void renew()}>Make a new one</button>
          </p>
        </>
      )}
      {wrong && <p className="wrong" role="alert">{wrong}</p>}
    </div>
  );
}
