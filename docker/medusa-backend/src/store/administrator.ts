import { existsSync } from "node:fs"
import { join } from "node:path"
import { kdf } from "scrypt-kdf"
import { secret, storeFile } from "../lib/settings"
import { log } from "./log"
import type { SetupDatabase } from "./state"

/**
 * Notes the account that the Secret asks for, its password as the hash that Medusa would make of it: the server, which makes the account, never
 * sees the password. Only where the Secret is mounted, and only once for each revision.
 */
export async function noteAdministrator(database: SetupDatabase): Promise<void> {
  const folder = process.env.ADMIN_SECRETS_DIR ?? "/run/secrets/admin"
  if (!existsSync(join(folder, "admin-email"))) return
  const revision = storeFile().adminRevision ?? 0
  const noted = await database.read("administrator")
  const { phase } = (await database.read("database"))!
  // The first account of a database that was somebody's before is not ours to make.
  if (noted ? noted.revision >= revision : phase === "ready" && revision === 0) return
  const password = await kdf(secret("admin-password", folder), { logN: 15, r: 8, p: 1 })
  await database.write("administrator", { email: secret("admin-email", folder), revision, password: password.toString("base64") })
  log("info", "set-up: the administrator's account is noted")
}
