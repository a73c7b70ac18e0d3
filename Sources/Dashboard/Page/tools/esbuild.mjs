// How the page is bundled, by the build and during development alike.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const page = join(dirname(fileURLToPath(import.meta.url)), '..');

/** npm's program where its packages are installed, else the one on PATH. */
const own = join(page, 'node_modules/.bin/esbuild');
export const esbuild = existsSync(own) ? own : 'esbuild';

export const bundle = [
  'src/main.tsx', '--bundle', '--format=esm', '--target=es2022', '--jsx=automatic', '--preserve-symlinks', '--legal-comments=none',
  '--log-level=warning',
];

/** index.html with the addresses of what it loads. */
export const indexPage = (script, style) =>
  readFileSync(join(page, 'index.html'), 'utf8').replace('{{script}}', script).replace('{{style}}', style);
