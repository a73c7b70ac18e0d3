import { useState } from 'react';
import { call } from '../api/client';
import type { Scope } from '../api/schema';
import { Ago } from '../ui/time';
import { CopyButton, IconButton } from '../ui/parts';
import { useOwn } from './own';

const read = async () => (await call('listTokens')).tokens;

const kinds: { label: string; scopes: Scope[] }[] = [
  { label: 'Look at stores', scopes: ['stores:read'] },
  { label: 'Look at, make, retry and delete stores', scopes: ['stores:write'] },
];

/** Tokens for scripts. Each is shown once. */
export function Tokens() {
  const { rows: tokens, wrong, attempt } = useOwn(read);
  const [name, setName] = useState('');
  const [kind, setKind] = useState(0);
  const [secret, setSecret] = useState<string | null>(null);
  const make = () => attempt(async () => {
    setSecret((await call('createToken', { body: { name: name.trim(), scopes: kinds[kind]!.scopes } })).secret);
    setName('');
  });
  return (
    <section className="tokens" aria-label="Tokens for scripts">
      <h3>Tokens for scripts</h3>
      {tokens?.length === 0 && <p className="quiet">None. A script sends one as <code>Authorization: Bearer …</code></p>}
      <ul>
        {tokens?.map((token) => (
          <li key={token.id}>
            <span><strong>{token.name}</strong> <span className="quiet">{token.scopes.join(' ')} · made <Ago at={token.createdAt} />{token.lastUsedAt ? <> · used <Ago at={token.lastUsedAt} /></> : ' · never used'}</span></span>
            <IconButton icon="trash" danger label={`Revoke ${token.name}`} onClick={() => void attempt(async () => { await call('revokeToken', { path: { id: token.id } }); })} />
          </li>
        ))}
      </ul>
      {secret && <p className="secret" role="status"><code>{secret}</code> <CopyButton text={secret} what="the token" /> It is not shown again.</p>}
      <div className="new-token">
        <input aria-label="Name of a new token" placeholder="Name, e.g. backup" value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />
        <div className="select">
          <select aria-label="What it may do" value={kind} onChange={(event) => setKind(Number(event.target.value))}>
            {kinds.map((one, index) => <option key={one.label} value={index}>{one.label}</option>)}
          </select>
        </div>
        <button type="button" disabled={!name.trim()} onClick={() => void make()}>Make</button>
      </div>
      {wrong && <p className="wrong" role="alert">{wrong}</p>}
    </section>
  );
}
