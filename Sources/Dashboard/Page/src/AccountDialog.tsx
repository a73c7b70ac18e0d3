import { useState } from 'react';
import { account, useAccount } from './api/account';
import { AccountSettings } from './account/AccountSettings';
import { go } from './state/url';
import { Dialog } from './ui/Dialog';

/** Who one is, in the way that this installation knows people. */
export function AccountDialog({ onClose }: { onClose: () => void }) {
  return useAccount().mode === 'accounts' ? <AccountSettings onClose={onClose} /> : <NameDialog onClose={onClose} />;
}

/** Who the requests come from, where the API believes what it is told. */
function NameDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState(account.state.name);
  const trimmed = name.trim();
  const problem = !trimmed ? 'An e-mail address or a name is needed' : !/^[\x20-\x7e]{1,200}$/.test(trimmed) ? 'Letters of the English alphabet, digits and signs; 200 at most' : null;
  function submit() {
    if (problem) return;
    account.be(trimmed);
    go({ place: 'stores', store: null, page: 1, dialog: null });
  }
  return (
    <Dialog title="Sign in" onClose={onClose} onSubmit={submit} footer={
      <>
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="submit" className="primary" disabled={Boolean(problem)}>Sign in</button>
      </>
    }>
      <label className="field">
        <span>E-mail</span>
        <input data-autofocus type="email" autoComplete="username" value={name} onChange={(event) => setName(event.target.value)} placeholder="ada@example.org" maxLength={200} aria-describedby="account-note" />
      </label>
      <p className="quiet" id="account-note">
        This installation takes people at their word: there is no password, and whoever reaches this page may be anybody. Your stores are
        those that were created under this name.
      </p>
    </Dialog>
  );
}
