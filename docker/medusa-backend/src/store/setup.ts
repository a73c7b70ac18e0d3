import "./stop"
import { seconds } from "../lib/settings"
import { noteAdministrator } from "./administrator"
import { prepare } from "./prepare"
import { SetupDatabase } from "./state"
import { log } from "./log"

/** store-setup: all that comes before the server, and all that needs the administrator's password. */
async function main() {
  const database = await SetupDatabase.open(seconds("SETUP_TIMEOUT_SECONDS", 240))
  await prepare(database)
  await noteAdministrator(database)
  await database.close()
}

main().then(() => process.exit(0), (error: Error) => {
  log("error", `set-up: ${error.stack}`)
  process.exit(1)
})
