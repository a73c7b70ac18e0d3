import { useState } from 'react';
import { useAccount } from '../api/account';
import type { MemberRole, Store } from '../api/schema';
import { inviteMember, offerStore } from '../state/members';
import { linkOf, roleNames, roleTexts } from '../text/members';
import { useAsking } from '../ui/asking';
import { Dialog } from '../ui/Dialog';
import { CopyButton } from '../ui/parts';

interface Props {
  store: Store;
  /** `offer`: the store itself, to another owner. */
  kind: 'member' | 'offer';
  onClose: () => void;
}

/** Makes a link, and shows it: that once. */
export function InviteDialog({ store, kind, onClose }: Props) {
  const { mode } = useAccount();
  const isOffer = kind === 'offer';
  const [role, choose] = useState<MemberRole | null>(isOffer ? null : 'viewer');
  const [email, type] = useState('');
  const [link, setLink] = useState<string | null>(null);
  const { isAsking, refusal, ask } = useAsking();
  async function submit() {
    if (link) return onClose();
    await ask(async () => {
      const address = email.trim() || null;
      setLink(linkOf(isOffer ? await offerStore(store, role, address) : await inviteMember(store, role!, address), location.origin));
    });
  }
  const roles: [MemberRole | null, string, string][] = [
    ...(isOffer ? [[null, 'I leave', 'You do not see the store any more.'] as [null, string, string]] : []),
    ...(['viewer', 'manager'] as const).map((one): [MemberRole, string, string] => [one, isOffer ? `I stay as ${one}` : roleNames[one], roleTexts[one]]),
  ];
  return (
    <Dialog title={isOffer ? `Give ${store.name} to somebody` : `Invite somebody to ${store.name}`} onClose={onClose} onSubmit={() => void submit()} footer={
      link ? <button type="submit" className="primary">Done</button> : (
        <>
          <button type="button" onClick={onClose}>Cancel</button>
          <button type="submit" className="primary" disabled={isAsking}>{isOffer ? 'Make the offer' : 'Make a link'}</button>
        </>
      )
    }>
      {link ? (
        <>
          <p role="status">{isOffer ? 'The store is theirs once they accept. Hand on this link; it works once, for seven days:' : 'Hand on this link; it works once, for seven days:'}</p>
          <p className="secret"><code>{link}</code> <CopyButton text={link} what="the link" /></p>
          <p className="quiet">It is not shown again. You can withdraw it under Members.</p>
        </>
      ) : (
        <>
          {isOffer && <p>Nothing changes before they accept. Then the store counts toward their quota, its admin gets a new password, and links to backups that you made work no more. Domains, backups and members stay.</p>}
          <fieldset className="cards">
            <legend>{isOffer ? 'And you?' : 'As what?'}</legend>
            {roles.map(([one, name, text]) => (
              <label key={name} className="card">
                <input type="radio" name="role" checked={role === one} onChange={() => choose(one)} />
                <span><strong>{name}</strong><span className="quiet">{text}</span></span>
              </label>
            ))}
          </fieldset>
          {mode === 'accounts' && (
            <label className="field">
              <span>For nobody but (e-mail, optional)</span>
              <input type="email" value={email} maxLength={200} onChange={(event) => type(event.target.value)} placeholder="ada@example.org" autoComplete="off" spellCheck={false} />
            </label>
          )}
        </>
      )}
      {refusal && <p className="wrong" role="alert">{refusal}</p>}
    </Dialog>
  );
}
