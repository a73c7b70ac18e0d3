import { knex } from "@medusajs/framework/mikro-orm/knex"
import { databaseTls, databaseUrl } from "../lib/settings"

/** A statement may take this long, and so may a wait for a free connection: then the visitor gets an answer, if only an error. */
const STATEMENT_MS = 10_000
const ACQUIRE_MS = 5000

/** The connections that all of Medusa's modules share; its own loader can set neither limit. */
export function sharedPool() {
  return knex({
    client: "pg",
    searchPath: "public",
    connection: {
      connectionString: databaseUrl(), ssl: databaseTls(), connectionTimeoutMillis: 3000, keepAlive: true, keepAliveInitialDelayMillis: 10_000,
      statement_timeout: STATEMENT_MS, query_timeout: STATEMENT_MS,
    },
    // One failed attempt to connect is not every waiting request's failure.
    pool: { min: 2, max: 10, propagateCreateError: false },
    acquireConnectionTimeout: ACQUIRE_MS,
  })
}
