import { defineConfig } from "@medusajs/framework/utils"
import { databaseTls, databaseUrl, redisUrl, secret, storeUrl } from "./src/lib/settings"

const redis = redisUrl()
const url = storeUrl()
// For connections that answer visitors: what Redis does not answer in time fails. BullMQ's connections wait for jobs and must not have it.
const redisOptions = { commandTimeout: 5000, maxRetriesPerRequest: 1 }

module.exports = defineConfig({
  projectConfig: {
    databaseUrl: databaseUrl(),
    // A Service's name looks remote to the migrator, which then insists on TLS and hangs: said here, not guessed there.
    databaseDriverOptions: { connection: { ssl: databaseTls() } },
    redisUrl: redis,
    redisOptions,
    workerMode: (process.env.MEDUSA_WORKER_MODE ?? "shared") as "shared" | "worker" | "server",
    http: {
      storeCors: url,
      adminCors: url,
      authCors: url,
      jwtSecret: secret("jwt-secret"),
      cookieSecret: secret("cookie-secret"),
    },
    // Over plain http a secure cookie never comes back, and the admin answers 401.
    cookieOptions: { secure: url.startsWith("https://"), sameSite: "lax" },
  },
  // The page is built once for all stores: it asks the address that it came from.
  admin: { backendUrl: "/", disable: process.env.MEDUSA_ADMIN_DISABLED === "true" },
  modules: [
    { resolve: "@medusajs/medusa/event-bus-redis", options: { redisUrl: redis } },
    { resolve: "@medusajs/medusa/workflow-engine-redis", options: { redis: { redisUrl: redis } } },
    {
      resolve: "@medusajs/medusa/locking",
      options: {
        providers: [{ resolve: "@medusajs/medusa/locking-redis", id: "locking-redis", is_default: true, options: { redisUrl: redis, redisOptions } }],
      },
    },
    {
      resolve: "@medusajs/medusa/file",
      options: { providers: [{ resolve: "./src/modules/held-files", id: "local", options: { upload_dir: "static", backend_url: `${url}/static` } }] },
    },
  ],
})
