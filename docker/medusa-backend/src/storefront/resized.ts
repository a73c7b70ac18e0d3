import { execFile } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import type { Express } from "express"
import { volumeSize } from "../lib/settings"
import { holdUpload } from "../lib/uploads"
import { log } from "../store/log"
import { decoderOf, fileOf, readSize, WIDTHS } from "./pictures"

const DEADLINE_MS = 20_000
/** One is made at a time, beside what the store has to do; so many more may wait. */
const MOST_WAITING = 100
/** Of the uploads volume, and in bytes. */
const SHARE = 0.1
const MOST_BYTES = 256 << 20
/** Of the process that makes one smaller; half of it for the pixels. */
const MOST_MEMORY = 512 << 20
const YEAR_S = 365 * 86_400

/**
 * Uploaded pictures in the widths that screens need, as WebP, made by GraphicsMagick in a process of its own when one is asked for first, and
 * kept beside the uploads up to a bound. Where that is not possible, the picture is shown as it was uploaded.
 */
export class ResizedPictures {
  private readonly folder = join(process.cwd(), "static", ".resized")
  private readonly making = new Map<string, Promise<Buffer>>()
  private last: Promise<unknown> = Promise.resolve()
  private bytes?: number
  private told = false

  /** `name`: of the uploaded file; nothing where there is none. */
  async get(width: number, name: string): Promise<Buffer | undefined> {
    const source = fileOf(name)
    if (!source || !(await stat(source).catch(() => undefined))?.isFile()) return undefined
    const file = join(this.folder, `${width}-${createHash("sha256").update(name).digest("hex").slice(0, 32)}.webp`)
    return readFile(file).catch(() => {
      let made = this.making.get(file)
      if (!made) {
        if (this.making.size > MOST_WAITING) throw new Error("too many pictures are waited for")
        made = this.inTurn(() => this.make(source, name, width, file)).finally(() => this.making.delete(file))
        this.making.set(file, made)
      }
      return made
    })
  }

  /** Says in the log what keeps pictures from being made smaller, once. */
  tell(error: unknown): void {
    if (!this.told) log("warn", `storefront: a picture is shown as it was uploaded: ${(error as Error).message.split("\n", 3).join(" ")}`)
    this.told = true
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.last.then(work)
    this.last = mine.catch(() => undefined)
    return mine
  }

  private async make(source: string, name: string, width: number, file: string): Promise<Buffer> {
    const size = await readSize(name)
    const decoder = size && decoderOf(name, size)
    if (!decoder) throw new Error(`${name} is too large, or nothing that can be made smaller`)
    const height = Math.max(1, Math.round(size[1] * width / size[0]))
    // What a JPEG's decoder may leave out at once: it keeps at least so many pixels on either side.
    const least = Math.min(width, height)
    const words = [
      `--as=${MOST_MEMORY}`, "nice", "-n", "10", "gm", "convert", "-limit", "Memory", String(MOST_MEMORY / 2), "-limit", "Map", "0", "-limit", "Disk", "0",
      "-limit", "Threads", "1", "-size", `${least}x${least}`, `${decoder}:${source}[0]`, "-auto-orient", "-resize", `${width}x${height}!`,
      // Of what the file says beside its pixels, the meaning of its colours stays; where it was taken does not.
      "+profile", "!icm,*", "-quality", "80", "webp:-",
    ]
    const { stdout } = await promisify(execFile)("prlimit", words, { encoding: "buffer", maxBuffer: 8 << 20, timeout: DEADLINE_MS, killSignal: "SIGKILL" })
    if (stdout.length === 0) throw new Error("GraphicsMagick wrote nothing")
    await this.keep(file, stdout).catch((error) => this.tell(error))
    return stdout
  }

  private async keep(file: string, content: Buffer): Promise<void> {
    await mkdir(this.folder, { recursive: true })
    const most = Math.min(MOST_BYTES, (volumeSize("uploads") ?? Infinity) * SHARE)
    this.bytes ??= (await this.kept()).reduce((sum, { size }) => sum + size, 0)
    if (this.bytes + content.length > most) await this.shrink(most / 2)
    await holdUpload(content.length)
    await writeFile(`${file}.part`, content)
    await rename(`${file}.part`, file)
    this.bytes += content.length
  }

  /** Takes out those that were made first. */
  private async shrink(bytes: number): Promise<void> {
    const all = (await this.kept()).sort((one, other) => one.made - other.made)
    let left = all.reduce((sum, { size }) => sum + size, 0)
    for (const { path, size } of all) {
      if (left <= bytes) break
      await rm(path, { force: true })
      left -= size
    }
    this.bytes = left
  }

  private async kept(): Promise<{ path: string; size: number; made: number }[]> {
    const paths = (await readdir(this.folder)).map((name) => join(this.folder, name))
    const found = []
    for (const path of paths) {
      const it = await stat(path).catch(() => undefined)
      if (it) found.push({ path, size: it.size, made: it.mtimeMs })
    }
    return found
  }
}

/** /pictures/WIDTH/NAME: an uploaded picture in one of the widths. Its content never changes under its name. */
export function addPictures(app: Express): void {
  const pictures = new ResizedPictures()
  app.get(/^\/pictures\/([0-9]{1,5})\/(.+)$/, async (request, response, next) => {
    const [width, name] = [Number(request.params[0]), request.params[1]]
    if (!WIDTHS.includes(width)) return next()
    try {
      const content = await pictures.get(width, name)
      if (!content) return next()
      response.type("image/webp").set("Cache-Control", `public, max-age=${YEAR_S}, immutable`).set("X-Content-Type-Options", "nosniff").send(content)
    } catch (error) {
      pictures.tell(error)
      response.set("Cache-Control", "public, max-age=300").redirect(302, `/static/${name.split("/").map(encodeURIComponent).join("/")}`)
    }
  })
}
