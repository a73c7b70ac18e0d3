// Links that brought somebody here: what one has behind # is kept while they sign in, and taken out of the address, which others may see.

/** `current`: what the link of this key had; `onCome`: tells of later ones, and answers how to stop that. */
function link(key: string) {
  const listeners = new Set<(token: string) => void>();
  function look() {
    const token = new URLSearchParams(location.hash.slice(1)).get(key);
    if (!token) return;
    sessionStorage.setItem(key, token);
    history.replaceState(null, '', location.pathname + location.search);
    listeners.forEach((listener) => listener(token));
  }
  look();
  // The link may be opened where the page is open already.
  addEventListener('hashchange', look);
  return {
    current: () => sessionStorage.getItem(key),
    forget: () => sessionStorage.removeItem(key),
    onCome(listener: (token: string) => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** An invitation to a store. */
export const invitation = link('join');
/** To set a new password. */
export const reset = link('reset');
/** What a mail asks of whoever reads the mailbox. */
export const mailbox = link('mail');
