import { readFileSync } from "node:fs"
import { join } from "node:path"

/** A secret's text from its file below SECRETS_DIR (or `folder`). While the image is built there are none. */
export function secret(name: string, folder = process.env.SECRETS_DIR ?? "/run/secrets/store"): string {
  const path = join(folder, name)
  try {
    const text = readFileSync(path, "utf8").trim()
    if (text !== "") return text
  } catch {
    if (process.env.DATABASE_HOST === undefined) return "not-used-while-building"
  }
  throw new Error(`the secret file ${path} is missing or empty`)
}

export function databaseUrl(): string {
  const { DATABASE_HOST = "localhost", DATABASE_NAME = "medusa", DATABASE_USER = "medusa" } = process.env
  return `postgres://${DATABASE_USER}:${encodeURIComponent(secret("postgres-password"))}@${DATABASE_HOST}:5432/${DATABASE_NAME}`
}

export function redisUrl(): string {
  return `redis://:${encodeURIComponent(secret("redis-password"))}@${process.env.REDIS_HOST ?? "localhost"}:6379`
}

/** The shop's public address, without a slash at its end. */
export function storeUrl(): string {
  return (process.env.STORE_URL ?? "http://localhost:9000").replace(/\/+$/, "")
}
