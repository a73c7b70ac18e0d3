import { open } from "node:fs/promises"
import { join, normalize } from "node:path"
import { storeUrl } from "../lib/settings"

export interface Picture { path: string; width?: number; height?: number }

const HEAD_BYTES = 64 << 10
const sizes = new Map<string, Promise<[number, number] | undefined>>()
const KEPT = 5000

/**
 * A picture of this store: one that was uploaded, by its path. What lies elsewhere is not shown, since visitors' browsers ask nobody else.
 */
export async function picture(url: string | null | undefined): Promise<Picture | undefined> {
  const path = uploaded(url)
  if (!path) return undefined
  const [width, height] = await sizeOf(path) ?? []
  return { path, width, height }
}

export function uploaded(url: string | null | undefined): string | undefined {
  let it: URL
  try {
    it = new URL(url ?? "", `${storeUrl()}/`)
  } catch {
    return undefined
  }
  if (it.origin !== new URL(storeUrl()).origin || !it.pathname.startsWith("/static/")) return undefined
  return it.pathname
}

/** Of an uploaded file, whose content never changes under its name. */
function sizeOf(path: string): Promise<[number, number] | undefined> {
  let size = sizes.get(path)
  if (!size) {
    if (sizes.size >= KEPT) sizes.clear()
    sizes.set(path, size = head(path).then(dimensions, () => undefined))
  }
  return size
}

async function head(path: string): Promise<Buffer> {
  const name = normalize(decodeURIComponent(path.slice("/static/".length)))
  if (name.startsWith("..")) throw new Error("not below the uploads")
  const file = await open(join(process.cwd(), "static", name))
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** Width and height, of the first bytes of a PNG, GIF, WebP or JPEG. */
export function dimensions(it: Buffer): [number, number] | undefined {
  if (it.length < 30) return undefined
  if (it.toString("latin1", 1, 4) === "PNG") return [it.readUInt32BE(16), it.readUInt32BE(20)]
  if (it.toString("latin1", 0, 3) === "GIF") return [it.readUInt16LE(6), it.readUInt16LE(8)]
  if (it.toString("latin1", 8, 12) === "WEBP") return webp(it)
  if (it.readUInt16BE(0) === 0xffd8) return jpeg(it)
  return undefined
}

function webp(it: Buffer): [number, number] | undefined {
  switch (it.toString("latin1", 12, 16)) {
    case "VP8 ": return [it.readUInt16LE(26) & 0x3fff, it.readUInt16LE(28) & 0x3fff]
    case "VP8L": {
      const bits = it.readUInt32LE(21)
      return [(bits & 0x3fff) + 1, (bits >>> 14 & 0x3fff) + 1]
    }
    case "VP8X": return [it.readUIntLE(24, 3) + 1, it.readUIntLE(27, 3) + 1]
    default: return undefined
  }
}

/** The frame header's: markers 0xC0 to 0xCF but tables (C4), JPG (C8) and arithmetic coding (CC). */
function jpeg(it: Buffer): [number, number] | undefined {
  for (let at = 2; at + 9 < it.length && it[at] === 0xff;) {
    const marker = it[at + 1]
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return [it.readUInt16BE(at + 7), it.readUInt16BE(at + 5)]
    at += 2 + it.readUInt16BE(at + 2)
  }
  return undefined
}
