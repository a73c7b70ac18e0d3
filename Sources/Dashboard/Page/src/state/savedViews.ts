// Views of the list that somebody saved in this browser.
import { useSyncExternalStore } from 'react';
import { read, type SavedView } from '../text/views';

const KEY = 'views';
const listeners = new Set<() => void>();
let views = read(localStorage.getItem(KEY));

// Another tab saved one.
addEventListener('storage', (event) => { if (event.key === KEY) set(read(event.newValue)); });

function set(next: SavedView[]) {
  views = next;
  listeners.forEach((listener) => listener());
}

export function saveViews(next: SavedView[]) {
  localStorage.setItem(KEY, JSON.stringify(next));
  set(next);
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export const useSavedViews = () => useSyncExternalStore(subscribe, () => views);
