// Kubernetes' quantities, e.g. `200m`, `512Mi`, `5Gi`.
const factors: Record<string, number> = { '': 1, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

/** NaN for what is no quantity. */
export function parseQuantity(text: string): number {
  const match = /^([0-9.]+)([A-Za-z]*)$/.exec(text);
  return match ? Number(match[1]) * (factors[match[2]!] ?? NaN) : NaN;
}

/** `512 B`, `1.5 MiB`, `120 GiB`. */
export function size(bytes: number): string {
  const power = bytes < 1_024 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10));
  return `${Math.round((bytes / 2 ** (10 * power)) * 10) / 10} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][power]}`;
}

/** For a bar; a limit of 0 means that there is none. */
export function ratio(used: string, limit: string): { value: number; limit: number; text: string } {
  const most = parseQuantity(limit) || 0;
  return { value: parseQuantity(used) || 0, limit: most, text: most ? `${used} of ${limit}` : `${used}, no limit` };
}
