import { Client } from "pg"
import { databaseTls, databaseUrl } from "../lib/settings"
import { log } from "./log"

/**
 * How far the database is. Nobody but the set-up has written to it before it is `ready`, so whatever was cut off before is begun again.
 *   new          empty, or being migrated for the first time
 *   migrated     has its tables and nothing of a store
 *   furnishing   the server's first start is making the store
 *   ready        a store; from now on it is its owner's
 */
export type Phase = "new" | "migrated" | "furnishing" | "ready"

/** What this set-up remembers, in a schema of its own that Medusa does not know. */
export interface State {
  /** `version`: the image's, as of the last migration. */
  database: { phase: Phase; version: string }
  /** `password`: scrypt's, of an account that the server has still to make or to renew. */
  administrator: { email: string; revision: number; password?: string }
  /** The name that was written last. */
  store: { name: string }
  /** The one that text in the database has; `url` is as STORE_URL says it. */
  address: { url: string }
}

export class SetupDatabase {
  private constructor(readonly client: Client) {}

  /** Connects when the database takes connections, after `seconds` at the latest, and waits for another set-up of this store to end. */
  static async open(seconds: number): Promise<SetupDatabase> {
    const client = await connect(Date.now() + seconds * 1000)
    await client.query(`SET lock_timeout = '${seconds}s'`)
    await client.query("SELECT pg_advisory_lock(hashtext('store-weaver.setup'))")
    await client.query("CREATE SCHEMA IF NOT EXISTS store_weaver")
    await client.query("CREATE TABLE IF NOT EXISTS store_weaver.setup (name text PRIMARY KEY, value jsonb NOT NULL)")
    return new SetupDatabase(client)
  }

  async read<Name extends keyof State>(name: Name): Promise<State[Name] | undefined> {
    return (await this.client.query("SELECT value FROM store_weaver.setup WHERE name = $1", [name])).rows[0]?.value
  }

  async write<Name extends keyof State>(name: Name, value: State[Name]): Promise<void> {
    await this.client.query(
      "INSERT INTO store_weaver.setup VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", [name, JSON.stringify(value)],
    )
  }

  /** All that `work` writes, or nothing. */
  async together(work: () => Promise<void>): Promise<void> {
    await this.client.query("BEGIN")
    try {
      await work()
      await this.client.query("COMMIT")
    } catch (error) {
      await this.client.query("ROLLBACK").catch(() => undefined)
      throw error
    }
  }

  /** Lets the next one in. */
  close(): Promise<void> {
    return this.client.end()
  }
}

/** First tries are short: one that went to a pod which has gone, or met no network policy yet, is never answered. A slow machine gets longer ones. */
async function connect(deadline: number): Promise<Client> {
  for (let told = false, patience = 1000; ; told = true, patience = Math.min(patience + 250, 3000)) {
    const client = new Client({ connectionString: databaseUrl(), ssl: databaseTls(), connectionTimeoutMillis: patience, keepAlive: true })
    client.on("error", (error) => log("error", `set-up: the database closed the connection: ${error.message}`))
    try {
      await client.connect()
      return client
    } catch (error) {
      await client.end().catch(() => undefined)
      if (Date.now() >= deadline) throw new Error(`the database did not answer in time: ${(error as Error).message}`)
      if (!told) log("info", `set-up: waiting for the database: ${(error as Error).message}`)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}
