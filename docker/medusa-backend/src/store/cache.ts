import Redis from "ioredis"
import { redisUrl } from "../lib/settings"
import { log } from "./log"
import type { SetupDatabase } from "./state"

const KEY = "store-weaver:database"

/**
 * Empties Redis when the database was restored meanwhile: its sessions, queued events and workflows are of data that is gone. A table that was
 * restored has another number than before.
 */
export async function emptyAfterRestore(database: SetupDatabase): Promise<void> {
  const { rows: [{ number }] } = await database.client.query("SELECT coalesce(to_regclass('public.store')::oid::text, '') AS number")
  const redis = new Redis(redisUrl(), { maxRetriesPerRequest: 1, commandTimeout: 5000 })
  // What fails is told by the command that failed.
  redis.on("error", () => undefined)
  try {
    const known = await redis.get(KEY)
    if (known === number) return
    if (known !== null) {
      await redis.flushdb()
      log("info", "set-up: the database was restored, so Redis is emptied")
    }
    await redis.set(KEY, number)
  } finally {
    redis.disconnect()
  }
}
