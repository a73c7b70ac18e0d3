// Runs the tests of the pure modules and of the tools by node's own runner. Node 18 reads no TypeScript, so esbuild bundles these tests first.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { esbuild, page } from './esbuild.mjs';

const tests = join(page, 'test');
const named = (folder, ending) => readdirSync(folder).filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
const bundled = mkdtempSync(join(tmpdir(), 'dashboard-tests-'));
let status;
try {
  const sources = named(tests, '.test.ts');
  execFileSync(
    esbuild,
    [...sources, '--bundle', '--platform=node', '--format=esm', '--target=node18', '--out-extension:.js=.mjs', '--sourcemap=inline',
      '--log-level=warning', `--outdir=${bundled}`],
    { cwd: page, stdio: 'inherit' },
  );
  const files = [...named(bundled, '.test.mjs'), ...named(tests, '.test.mjs')];
  ({ status } = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...files], { stdio: 'inherit', env: { ...process.env, TZ: 'UTC' } }));
} finally {
  rmSync(bundled, { recursive: true, force: true });
}
process.exit(status ?? 1);
