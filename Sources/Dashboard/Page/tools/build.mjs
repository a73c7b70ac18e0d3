// Bundles the page into ../Public/built: names with a hash of the content, everything compressed beforehand.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import { esbuild, indexPage, page, pageBundle, workerBundle } from './esbuild.mjs';

const output = join(page, '../Public/built');
// Made beside it and moved at the end: whoever copies the folder meanwhile gets the old one or the new one.
const fresh = output + '.new';

rmSync(fresh, { recursive: true, force: true });
mkdirSync(fresh, { recursive: true });
const build = (name, bundle) =>
  execFileSync(
    esbuild,
    [...bundle, '--minify', '--define:process.env.NODE_ENV="production"', `--entry-names=${name}-[hash]`, '--chunk-names=part-[hash]', `--outdir=${fresh}`],
    { cwd: page, stdio: 'inherit' },
  );
/** The address of what was built under that name. */
function made(name, ending) {
  const file = readdirSync(fresh).find((one) => one.startsWith(name) && one.endsWith(ending));
  if (!file) throw new Error(`esbuild made no ${name}…${ending}`);
  return `/assets/${file}`;
}
build('streams', workerBundle);
// What is imported when it is needed becomes files of its own, and what these and the page share another one.
const meta = join(fresh, 'meta.json');
build('app', [...pageBundle(made('streams', '.js')), '--splitting', `--metafile=${meta}`]);
const { imports } = Object.values(JSON.parse(readFileSync(meta, 'utf8')).outputs).find((one) => one.entryPoint === 'src/main.tsx' && one.imports.length);
rmSync(meta);
const chunks = imports.filter((one) => one.kind === 'import-statement').map((one) => `/assets/${basename(one.path)}`);
writeFileSync(join(fresh, 'index.html'), indexPage(made('app', '.js'), made('app', '.css'), chunks));
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
