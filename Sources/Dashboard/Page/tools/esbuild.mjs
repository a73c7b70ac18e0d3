// How the page is bundled, by the build and during development alike.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const page = join(dirname(fileURLToPath(import.meta.url)), '..');

/** npm's program where its packages are installed, else the one on PATH. */
const own = join(page, 'node_modules/.bin/esbuild');
export const esbuild = existsSync(own) ? own : 'esbuild';

const common = ['--bundle', '--target=es2022', '--preserve-symlinks', '--legal-comments=none', '--log-level=warning'];
/** The worker that all tabs share. */
export const workerBundle = ['src/api/hub.ts', '--format=iife', ...common];
/** The page; `worker` is that one's address. */
export const pageBundle = (worker) => ['src/main.tsx', '--format=esm', '--jsx=automatic', `--define:STREAMS_WORKER="${worker}"`, ...common];

/** index.html with the addresses of what it loads; `chunks`: what the script imports at once. */
export const indexPage = (script, style, chunks = []) =>
  readFileSync(join(page, 'index.html'), 'utf8')
    .replace('{{script}}', script)
    .replace('{{style}}', style)
    .replace('{{chunks}}', chunks.map((chunk) => `\n    <link rel="modulepreload" href="${chunk}">`).join(''));
