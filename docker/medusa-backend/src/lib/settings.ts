import { readFileSync } from "node:fs"
import { dirname, join } from "node:path"

/** What the chart tells of the store: /etc/store-weaver/store.json. */
export interface StoreFile {
  name: string
  region: string
  /** ISO 3166, lower case. */
  countries: string[]
  currency: string
  city?: string
  shippingPrice?: string
  sampleProducts?: SampleProduct[]
  /** Raised by one for each new password of the administrator that was asked for. */
  adminRevision?: number
}

export interface SampleProduct { sku: string; name: string; price: string; stock: number; description?: string }

const STORE_FILE = process.env.STORE_FILE ?? "/etc/store-weaver/store.json"

export function storeFile(): StoreFile {
  return JSON.parse(readFileSync(STORE_FILE, "utf8"))
}

/** Hosts of the store beside that of its address; they change while it runs. */
export function otherHosts(): Set<string> {
  try {
    return new Set(readFileSync(join(dirname(STORE_FILE), "hosts"), "utf8").split("\n"))
  } catch {
    return new Set()
  }
}

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
  const { DATABASE_HOST = "localhost", DATABASE_PORT = "5432", DATABASE_NAME = "medusa", DATABASE_USER = "medusa" } = process.env
  return `postgres://${DATABASE_USER}:${encodeURIComponent(secret("postgres-password"))}@${DATABASE_HOST}:${DATABASE_PORT}/${DATABASE_NAME}`
}

/** TLS to the database with DATABASE_SSL=true; its certificate is not checked. */
export function databaseTls(): false | { rejectUnauthorized: false } {
  return process.env.DATABASE_SSL === "true" ? { rejectUnauthorized: false } : false
}

export function redisUrl(): string {
  return `redis://:${encodeURIComponent(secret("redis-password"))}@${process.env.REDIS_HOST ?? "localhost"}:${process.env.REDIS_PORT ?? "6379"}`
}

/** The store's public address, without a slash at its end. */
export function storeUrl(): string {
  return (process.env.STORE_URL ?? "http://localhost:9000").replace(/\/+$/, "")
}

/** Whether it is a copy to try things with, which search engines are not to find. */
export function isStaging(): boolean {
  return process.env.STORE_STAGING === "1"
}

export type Volume = "database" | "uploads" | "cache"

/** In bytes; `undefined` where nobody says. */
export function volumeSize(name: Volume): number | undefined {
  const text = process.env[`STORE_${name.toUpperCase()}_BYTES`] ?? ""
  if (text === "") return undefined
  if (!/^[1-9][0-9]{0,17}$/.test(text)) throw new Error(`STORE_${name.toUpperCase()}_BYTES must be a number of bytes, not "${text}"`)
  return Number(text)
}

/** A number of seconds from the environment. */
export function seconds(name: string, otherwise: number): number {
  const text = process.env[name] ?? String(otherwise)
  const value = Number(text)
  if (!(value > 0)) throw new Error(`${name} must be a number of seconds, not "${text}"`)
  return value
}
