/** A reload may take this part of the time, however often something changes. */
const RELOAD_SHARE = 0.1

/**
 * A value that is loaded once and kept. After a change, or when it is old, the next reader gets it as it is and starts the reload: but for the
 * first, nobody waits.
 */
export class Kept<T> {
  private value?: T
  private loading?: Promise<T>
  private stale = false
  private loadedAt = 0
  private restUntil = 0

  constructor(private readonly load: () => Promise<T>, private readonly maxAgeMs: number) {}

  async get(): Promise<T> {
    if (this.value === undefined) return this.reload()
    const now = Date.now()
    if ((this.stale || now - this.loadedAt > this.maxAgeMs) && now >= this.restUntil) this.reload().catch(() => undefined)
    return this.value
  }

  drop(): void {
    this.stale = true
  }

  private reload(): Promise<T> {
    this.loading ??= this.run().finally(() => { this.loading = undefined })
    return this.loading
  }

  private async run(): Promise<T> {
    // A change while it is loaded makes it stale again.
    this.stale = false
    const began = Date.now()
    try {
      this.value = await this.load()
      this.loadedAt = Date.now()
      return this.value
    } catch (error) {
      this.stale = true
      throw error
    } finally {
      const end = Date.now()
      this.restUntil = end + (end - began) * (1 / RELOAD_SHARE - 1)
    }
  }
}
