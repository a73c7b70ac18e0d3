// A QR code (ISO/IEC 18004) of a short text such as an address: byte mode, error correction level M, versions 1 to 10. Pure.

/** By version, from 1: how many data codewords each block has, and how many for error correction. */
const BLOCKS: readonly [data: readonly number[], correction: number][] = [
  [[16], 10], [[28], 16], [[44], 26], [[32, 32], 18], [[43, 43], 24], [[27, 27, 27, 27], 16], [[31, 31, 31, 31], 18], [[38, 38, 39, 39], 22],
  [[36, 36, 36, 37, 37], 22], [[43, 43, 43, 43, 44], 26],
];
/** By version: the centres of the alignment patterns, in both directions. */
const ALIGNMENT: readonly (readonly number[])[] = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50]];

const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0, (_, y) => y % 2 === 0, (x) => x % 3 === 0, (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0, (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);

/** Rows of modules, true where dark, without the quiet zone of four modules that belongs around them; null: the text has more than 213 bytes. */
export function qrCode(text: string): boolean[][] | null {
  const bytes = [...new TextEncoder().encode(text)];
  const version = BLOCKS.findIndex(([data], index) => bytes.length <= sum(data) - (index < 9 ? 2 : 3)) + 1;
  if (version === 0) return null;
  const bits = placed(interleaved(codewords(bytes, version), version), version);
  return MASKS.map((_, mask) => masked(bits, version, mask)).reduce((best, one) => (penalty(one) < penalty(best) ? one : best));
}

function codewords(bytes: readonly number[], version: number): number[] {
  const count = sum(BLOCKS[version - 1]![0]);
  const head = version < 10 ? [bytes.length] : [bytes.length >> 8, bytes.length & 255];
  // The mode (4) is half a byte, so everything lies half a byte later.
  const halves = [4, ...[...head, ...bytes].flatMap((byte) => [byte >> 4, byte & 15]), 0];
  const words = halves.flatMap((half, index) => (index % 2 === 0 ? [(half << 4) | (halves[index + 1] ?? 0)] : []));
  for (let pad = 0; words.length < count; pad += 1) words.push(pad % 2 === 0 ? 0xec : 0x11);
  return words.slice(0, count);
}

function times(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ (product >> 7 ? 0x11d : 0);
    if ((b >> bit) & 1) product ^= a;
  }
  return product;
}

/** Reed and Solomon's: what is left of the data by the generator of that degree. */
function correction(data: readonly number[], degree: number): number[] {
  let generator = [1];
  for (let root = 1, power = 0; power < degree; power += 1, root = times(root, 2)) {
    generator = [...generator, 0].map((one, index) => one ^ times(index > 0 ? generator[index - 1]! : 0, root));
  }
  const rest = [...data, ...Array<number>(degree).fill(0)];
  for (let at = 0; at < data.length; at += 1) {
    const factor = rest[at]!;
    generator.forEach((one, index) => { rest[at + index]! ^= times(one, factor); });
  }
  return rest.slice(data.length);
}

/** One of each block in turn: data, then error correction. */
function interleaved(words: readonly number[], version: number): number[] {
  const [sizes, degree] = BLOCKS[version - 1]!;
  let begin = 0;
  const blocks = sizes.map((size) => words.slice(begin, (begin += size)));
  const turns = (of: number[][]) => Array.from({ length: Math.max(...of.map((one) => one.length)) }, (_, turn) => of.flatMap((one) => one.slice(turn, turn + 1))).flat();
  return [...turns(blocks), ...turns(blocks.map((block) => correction(block, degree)))];
}

type Module = { isDark: boolean; isData: boolean };

