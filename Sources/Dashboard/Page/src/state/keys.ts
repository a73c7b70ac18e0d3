// Keys that work anywhere on the page, except where one types.
import { useEffect, useRef } from 'react';

export function useKeys(keys: Record<string, (event: KeyboardEvent) => void>) {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    function press(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target as HTMLElement;
      const isTyping = target.matches('input:not([type=checkbox]), textarea, select') || target.isContentEditable;
      if (isTyping && event.key !== 'Escape') return;
      if (document.querySelector('dialog[open]')) return;
      const action = current.current[event.key];
      if (!action) return;
      event.preventDefault();
      action(event);
    }
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

/** Ctrl-K, or ⌘K on a Mac: also where one types, and not before another window. */
export function usePaletteKey(act: () => void) {
  const current = useRef(act);
  current.current = act;
  useEffect(() => {
    function press(event: KeyboardEvent) {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      if (document.querySelector('dialog[open]:not(:has([role=combobox]))')) return;
      event.preventDefault();
      current.current();
    }
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}
