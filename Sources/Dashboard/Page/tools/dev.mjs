// Serves the page while it is worked on: each saved change is bundled, and open pages load it anew. What the page asks goes to a running API.
//   API_URL   that API, http://127.0.0.1:3000 unless said otherwise
//   PORT      where to listen on this machine, 5173; 0 takes a free port
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { esbuild, indexPage, page, pageBundle, workerBundle } from './esbuild.mjs';
import { devServer, RELOAD } from './server.mjs';

const api = apiAddress(process.env.API_URL || 'http://127.0.0.1:3000');
const port = portNumber(process.env.PORT || '5173');

const folder = mkdtempSync(join(tmpdir(), 'dashboard-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(0));

const common = ['--sourcemap=inline', `--outdir=${folder}`, '--define:process.env.NODE_ENV="development"'];
const builds = [
  [...workerBundle, ...common, '--entry-names=streams'],
  [...pageBundle('/assets/streams.js'), ...common, '--entry-names=app', `--banner:js=new EventSource("${RELOAD}").onmessage = () => location.reload();`],
];
writeFileSync(join(folder, 'index.html'), indexPage('/assets/app.js', '/assets/app.css'));
try {
  for (const build of builds) execFileSync(esbuild, build, { cwd: page, stdio: 'inherit' });
} catch {
  fail('the page cannot be bundled; esbuild says why above');
}
// They end when their standard input does, so they do not outlive this program.
for (const build of builds) {
  spawn(esbuild, [...build, '--watch'], { cwd: page, stdio: ['pipe', 'inherit', 'inherit'] }).on('exit', (code) => fail(`esbuild ended with ${code}`));
}

const server = devServer({ folder, api });
server.on('error', (error) => fail(`port ${port} cannot be had (${error.code}); PORT names another`));
server.listen(port, '127.0.0.1', () => console.log(`The dashboard: http://localhost:${server.address().port}, with the API at ${api.origin}`));

function apiAddress(text) {
  const url = parsed(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/') fail(`API_URL must be an address such as http://127.0.0.1:3000, not "${text}"`);
  return url;
}

function parsed(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function portNumber(text) {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 65_535) fail(`PORT must be a number from 0 to 65535, not "${text}"`);
  return number;
}

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}
