// Who uses the page. Until the API has accounts it takes people at their word (X-User-Id); so does this, and says so.
import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let user = localStorage.getItem('user') ?? '';
let token = sessionStorage.getItem('operator') ?? '';

export const account = {
  /** Empty: nobody in particular, who sees all stores. */
  get user() {
    return user;
  },
  /** The operator's token, for this tab alone; empty: not an operator. */
  get operatorToken() {
    return token;
  },
  signIn(name: string) {
    user = name.trim();
    localStorage.setItem('user', user);
    listeners.forEach((listener) => listener());
  },
  signOut() {
    user = '';
    localStorage.removeItem('user');
    account.operate('');
  },
  operate(secret: string) {
    token = secret.trim();
    if (token) sessionStorage.setItem('operator', token);
    else sessionStorage.removeItem('operator');
    listeners.forEach((listener) => listener());
  },
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

// Another tab signed in or out.
addEventListener('storage', (event) => {
  if (event.key !== 'user') return;
  user = event.newValue ?? '';
  listeners.forEach((listener) => listener());
});

export const useUser = () => useSyncExternalStore(account.subscribe, () => user);
export const useOperatorToken = () => useSyncExternalStore(account.subscribe, () => token);
