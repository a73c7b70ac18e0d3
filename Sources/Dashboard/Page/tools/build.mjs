// Bundles the page into ../Public/built: names with a hash of the content, everything compressed beforehand.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import { bundle, esbuild, indexPage, page } from './esbuild.mjs';

const output = join(page, '../Public/built');
// Made beside it and moved at the end: whoever copies the folder meanwhile gets the old one or the new one.
const fresh = output + '.new';

rmSync(fresh, { recursive: true, force: true });
mkdirSync(fresh, { recursive: true });
execFileSync(
  esbuild,
  [...bundle, '--minify', '--define:process.env.NODE_ENV="production"', '--entry-names=app-[hash]', `--outdir=${fresh}`],
  { cwd: page, stdio: 'inherit' },
);

const made = (ending) => readdirSync(fresh).find((name) => name.endsWith(ending)) ?? fail(ending);
function fail(ending) {
  throw new Error(`esbuild made no ${ending} file`);
}
writeFileSync(join(fresh, 'index.html'), indexPage(`/assets/${made('.js')}`, `/assets/${made('.css')}`));
for (const name of readdirSync(fresh)) {
  const content = readFileSync(join(fresh, name));
  const packed = gzipSync(content, { level: constants.Z_BEST_COMPRESSION });
  writeFileSync(join(fresh, name + '.gz'), packed);
  console.log(`${name}: ${content.length} bytes, ${packed.length} compressed`);
}
const index = (folder) => (existsSync(join(folder, 'index.html')) ? readFileSync(join(folder, 'index.html'), 'utf8') : '');
if (index(fresh) === index(output)) {
  // The page names everything by its content: it is all there already, and Swift need not copy it anew.
  rmSync(fresh, { recursive: true });
} else {
  rmSync(output, { recursive: true, force: true });
  renameSync(fresh, output);
}
