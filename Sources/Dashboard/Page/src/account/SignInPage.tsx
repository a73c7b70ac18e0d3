// The door of an installation that keeps accounts.
import { Suspense, useState } from 'react';
import { useTitle } from '../state/title';
import { account, useAccount } from '../api/account';
import { Mark } from '../ui/icons';
import { later } from '../ui/later';
import { Toasts } from '../ui/Toasts';

const ForgottenDialog = later(() => import('./ForgottenDialog').then((it) => it.ForgottenDialog));

export function SignInPage() {
  const { signUp, forgotten } = useAccount();
  const [isForgotten, setForgotten] = useState(false);
  const invitation = new URLSearchParams(location.search).get('invitation') ?? '';
  const canSignUp = signUp === 'open' || (signUp === 'invitation' && Boolean(invitation));
  const [isNew, setNew] = useState(canSignUp && Boolean(invitation));
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const title = isNew ? 'Sign up' : 'Sign in';
  useTitle(`${title} · Store Weaver`);

  async function submit() {
    if (!/^[^\s@]+@[^\s@]+$/.test(email.trim())) return setWrong('A valid e-mail address is needed.');
    if (isNew && password.length < 6) return setWrong('The password must have at least 6 characters.');
    if (!password) return setWrong('The password is needed.');
    setBusy(true);
    setWrong(null);
    const refusal = isNew ? await account.signUp(email.trim(), password, invitation || undefined) : await account.signIn(email.trim(), password);
    setBusy(false);
    if (refusal) return setWrong(refusal);
    // The invitation is used: it should not stay in the address.
    if (invitation) history.replaceState(null, '', '/');
  }

  return (
    <main id="main" className="entrance">
      <form noValidate onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <p className="brand"><Mark /> <strong>Store Weaver</strong></p>
        <h1>{title}</h1>
        <label className="field">
          <span>E-mail</span>
          <input type="email" name="email" autoComplete="username" autoFocus value={email} maxLength={200} onChange={(event) => setEmail(event.target.value)} />
        </label>
        <label className="field">
          <span>Password</span>
          <input type="password" name="password" autoComplete={isNew ? 'new-password' : 'current-password'} value={password} maxLength={200} aria-describedby={isNew ? 'password-note' : undefined} onChange={(event) => setPassword(event.target.value)} />
        </label>
        {isNew && <p className="quiet" id="password-note">At least 6 characters; longer is better.</p>}
        {wrong && <p className="wrong" role="alert">{wrong}</p>}
        <button type="submit" className="primary" disabled={isBusy}>{isBusy ? 'One moment…' : title}</button>
        {forgotten && !isNew && <p><button type="button" className="link-like" onClick={() => setForgotten(true)}>Forgot your password?</button></p>}
        {canSignUp && (
          <p className="quiet">
            {isNew ? 'You have an account?' : 'No account yet?'}{' '}
            <button type="button" className="link-like" onClick={() => { setNew(!isNew); setWrong(null); }}>{isNew ? 'Sign in' : 'Sign up'}</button>
          </p>
        )}
        {!canSignUp && <p className="quiet">{signUp === 'invitation' ? 'New accounts need an invitation: ask whoever runs this installation.' : 'Accounts are made by whoever runs this installation.'}</p>}
      </form>
      {isForgotten && <Suspense fallback={null}><ForgottenDialog known={email.trim()} onClose={() => setForgotten(false)} /></Suspense>}
      <Toasts />
    </main>
  );
}
