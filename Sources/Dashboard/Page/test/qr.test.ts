import assert from 'node:assert/strict';
import test from 'node:test';
import { qrCode, qrPath } from '../src/text/qr';

const sideOf = (length: number) => qrCode('x'.repeat(length))?.length;

test('a code is as large as its text needs, and there is none for a longer one', () => {
  assert.deepEqual([1, 14, 15, 26, 62, 63, 122, 123, 180, 181, 213].map(sideOf), [21, 21, 25, 25, 33, 37, 45, 49, 53, 57, 57]);
  assert.equal(qrCode('x'.repeat(214)), null);
  // Bytes count, not letters.
  assert.equal(qrCode('ü'.repeat(107)), null);
});

test('a code has its three finders, its timing and its dark module', () => {
  const code = qrCode('https://acme.example.com')!;
  const finder = ['1111111', '1000001', '1011101', '1011101', '1011101', '1000001', '1111111'];
  const part = (x: number, y: number) => finder.map((_, row) => code[y + row]!.slice(x, x + 7).map(Number).join(''));
  const far = code.length - 7;
  for (const [x, y] of [[0, 0], [far, 0], [0, far]] as const) assert.deepEqual(part(x, y), finder);
  assert.deepEqual(code[6]!.slice(7, far + 1), code[6]!.slice(7, far + 1).map((_, at) => at % 2 === 1));
  assert.equal(code[code.length - 8]![8], true);
});

test('the path has a square for each dark module, within a quiet zone of four', () => {
  const code = qrCode('x')!;
  const { path, side } = qrPath(code);
  assert.equal(side, 29);
  assert.equal(path.split('M').length - 1, code.flat().filter(Boolean).length);
  assert.ok(path.startsWith('M4 4h1v1h-1z'));
});
