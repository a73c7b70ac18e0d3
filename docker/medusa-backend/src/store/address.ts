import { storeUrl } from "../lib/settings"
import { log } from "./log"
import type { SetupDatabase } from "./state"

/**
 * Brings all text and JSON to the store's address when it has that of another: of the store that it is a copy of, or of the one that it was.
 * Medusa keeps addresses of pictures whole. All of it or nothing.
 */
export async function readdress(database: SetupDatabase): Promise<void> {
  const url = storeUrl()
  const known = (await database.read("address"))?.url ?? (await addressOfPictures(database))
  if (known === url) return
  await database.together(async () => {
    const rows = known === undefined ? 0 : await rewrite(database, known, url)
    if (rows > 0) log("info", `set-up: ${known} is ${url} now, in ${rows} rows`)
    await database.write("address", { url })
  })
}

/** The one address of all pictures that were uploaded to this store, where the set-up has noted none yet. */
async function addressOfPictures(database: SetupDatabase): Promise<string | undefined> {
  const { rows: [{ there }] } = await database.client.query("SELECT to_regclass('public.image') IS NOT NULL AS there")
  if (!there) return undefined
  const { rows } = await database.client.query("SELECT DISTINCT substring(url FROM '^(https?://[^/]+)/static/') AS url FROM public.image WHERE url ~ '^https?://[^/]+/static/'")
  return rows.length === 1 ? rows[0].url : undefined
}

/** How many rows it changed. */
async function rewrite(database: SetupDatabase, known: string, url: string): Promise<number> {
  const { rows: columns } = await database.client.query(`
    SELECT format('%I.%I', c.table_schema, c.table_name) AS table_name, format('%I', c.column_name) AS name, c.data_type AS type
    FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER'
      AND c.data_type IN ('text', 'character varying', 'json', 'jsonb')`)
  // Neither a longer host nor another port is the same address.
  const old = `https?://${known.replace(/^https?:\/\//, "").replace(/[.\\+*?()[\]{}|^$]/g, "\\$&")}(?![a-z0-9-]|\\.[a-z0-9]|:[0-9])`
  let changed = 0
  for (const { table_name, name, type } of columns) {
    const { rowCount } = await database.client.query(
      `UPDATE ${table_name} SET ${name} = regexp_replace(${name}::text, $1, $2, 'gi')::${type} WHERE ${name}::text ~* $1`, [old, url],
    )
    changed += rowCount ?? 0
  }
  return changed
}
