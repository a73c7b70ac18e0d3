import { open } from "node:fs/promises"
import { extname, join, normalize } from "node:path"
import { storeUrl } from "../lib/settings"
import { dimensions, type Size } from "./dimensions"

/** A picture as it was uploaded, by its path. */
export interface Picture { path: string; width?: number; height?: number }

/** In pixels. A screen takes the smallest that fills the picture's place. */
export const WIDTHS = [160, 320, 640, 960, 1280, 1920]
/**
 * What can be made smaller, and of how many pixels: decoding a JPEG leaves out what is not needed, others are decoded whole. What is larger
 * would take more memory than a store has to spare. A GIF may move.
 */
const [JPEG, WHOLE] = [64_000_000, 20_000_000]
export const FORMATS: Record<string, { decoder: string; mostPixels: number }> = {
  ".jpeg": { decoder: "jpeg", mostPixels: JPEG }, ".jpg": { decoder: "jpeg", mostPixels: JPEG },
  ".png": { decoder: "png", mostPixels: WHOLE }, ".webp": { decoder: "webp", mostPixels: WHOLE },
}

const HEAD_BYTES = 128 << 10
const sizes = new Map<string, Promise<Size | undefined>>()
const KEPT = 5000

/** A picture that was uploaded to this store. What lies elsewhere is not shown, since visitors' browsers ask nobody else. */
export async function picture(url: string | null | undefined): Promise<Picture | undefined> {
  const path = uploaded(url)
  if (!path) return undefined
  const [width, height] = await sizeOf(path) ?? []
  return { path, width, height }
}

/** The path of an uploaded file's address. */
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

/** Where it lies in sizes for screens: `src`, of `most` pixels' width, for what knows one alone; `srcset` for what chooses. */
export function sources({ path, width, height }: Picture, most = 640): { src: string; srcset?: string } {
  if (!width || !height || !decoderOf(path, [width, height])) return { src: path }
  const smaller = WIDTHS.filter((it) => it < width).map((it): [string, number] => [path.replace("/static/", `/pictures/${it}/`), it])
  if (smaller.length === 0) return { src: path }
  const all: [string, number][] = width > WIDTHS.at(-1)! ? smaller : [...smaller, [path, width]]
  const [src] = all.filter(([, it]) => it <= most).at(-1) ?? all[0]
  return { src, srcset: all.map(([it, pixels]) => `${it} ${pixels}w`).join(", ") }
}

/** Of an uploaded file, whose content never changes under its name. */
function sizeOf(path: string): Promise<Size | undefined> {
  let size = sizes.get(path)
  if (!size) {
    if (sizes.size >= KEPT) sizes.clear()
    sizes.set(path, size = readSize(decodeURIComponent(path.slice("/static/".length))).catch(() => undefined))
  }
  return size
}

/** Of an uploaded file by its name; of none where there is none. */
export async function readSize(name: string): Promise<Size | undefined> {
  const path = fileOf(name)
  const file = path && await open(path).catch(() => undefined)
  if (!file) return undefined
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return dimensions(buffer.subarray(0, bytesRead))
  } finally {
    await file.close()
  }
}

/** What can make it smaller, if anything. */
export function decoderOf(name: string, [width, height]: Size): string | undefined {
  const format = FORMATS[extname(name).toLowerCase()]
  return format && width * height <= format.mostPixels ? format.decoder : undefined
}

/** The uploaded file of a name, unless it lies outside the uploads or hidden among them. */
export function fileOf(name: string): string | undefined {
  const path = normalize(name)
  return path.includes("\0") || path.split("/").some((it) => it.startsWith(".")) ? undefined : join(process.cwd(), "static", path)
}
