// Bundles the page into ../Public/built: names with a hash of the content, everything compressed beforehand.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const output = join(here, '../Public/built');
// Made beside it and moved at the end: whoever copies the folder meanwhile gets the old one or the new one.
const fresh = output + '.new';
const own = join(here, 'node_modules/.bin/esbuild');

rmSync(fresh, { recursive: true, force: true });
mkdirSync(fresh, { recursive: true });
const meta = join(fresh, 'meta.json');
execFileSync(
  existsSync(own) ? own : 'esbuild',
  [
    'src/main.tsx', '--bundle', '--minify', '--format=esm', '--target=es2022', '--jsx=automatic', '--preserve-symlinks',
    '--define:process.env.NODE_ENV="production"', '--legal-comments=none', '--log-level=warning',
    '--entry-names=app-[hash]', `--outdir=${fresh}`, `--metafile=${meta}`,
  ],
  { cwd: here, stdio: 'inherit' },
);
rmSync(meta);

const made = (ending) => readdirSync(fresh).find((name) => name.endsWith(ending)) ?? fail(ending);
function fail(ending) {
  throw new Error(`esbuild made no ${ending} file`);
}
writeFileSync(
  join(fresh, 'index.html'),
  readFileSync(join(here, 'index.html'), 'utf8').replace('{{script}}', `/assets/${made('.js')}`).replace('{{style}}', `/assets/${made('.css')}`),
);
for (const name of readdirSync(fresh)) {
  const content = readFileSync(join(fresh, name));
  const packed = gzipSync(content, { level: constants.Z_BEST_COMPRESSION });
  writeFileSync(join(fresh, name + '.gz'), packed);
  console.log(`${name}: ${content.length} bytes, ${packed.length} compressed`);
}
const page = (folder) => (existsSync(join(folder, 'index.html')) ? readFileSync(join(folder, 'index.html'), 'utf8') : '');
if (page(fresh) === page(output)) {
  // The page names everything by its content: it is all there already, and Swift need not copy it anew.
  rmSync(fresh, { recursive: true });
} else {
  rmSync(output, { recursive: true, force: true });
  renameSync(fresh, output);
}
