import { knex, type Knex } from "@medusajs/framework/mikro-orm/knex"
import { databaseTls, databaseUrl } from "../lib/settings"

/** A statement may take this long at the server, and this long until its answer is here: then the visitor gets an answer, if only an error. */
const STATEMENT_MS = 10_000
const ANSWER_MS = 20_000
/** How long a visitor waits for a free connection; and a module while Medusa starts, when nothing is read for seconds on a busy machine. */
const ACQUIRE_MS = 5000
const ACQUIRE_AT_START_MS = 60_000

/** The connections that all of Medusa's modules share; its own loader can set none of these limits. */
export function sharedPool(): Knex {
  return knex({
    client: "pg",
    searchPath: "public",
    connection: {
      connectionString: databaseUrl(), ssl: databaseTls(), connectionTimeoutMillis: 5000, keepAlive: true, keepAliveInitialDelayMillis: 10_000,
      statement_timeout: STATEMENT_MS, query_timeout: ANSWER_MS,
    },
    // One failed attempt to connect is not every waiting request's failure.
    pool: { min: 2, max: 10, propagateCreateError: false },
    acquireConnectionTimeout: ACQUIRE_AT_START_MS,
  })
}

/** From now on visitors wait for it. */
export function limitWaits(pool: Knex): void {
  pool.client.pool.acquireTimeoutMillis = ACQUIRE_MS
}
