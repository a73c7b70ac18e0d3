// Who uses the page: signed in to an account that the API keeps, or, where it takes people at their word (X-User-Id), whoever they say.
import { useSyncExternalStore } from 'react';
import type { Session, SessionState, SessionUser } from './schema';

export interface Account {
  /** `loading` until the API has said how one signs in here, `unreachable` while it does not. */
  mode: SessionState['mode'] | 'loading' | 'unreachable';
  signUp: SessionState['signUp'];
  /** Whether a forgotten password can be set anew by a link in a mail. */
  forgotten: boolean;
  /** Who is signed in, by the API's word. */
  user: SessionUser | null;
  /** In header mode the name that is sent; empty: nobody in particular, who sees all stores. */
  name: string;
  /** The installation's token, for this tab alone; empty: none. */
  operatorToken: string;
}

let state: Account = {
  mode: 'loading', signUp: null, forgotten: false, user: null, name: localStorage.getItem('user') ?? '', operatorToken: sessionStorage.getItem('operator') ?? '',
};
let antiForgery = '';
let renewing: Promise<boolean> | null = null;
let timer = 0;
const listeners = new Set<() => void>();
/** The browser's other tabs share the cookies: when one signs in or out, all do. */
const tabs = new BroadcastChannel('account');

function set(change: Partial<Account>) {
  state = { ...state, ...change };
  listeners.forEach((listener) => listener());
}

function signedIn(session: Session) {
  antiForgery = session.csrfToken;
  const isOther = state.user?.id !== session.user.id || state.user.role !== session.user.role;
  if (isOther) set({ user: session.user });
  // Well before it is over, so that a stream that is opened anew finds it good.
  clearTimeout(timer);
  timer = window.setTimeout(() => void account.renew(), Math.max(5_000, (Date.parse(session.expiresAt) - Date.now()) * 0.6));
}

function signedOut() {
  antiForgery = '';
  clearTimeout(timer);
  if (state.user) set({ user: null });
}

async function send(path: string, body?: object): Promise<Response> {
  return fetch(`/api/auth/${path}`, {
    method: 'POST', headers: body ? { 'Content-Type': 'application/json' } : {}, body: body && JSON.stringify(body),
  });
}

/** Signs in or up. The API's words where it refuses. */
async function enter(path: 'sign-in' | 'sign-up', body: object): Promise<string | null> {
  let response: Response;
  try {
    response = await send(path, body);
  } catch {
    return 'The server cannot be reached. Try again when the page is live.';
  }
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok) return (answer as { error?: string } | null)?.error ?? `The server answered ${response.status}.`;
  signedIn(answer as Session);
  tabs.postMessage('changed');
  return null;
}

export const account = {
  get state() {
    return state;
  },

  /** What each request says of who sends it. */
  headers(): Record<string, string> {
    if (state.mode === 'accounts') return { 'X-CSRF-Token': antiForgery };
    return {
      // A header's value is ASCII; the API's names are, too, for whoever signs in here.
      ...(state.name && state.mode !== 'oidc' ? { 'X-User-Id': state.name } : {}),
      ...(state.operatorToken ? { Authorization: `Bearer ${state.operatorToken}` } : {}),
    };
  },

  /** Asks how one signs in here, and whether one is. */
  async begin(): Promise<void> {
    try {
      const response = await fetch('/api/auth/session');
      if (!response.ok) throw new Error(String(response.status));
      const session = (await response.json()) as SessionState;
      if (session.user && session.csrfToken && session.expiresAt) {
        signedIn({ user: session.user, csrfToken: session.csrfToken, expiresAt: session.expiresAt });
      } else if (session.mode === 'accounts') {
        await account.renew();
      } else {
        set({ user: session.user ?? null });
      }
      set({ mode: session.mode, signUp: session.signUp, forgotten: session.forgotten });
    } catch {
      if (state.mode === 'loading') set({ mode: 'unreachable' });
      setTimeout(() => void account.begin(), 3_000);
    }
  },

  /** Exchanges the refresh token; several who ask at once share the answer. False: nobody is signed in any more. */
  renew(): Promise<boolean> {
    renewing ??= (async () => {
      try {
        const response = await send('refresh');
        if (response.ok) signedIn((await response.json()) as Session);
        else if (response.status === 401 || response.status === 403) signedOut();
        return response.ok;
      } catch {
        // The server is away; the session may well go on.
        clearTimeout(timer);
        timer = window.setTimeout(() => void account.renew(), 5_000);
        return false;
      } finally {
        renewing = null;
      }
    })();
    return renewing;
  },

  signIn: (email: string, password: string) => enter('sign-in', { email, password }),
  signUp: (email: string, password: string, invitation?: string) => enter('sign-up', { email, password, invitation }),

  /** In header mode: from now on requests come from whoever that is. */
  be(name: string) {
    localStorage.setItem('user', name.trim());
    set({ name: name.trim() });
  },

  async signOut() {
    if (state.mode === 'accounts') {
      await send('sign-out').catch(() => undefined);
      signedOut();
      tabs.postMessage('changed');
      return;
    }
    localStorage.removeItem('user');
    sessionStorage.removeItem('operator');
    set({ name: '', operatorToken: '' });
  },

  operate(secret: string) {
    const operatorToken = secret.trim();
    if (operatorToken) sessionStorage.setItem('operator', operatorToken);
    else sessionStorage.removeItem('operator');
    set({ operatorToken });
  },
};

addEventListener('storage', (event) => {
  if (event.key === 'user') set({ name: event.newValue ?? '' });
});
tabs.onmessage = () => void account.renew();

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export const useAccount = () => useSyncExternalStore(subscribe, () => state);

/** Changes whenever the requests are somebody else's. */
export const useUser = () => useSyncExternalStore(subscribe, () => state.user?.id ?? state.name);
