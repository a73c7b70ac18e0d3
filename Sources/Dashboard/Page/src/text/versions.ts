// Which versions of its chart a store may be given. Pure.
import type { Store, Version } from '../api/schema';

/** Of `1.2.0` and `1.10.0` the second is newer. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split(/[.+-]/).map((part) => (/^\d+$/.test(part) ? Number(part) : -1)));
  for (let at = 0; at < Math.max(left!.length, right!.length); at += 1) {
    const difference = (left![at] ?? 0) - (right![at] ?? 0);
    if (difference) return difference;
  }
  return 0;
}

/** Newer ones than it has, newest first: what a database went through is not taken back. */
export const upgradesOf = (store: Pick<Store, 'engine' | 'version'>, versions: Version[]) =>
  store.version === null ? []
    : versions.filter((one) => one.engine === store.engine && compareVersions(one.version, store.version!) > 0).sort((a, b) => compareVersions(b.version, a.version));
