/** Width and height as the picture is shown. */
export type Size = [width: number, height: number]

/** From the first bytes of a PNG, GIF, WebP or JPEG. */
export function dimensions(it: Buffer): Size | undefined {
  if (it.length < 30) return undefined
  if (it.toString("latin1", 1, 4) === "PNG") return [it.readUInt32BE(16), it.readUInt32BE(20)]
  if (it.toString("latin1", 0, 3) === "GIF") return [it.readUInt16LE(6), it.readUInt16LE(8)]
  if (it.toString("latin1", 8, 12) === "WEBP") return webp(it)
  if (it.readUInt16BE(0) === 0xffd8) return jpeg(it)
  return undefined
}

function webp(it: Buffer): Size | undefined {
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

/** The frame header's: markers 0xC0 to 0xCF but tables (C4), JPG (C8) and arithmetic coding (CC). A camera that was held upright says so in Exif. */
function jpeg(it: Buffer): Size | undefined {
  let lies = false
  for (let at = 2; at + 9 < it.length && it[at] === 0xff;) {
    const marker = it[at + 1]
    if (marker === 0xe1) lies = isOnItsSide(it.subarray(at + 4, at + 2 + it.readUInt16BE(at + 2)))
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      const [height, width] = [it.readUInt16BE(at + 5), it.readUInt16BE(at + 7)]
      return lies ? [height, width] : [width, height]
    }
    at += 2 + it.readUInt16BE(at + 2)
  }
  return undefined
}

/** Exif's tag 0x0112 in the first directory: orientations 5 to 8 are turned by a quarter. */
function isOnItsSide(it: Buffer): boolean {
  if (it.length < 14 || it.toString("latin1", 0, 6) !== "Exif\0\0") return false
  const tiff = it.subarray(6)
  const little = tiff.toString("latin1", 0, 2) === "II"
  const short = (at: number) => at + 2 > tiff.length ? 0 : little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at)
  const first = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4)
  for (let entry = 0; entry < Math.min(short(first), 100); entry++) {
    const at = first + 2 + entry * 12
    if (short(at) === 0x0112) return short(at + 8) >= 5
  }
  return false
}
