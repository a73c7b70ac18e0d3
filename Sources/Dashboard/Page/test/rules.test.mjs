import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';
import ts from 'typescript';
import { problems } from '../tools/rules.mjs';

/** What is found in files with these contents below src. */
function lint(sources) {
  const root = mkdtempSync(join(tmpdir(), 'rules-'));
  try {
    const names = Object.entries(sources).map(([name, content]) => {
      const path = join(root, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
      return path;
    });
    const options = { strict: true, jsx: ts.JsxEmit.Preserve, target: ts.ScriptTarget.ES2022, lib: ['lib.es2022.d.ts'], types: [] };
    return problems(ts.createProgram(names, options), root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

const faults = [
  ['if (1 == 2) {}', 'compare by === or !=='],
  ['let x: string | undefined;\nif (x != undefined) {}', 'compare by === or !=='],
  ['let x: any;', '"any" switches the type check off; "unknown" does not'],
  ['debugger;', 'left over from debugging'],
  ['declare const console: { log(text: string): void };\nconsole.log("x");', 'left over from debugging'],
  ['async function f() {}\nf();', 'a promise is neither awaited, handled nor marked by "void"'],
  ['async function f() {}\nf().then(() => 1);', 'a promise is neither awaited, handled nor marked by "void"'],
  ['export const x = 1;', 'no other module uses the export x'],
];
for (const [content, text] of faults) {
  test(`finds: ${content.replace('\n', ' ')}`, () => {
    const line = content.split('\n').length;
    assert.deepEqual(lint({ 'main.ts': content }), [`main.ts:${line}: ${text}`]);
  });
}

test('finds HTML that is not escaped', () => {
  assert.deepEqual(lint({ 'main.tsx': 'const p = <p dangerouslySetInnerHTML={{ __html: "" }} />;' }), ['main.tsx:1: the API’s texts are no HTML']);
});

test('finds modules that import each other, unless only types are', () => {
  const a = "import { b } from './b';\nexport const a = () => b;\n";
  assert.deepEqual(lint({ 'a.ts': a, 'b.ts': "import { a } from './a';\nexport const b = () => a;\n" }), ['a.ts:1: imports itself by a.ts > b.ts > a.ts']);
  assert.deepEqual(lint({ 'a.ts': `${a}export type A = 1;\n`, 'b.ts': "import type { A } from './a';\nexport const b: A = 1;\n", 'c.ts': "import { a } from './a';\nvoid a;" }), []);
});

test('takes what is imported when it is needed for used', () => {
  assert.deepEqual(lint({ 'a.ts': "void import('./b');", 'b.ts': 'export const b = 1;\n' }), []);
});

test('finds a pure module that imports one which is none, unless only types are', () => {
  const other = 'export const x = 1;\nexport type X = 1;\n';
  const use = "import { x } from './other';\nvoid x;\n";
  const pure = 'a pure module imports only pure modules';
  assert.deepEqual(lint({ 'text/names.ts': use, 'text/other.tsx': other }), [`text/names.ts:1: ${pure}`]);
  assert.deepEqual(lint({ 'state/view.ts': use, 'state/other.ts': other }), [`state/view.ts:1: ${pure}`]);
  assert.deepEqual(lint({ 'state/list.ts': use, 'state/other.ts': other }), []);
  assert.deepEqual(lint({ 'text/names.ts': use, 'text/other.ts': other }), []);
  assert.deepEqual(lint({ 'text/names.ts': "import type { X } from './other';\nlet x: X;\n", 'text/other.tsx': 'export type X = 1;\n' }), []);
  assert.deepEqual(lint({ 'text/names.ts': "import react from 'react';\nvoid react;\n" }), [`text/names.ts:1: ${pure}`]);
});

test('finds nothing in promises that are taken care of', () => {
  const handled = 'async function f() {}\nvoid f();\nf().catch(() => 1);\nf().then(() => 1, () => 2);\nlet x: unknown;\nx = f();\n';
  assert.deepEqual(lint({ 'main.ts': handled }), []);
});
