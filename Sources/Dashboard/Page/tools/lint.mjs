// Looks for mistakes that neither the type check nor the bundling stops: tools/rules.mjs, and esbuild's warnings, also those of the sheets.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { esbuild, page, pageBundle } from './esbuild.mjs';
import { problems } from './rules.mjs';

const { config, error } = ts.readConfigFile(join(page, 'tsconfig.json'), ts.sys.readFile);
if (error) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'));
const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, page);
const sources = join(page, 'src');
if (!fileNames.some((name) => name.startsWith(sources))) throw new Error('tsconfig.json names no file of src');

const found = problems(ts.createProgram(fileNames, options), sources);
for (const problem of found) console.log(`src/${problem}`);
const output = mkdtempSync(join(tmpdir(), 'dashboard-lint-'));
const warnings = spawnSync(esbuild, [...pageBundle('/assets/streams.js'), `--outdir=${output}`], { cwd: page, encoding: 'utf8' });
rmSync(output, { recursive: true });
if (warnings.error) throw warnings.error;
process.stdout.write(warnings.stderr);
process.exit(found.length === 0 && warnings.status === 0 && warnings.stderr === '' ? 0 : 1);
