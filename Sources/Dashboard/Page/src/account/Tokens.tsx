import { useCallback, useEffect, useState } from 'react';
import { call, messageOf } from '../api/client';
import type { Scope, Token } from '../api/schema';
import { Ago } from '../ui/time';
import { CopyButton, IconButton } from '../ui/parts';

const kinds: { label: string; scopes: Scope[] }[] = [
  { label: 'Look at stores', scopes: ['stores:read'] },
  { label: 'Look at, make, retry and delete stores', scopes: ['stores:write'] },
];

/** Tokens for scripts. Each is shown once. */
export function Tokens() {
  const [tokens, setTokens] = useState<Token[] | null>(null);
  const [name, setName] = useState('');
  const [kind, setKind] = useState(0);
  const [secret, setSecret] = useState<string | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const attempt = useCallback(async (work: () => Promise<void>) => {
    try {
      await work();
      setTokens((await call('listTokens')).tokens);
      setWrong(null);
    } catch (error) {
      setWrong(messageOf(error));
    }
  }, []);
  useEffect(() => void attempt(async () => undefined), [attempt]);
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
