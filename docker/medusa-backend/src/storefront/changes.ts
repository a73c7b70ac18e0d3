const listeners: (() => void)[] = []

/** `listener` is called when something changed that pages show: products, prices, stock, regions, the store's settings. */
export function onChange(listener: () => void): void {
  listeners.push(listener)
}

export function changed(): void {
  for (const listener of listeners) listener()
}
