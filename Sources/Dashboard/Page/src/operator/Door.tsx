import { useState } from 'react';
import { account } from '../api/account';

/** Asks for the installation's token, where a header names people. */
export function Door({ wasRefused, text }: { wasRefused: boolean; text: string }) {
  const [typed, setTyped] = useState('');
  return (
    <form className="door" onSubmit={(event) => { event.preventDefault(); account.operate(typed); }}>
      <h1>Operator</h1>
      <p className="quiet">{text}</p>
      <label className="field">
        <span>Operator’s token</span>
        <input type="password" autoComplete="off" value={typed} aria-invalid={wasRefused} onChange={(event) => setTyped(event.target.value)} />
      </label>
      {wasRefused && <p className="wrong" role="alert">This token was refused.</p>}
      <p className="quiet">It is the installation’s <code>ADMIN_TOKEN</code>. The browser forgets it with this tab.</p>
      <button type="submit" className="primary" disabled={!typed.trim()}>Enter</button>
    </form>
  );
}
