// Everything that says what is on the screen, in the address: links lead back to it, and the back button works.
import { useMemo, useSyncExternalStore } from 'react';
import { storeSlug } from '../text/names';
import { format, parse, type Tab, type View } from './view';

const listeners = new Set<() => void>();
const tell = () => listeners.forEach((listener) => listener());

/** The list as it was left: with its search, filters and page. */
let list = '/';
function remember() {
  if (parse(location).place === 'stores') list = location.pathname + location.search;
}
remember();
addEventListener('popstate', () => {
  remember();
  tell();
});

/** `replace`: this is a finer form of where one is, such as another letter of a search; the back button passes over it. */
export function go(change: Partial<View>, { replace = false } = {}) {
  move(format({ ...parse(location), ...change }), replace);
}

function move(target: string, replace = false) {
  if (target === location.pathname + location.search) return;
  if (replace) history.replaceState(null, '', target);
  else history.pushState(null, '', target);
  remember();
  tell();
}

export const listAddress = () => list;
export const goToList = () => move(list);
/** An address of the page's own. */
export const goTo = (address: string) => move(address);

/** A store's page, on its own address: no filter of the list is part of it. */
export const storeAddress = (store: { namespace: string }, tab: Tab = 'overview') =>
  format({ ...parse({ pathname: '/', search: '' }), place: 'store', store: storeSlug(store), tab });
export function goToStore(store: { namespace: string }, tab: Tab = 'overview') {
  move(storeAddress(store, tab));
  scrollTo(0, 0);
}

export function useView(): View {
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const address = useSyncExternalStore(subscribe, () => location.pathname + location.search);
  return useMemo(() => parse(new URL(address, location.href)), [address]);
}
