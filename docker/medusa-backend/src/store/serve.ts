import { onStop } from "./stop"
import { createServer, type Server, type ServerResponse } from "node:http"
import { asValue } from "@medusajs/framework/awilix"
import { container as shared } from "@medusajs/framework"
import type { MedusaContainer } from "@medusajs/framework/types"
import { ContainerRegistrationKeys, Modules } from "@medusajs/framework/utils"
import loaders from "@medusajs/medusa/loaders/index"
import express from "express"
import { seconds, storeFile } from "../lib/settings"
import { addAdminSession } from "../admin-session/routes"
import { addStorefront } from "../storefront/routes"
import { applyAdministrator } from "./account"
import { noteAdministrator } from "./administrator"
import { emptyAfterRestore } from "./cache"
import { furnish } from "./furnish"
import { guard } from "./guards"
import { Health } from "./health"
import { log } from "./log"
import { limitWaits, sharedPool } from "./pool"
import { prepare } from "./prepare"
import { quietConnections } from "./quiet"
import { SetupDatabase, type State } from "./state"

const PORT = Number(process.env.PORT ?? "9000")
const REQUESTS_END_MS = 5000
const MODULES_END_MS = 3000

/** store-serve: a prepared database becomes a store at its first start; then, and at once at every later one, it is served. */
async function main() {
  quietConnections()
  const patience = seconds("SETUP_TIMEOUT_SECONDS", 240)
  const database = await SetupDatabase.open(patience)
  await prepare(database)
  await noteAdministrator(database)
  const health = new Health()
  await health.wait(patience)
  await emptyAfterRestore(database)
  const { phase, version } = (await database.read("database"))!
  // Medusa's loaders write the first rows.
  if (phase !== "ready") await database.write("database", { phase: "furnishing", version })

  const pool = sharedPool()
  shared.register(ContainerRegistrationKeys.PG_CONNECTION, asValue(pool))
  const app = express()
  guard(app, health)
  const { container, shutdown } = await loaders({ directory: process.cwd(), expressApp: app })
  app.get("/health", (_, response) => { response.send("OK") })
  addAdminSession(app, container)
  if (process.env.STOREFRONT !== "false") addStorefront(app, container, PORT)

  const administrator = await database.read("administrator")
  if (phase !== "ready") await furnish(container, storeFile())
  else await rename(container, database)
  if (administrator?.password) await applyAdministrator(container, administrator as Required<State["administrator"]>)
  await database.together(async () => {
    if (phase !== "ready") await database.write("store", { name: storeFile().name })
    if (administrator) await database.write("administrator", { ...administrator, password: undefined })
    await database.write("database", { phase: "ready", version })
  })
  await database.close()
  if (phase !== "ready") log("info", "set-up: the store is made")
  limitWaits(pool)
  listen(createServer(app), health, shutdown)
}

/** A store that was renamed gets its new name, unless its owner gave it another meanwhile. */
async function rename(container: MedusaContainer, database: SetupDatabase): Promise<void> {
  const written = await database.read("store")
  const { name } = storeFile()
  if (!written || written.name === name) return
  const stores = container.resolve(Modules.STORE)
  const [store] = await stores.listStores({})
  if (store.name === written.name) await stores.updateStores(store.id, { name })
  await database.write("store", { name })
}

function listen(server: Server, health: Health, shutdown: () => Promise<void>): void {
  const open = new Set<ServerResponse>()
  let stopping = false
  server.prependListener("request", (_, response) => {
    open.add(response)
    response.once("close", () => open.delete(response))
    if (stopping) endConnection(response)
  })
  // At every address, of IPv6 too where there is one.
  server.listen(PORT, () => log("info", `listening on port ${PORT}`))
  onStop(async (signal) => {
    log("info", `${signal}: stopping`)
    onStop(() => process.exit(1))
    stopping = true
    for (const response of open) endConnection(response)
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeIdleConnections()
    await within(REQUESTS_END_MS, closed)
    // Medusa's modules say goodbye to the servers, and would wait for one that is away.
    if ((await health.check()).length === 0) await within(MODULES_END_MS, shutdown().catch(() => undefined))
    process.exit(0)
  })
}

/** The connection ends with this answer: a proxy that sends one request after the other would keep it busy, and the server from closing. */
function endConnection(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("Connection", "close")
}

function within(milliseconds: number, work: Promise<unknown>): Promise<unknown> {
  return Promise.race([work, new Promise((resolve) => setTimeout(resolve, milliseconds))])
}

main().catch((error: Error) => {
  log("error", `the store did not start: ${error.stack}`)
  process.exit(1)
})
