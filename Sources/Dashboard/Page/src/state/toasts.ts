// What just happened, in a corner for some seconds.
import { useSyncExternalStore } from 'react';

export interface Toast {
  id: number;
  kind: 'good' | 'bad' | 'plain';
  text: string;
  /** More than a line, e.g. a result for each of several stores. */
  details?: string[];
}

let toasts: Toast[] = [];
let next = 1;
const listeners = new Set<() => void>();

function set(list: Toast[]) {
  toasts = list;
  listeners.forEach((listener) => listener());
}

/** Errors stay until they are closed: they may be needed longer than one expects. */
export function toast(kind: Toast['kind'], text: string, details?: string[]) {
  const id = next++;
  set([...toasts.slice(-3), { id, kind, text, details }]);
  if (kind !== 'bad') setTimeout(() => dismiss(id), 5_000);
}

export const dismiss = (id: number) => set(toasts.filter((one) => one.id !== id));

export const useToasts = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => toasts,
  );
