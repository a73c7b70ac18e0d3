import Redis from "ioredis"
import { Pool } from "pg"
import { databaseTls, databaseUrl, redisUrl } from "../lib/settings"
import { log } from "./log"

/** How long a server may take to answer before it counts as away. */
const DEADLINE_MS = 2000
/** How long an answer holds: however many visitors there are, each server is asked once in that time. */
const HOLDS_MS = 1000

/** Whether the two servers answer without which nothing can be sold. Asks by connections of its own, so that a busy pool is not an absent server. */
export class Health {
  private readonly database = new Pool({
    connectionString: databaseUrl(), ssl: databaseTls(), max: 1, idleTimeoutMillis: 0,
    connectionTimeoutMillis: DEADLINE_MS, query_timeout: DEADLINE_MS,
  }).on("error", () => undefined)

  private readonly redis = new Redis(redisUrl(), {
    connectTimeout: DEADLINE_MS, commandTimeout: DEADLINE_MS, enableOfflineQueue: false, maxRetriesPerRequest: 0, retryStrategy: () => 200,
  }).on("error", () => undefined)

  private away = new Set<string>()
  private late = new Set<string>()
  private asked = 0
  private answer: Promise<string[]> = Promise.resolve([])

  /** The names of those that are away. */
  check(): Promise<string[]> {
    if (Date.now() - this.asked >= HOLDS_MS) {
      this.asked = Infinity
      this.answer = this.ask().finally(() => { this.asked = Date.now() })
    }
    return this.answer
  }

  /** Until both answer; fails when one does not within `seconds`. */
  async wait(seconds: number): Promise<void> {
    const deadline = Date.now() + seconds * 1000
    if (this.redis.status !== "ready") {
      await new Promise((resolve) => {
        this.redis.once("ready", resolve)
        setTimeout(resolve, DEADLINE_MS)
      })
    }
    for (;;) {
      const away = await this.ask()
      if (away.length === 0) return
      if (Date.now() >= deadline) throw new Error(`${away.join(" and ")} did not answer within ${seconds} s`)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  /** Of this database and the server's log of changes, where it may be asked; `undefined` while it does not answer. */
  async databaseBytes(): Promise<number | undefined> {
    const question = `SELECT pg_database_size(current_database()) + CASE WHEN has_function_privilege('pg_ls_waldir()', 'EXECUTE')
      THEN (SELECT coalesce(sum(size), 0) FROM pg_ls_waldir()) ELSE 0 END AS bytes`
    return this.database.query(question).then(({ rows }) => Number(rows[0].bytes), () => undefined)
  }

  /** Of its append-only file; `undefined` while it does not answer, or keeps none. */
  async redisBytes(): Promise<number | undefined> {
    const said = await this.redis.info("persistence").catch(() => "")
    const size = /^aof_current_size:([0-9]+)/m.exec(said)
    return size ? Number(size[1]) : undefined
  }

  private async ask(): Promise<string[]> {
    const answers = await Promise.all([
      this.note("PostgreSQL", this.database.query("SELECT 1")),
      this.note("Redis", this.redis.ping()),
    ])
    return answers.filter((name) => name !== undefined)
  }

  /** Says in the log when a server goes or comes back, and not again until that changes. */
  private async note(name: string, question: Promise<unknown>): Promise<string | undefined> {
    const error = await question.then(() => undefined, (error: Error) => error)
    // One late answer may be this process' own doing, when it has much to do.
    const wasLate = this.late.delete(name)
    if (error && /time/i.test(error.message) && !wasLate && !this.away.has(name)) {
      this.late.add(name)
      return undefined
    }
    if (error && !this.away.has(name)) log("error", `${name} is away, so visitors are told to come again: ${error.message}`)
    if (!error && this.away.has(name)) log("info", `${name} is back`)
    if (error) this.away.add(name)
    else this.away.delete(name)
    return error ? name : undefined
  }
}
