// Everything that says what is on the screen, in the address: links lead back to it, and the back button works.
import { useMemo, useSyncExternalStore } from 'react';
import { format, parse, type View } from './view';

const listeners = new Set<() => void>();
const tell = () => listeners.forEach((listener) => listener());
addEventListener('popstate', tell);

/** `replace`: this is a finer form of where one is, such as another letter of a search; the back button passes over it. */
export function go(change: Partial<View>, { replace = false } = {}) {
  const target = format({ ...parse(location), ...change });
  if (target === location.pathname + location.search) return;
  if (replace) history.replaceState(null, '', target);
  else history.pushState(null, '', target);
  tell();
}

export function useView(): View {
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const address = useSyncExternalStore(subscribe, () => location.pathname + location.search);
  return useMemo(() => parse(new URL(address, location.href)), [address]);
}
