import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { ulid } from "ulid"
import { seconds } from "../lib/settings"
import { readdress } from "./address"
import { log } from "./log"
import type { SetupDatabase } from "./state"
import { endsWithUs } from "./stop"

/** Both made when the image is built: what decides the tables, as one number; and a dump of the database with them. */
const VERSION_FILE = "database-version"
const SEED_FILE = "seed.sql"

/** Brings the database to this image's tables and the store's address. When the last to do so was an image of the same version, nothing is migrated. */
export async function prepare(database: SetupDatabase): Promise<void> {
  const version = readFileSync(VERSION_FILE, "utf8").trim()
  let it = await database.read("database")
  if (!it) {
    // Tables that nobody here made are somebody's store: it is migrated, and nothing is set up in it.
    it = { phase: (await isEmpty(database)) ? "new" : "ready", version: "" }
    await database.write("database", it)
  }
  if (it.phase === "new" || it.phase === "furnishing") it = await begin(database, version)
  if (it.version !== version) {
    log("info", `set-up: migrating${it.version ? " a database of another version" : ""}`)
    await migrate()
    it = { phase: it.phase === "new" ? "migrated" : it.phase, version }
    await database.write("database", it)
  }
  await readdress(database)
  log("info", `set-up: the database is ${it.phase}`)
}

async function isEmpty(database: SetupDatabase): Promise<boolean> {
  const { rows } = await database.client.query("SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = 'public' LIMIT 1")
  return rows.length === 0
}

/** An empty schema with the seed's tables in it, or none at all. A set-up that was cut off leaves nothing behind. */
async function begin(database: SetupDatabase, version: string) {
  const seed = existsSync(SEED_FILE) ? renewed(readFileSync(SEED_FILE, "utf8")) : undefined
  const it = { phase: seed ? "migrated" : "new", version: seed ? version : "" } as const
  await database.together(async () => {
    await database.client.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC")
    if (seed) await database.client.query(seed)
    // The dump's settings end with it.
    await database.client.query("SET search_path TO DEFAULT; SET row_security TO DEFAULT; SET check_function_bodies TO DEFAULT")
    await database.write("database", it)
  })
  log("info", `set-up: begun with ${seed ? "the image's seed" : "an empty database"}`)
  return it
}

/** No two stores have an id in common: each ULID of the seed becomes a new one, wherever it stands. */
export function renewed(seed: string): string {
  const ids = new Map<string, string>()
  return seed.replace(/(?<=[_'])[0-7][0-9A-HJKMNP-TV-Z]{25}(?=')/g, (old) => {
    const id = ids.get(old) ?? ulid()
    ids.set(old, id)
    return id
  })
}

/**
 * Medusa's own migrations. Of the tables that link two modules, those that it would have to change or to delete with their content stay as
 * they are: a removed link's table is not used any more, and what is only to be altered goes on working. It says which on standard output.
 */
async function migrate(): Promise<void> {
  // By itself, since `db:migrate` is content whatever its scripts end with.
  await medusa("db:migrate", "--skip-scripts", "--execute-safe-links")
  await medusa("db:migrate:scripts")
}

/** Runs a command of Medusa's without a terminal: a question that it asks all the same ends it. */
function medusa(...words: string[]): Promise<void> {
  const limit = seconds("MIGRATION_TIMEOUT_SECONDS", 600)
  const child = spawn(process.execPath, ["node_modules/@medusajs/cli/cli.js", ...words], { stdio: ["ignore", "inherit", "inherit"] })
  endsWithUs(child)
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL")
      reject(new Error(`medusa ${words[0]} did not end within ${limit} s`))
    }, limit * 1000)
    child.once("error", reject)
    child.once("close", (code, signal) => {
      clearTimeout(timer)
      if (code === 0) resolve()
      else reject(new Error(`medusa ${words[0]} ended with ${signal ?? code}`))
    })
  })
}
