/** Moves the focus there, after what the same event changes has been drawn. */
export function lazyFocus(selector: string) {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(selector)?.focus());
}
