import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { MedusaError } from "@medusajs/framework/utils"
import { volumeSize } from "./settings"

/** Counting takes a twentieth of the time at most, however many files there are. */
const SHARE = 20
const LEAST_MS = 60_000

let counted: number | undefined
let since = 0
let due = 0
let counting: Promise<void> | undefined

/** Bytes on the uploads volume: as they were counted last, and what was uploaded since. `undefined` where they cannot be counted. */
export async function uploadsUsed(): Promise<number | undefined> {
  if (Date.now() >= due) counting ??= count().finally(() => { counting = undefined })
  if (counted === undefined) await counting
  return counted === undefined ? undefined : counted + since
}

async function count(): Promise<void> {
  const began = Date.now()
  const before = since
  // A file that goes meanwhile is no failure: what was counted is there all the same.
  const { stdout } = await promisify(execFile)("du", ["--summarize", "--dereference-args", "--block-size=1", "static"]).catch((error) => error)
  const bytes = Number.parseInt(stdout, 10)
  if (Number.isFinite(bytes)) {
    counted = bytes
    since -= before
  }
  due = Date.now() + Math.max(LEAST_MS, (Date.now() - began) * SHARE)
}

/** Something was deleted: who asks next has it counted. */
export function forgetUploads(): void {
  due = 0
}

/** Notes an upload of so many bytes, or refuses it: not every cluster holds a volume to its size. Selling needs none of it. */
export async function holdUpload(bytes: number): Promise<void> {
  const [used, size] = [await uploadsUsed(), volumeSize("uploads")]
  if (used !== undefined && size !== undefined && used + bytes > size) {
    throw new MedusaError(
      MedusaError.Types.NOT_ALLOWED,
      `The store has no room for this upload: ${mebibytes(used)} of ${mebibytes(size)} are used. Delete what is not needed any more, or ask for a larger volume.`,
    )
  }
  since += bytes
}

const mebibytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`