/** Everything but the format: patterns, version, data. */
function placed(words: readonly number[], version: number): Module[][] {
  const size = 17 + 4 * version;
  const rows: (Module | null)[][] = Array.from({ length: size }, () => Array<Module | null>(size).fill(null));
  const set = (x: number, y: number, isDark: boolean) => { if (x >= 0 && y >= 0 && x < size && y < size) rows[y]![x] = { isDark, isData: false }; };
  for (let at = 0; at < size; at += 1) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  const square = (x: number, y: number, radius: number, isDark: (distance: number) => boolean) => {
    for (let dy = -radius; dy <= radius; dy += 1) for (let dx = -radius; dx <= radius; dx += 1) set(x + dx, y + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))));
  };
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]] as const) square(x, y, 4, (distance) => distance !== 2 && distance !== 4);
  const centres = ALIGNMENT[version - 1]!;
  const last = size - 7;
  for (const x of centres) for (const y of centres) {
    if (!((x === 6 && (y === 6 || y === last)) || (x === last && y === 6))) square(x, y, 2, (distance) => distance !== 1);
  }
  // Room for the format, which is another one for each mask.
  for (const [x, y] of formatPlaces(size)) set(x, y, false);
  set(8, size - 8, true);
  if (version >= 7) {
    const bits = (version << 12) | remainder(version << 12, 0x1f25, 12);
    for (let bit = 0; bit < 18; bit += 1) {
      const [near, far] = [Math.floor(bit / 3), size - 11 + (bit % 3)];
      set(far, near, ((bits >> bit) & 1) === 1);
      set(near, far, ((bits >> bit) & 1) === 1);
    }
  }
  let bit = 0;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    const isUpward = ((right + 1) & 2) === 0;
    for (let step = 0; step < size; step += 1) {
      const y = isUpward ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (rows[y]![x]) continue;
        rows[y]![x] = { isDark: (((words[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1, isData: true };
        bit += 1;
      }
    }
  }
  return rows as Module[][];
}

/** Twice the 15 bits, the lowest first. */
function formatPlaces(size: number): [x: number, y: number][] {
  const places: [number, number][] = [];
  for (let bit = 0; bit < 15; bit += 1) places.push(bit < 6 ? [8, bit] : bit < 8 ? [8, bit + 1] : bit === 8 ? [7, 8] : [14 - bit, 8]);
  for (let bit = 0; bit < 15; bit += 1) places.push(bit < 8 ? [size - 1 - bit, 8] : [8, size - 15 + bit]);
  return places;
}

function remainder(value: number, generator: number, degree: number): number {
  let rest = value;
  for (let bit = 31 - Math.clz32(rest); rest >> degree; bit = 31 - Math.clz32(rest)) rest ^= generator << (bit - degree);
  return rest;
}

function masked(rows: Module[][], version: number, mask: number): boolean[][] {
  const code = rows.map((row, y) => row.map(({ isDark, isData }, x) => isDark !== (isData && MASKS[mask]!(x, y))));
  // Level M is 00.
  const bits = ((mask << 10) | remainder(mask << 10, 0x537, 10)) ^ 0x5412;
  formatPlaces(17 + 4 * version).forEach(([x, y], place) => { code[y]![x] = ((bits >> place % 15) & 1) === 1; });
  return code;
}

/** How hard a code is to read, by the standard's four rules. */
function penalty(code: boolean[][]): number {
  const size = code.length;
  const lines = [...code, ...code.map((_, x) => code.map((row) => row[x]!))].map((line) => line.map((dark) => (dark ? '1' : '0')).join(''));
  let points = 0;
  for (const line of lines) {
    for (const run of line.match(/0{5,}|1{5,}/g) ?? []) points += run.length - 2;
    for (const pattern of ['10111010000', '00001011101']) for (let at = line.indexOf(pattern); at >= 0; at = line.indexOf(pattern, at + 1)) points += 40;
  }
  for (let y = 1; y < size; y += 1) for (let x = 1; x < size; x += 1) {
    const one = code[y]![x];
    if (one === code[y - 1]![x] && one === code[y]![x - 1] && one === code[y - 1]![x - 1]) points += 3;
  }
  const dark = code.flat().filter(Boolean).length;
  return points + 10 * Math.floor(Math.abs((dark * 20) / (size * size) - 10));
}

/** The dark modules as a path for SVG, a module a unit, within its quiet zone; `side` is the whole's. */
export function qrPath(code: boolean[][]): { path: string; side: number } {
  const path = code.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x + 4} ${y + 4}h1v1h-1z` : ''))).join('');
  return { path, side: code.length + 8 };
}
