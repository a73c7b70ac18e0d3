// The invitation that brought somebody here: kept while they sign in, and out of the address, which others may see.
const KEY = 'join';

const listeners = new Set<(token: string) => void>();

function look() {
  const token = new URLSearchParams(location.hash.slice(1)).get(KEY);
  if (!token) return;
  sessionStorage.setItem(KEY, token);
  history.replaceState(null, '', location.pathname + location.search);
  listeners.forEach((listener) => listener(token));
}
look();
// The link may be opened where the page is open already.
addEventListener('hashchange', look);

export const joinToken = () => sessionStorage.getItem(KEY);
export const forgetJoin = () => sessionStorage.removeItem(KEY);

/** Tells of invitations that come later; answers how to stop that. */
export function onJoin(listener: (token: string) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
