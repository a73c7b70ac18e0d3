import { useState } from 'react';
import { call, messageOf } from '../api/client';
import type { Role } from '../api/schema';
import { Block } from '../ui/Block';
import { CopyButton } from '../ui/parts';

/** Makes an invitation, which is shown once. */
export function InviteForm() {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('user');
  const [made, setMade] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  async function submit() {
    setError(null);
    try {
      const { path } = await call('invite', { body: { role, ...(email.trim() ? { email: email.trim() } : {}) } });
      setMade(new URL(path, location.href).href);
    } catch (problem) {
      setMade(null);
      setError(messageOf(problem));
    }
  }
  return (
    <Block title="Invite somebody" className="whole">
      <form className="invite" noValidate onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <label className="field"><span>E-mail, or empty for anyone</span><input type="email" value={email} autoComplete="off" onChange={(event) => setEmail(event.target.value)} /></label>
        <label className="field">
          <span>Role</span>
          <select value={role} onChange={(event) => setRole(event.target.value as Role)}>
            <option value="user">user</option><option value="operator">operator</option><option value="admin">admin</option>
          </select>
        </label>
        <button type="submit" className="primary">Invite</button>
      </form>
      {made && <p className="made">Send this link; it is shown once: <code>{made}</code> <CopyButton text={made} what="the invitation" /></p>}
      {error && <p className="wrong" role="alert">{error}</p>}
    </Block>
  );
}
