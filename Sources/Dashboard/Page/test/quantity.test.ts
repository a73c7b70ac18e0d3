import assert from 'node:assert/strict';
import test from 'node:test';
import { parseQuantity, ratio, size } from '../src/text/quantity';

test('a quantity is a number with a decimal or binary unit', () => {
  assert.deepEqual(['2', '200m', '1.5', '3k', '512Mi', '5Gi'].map(parseQuantity), [2, 0.2, 1.5, 3_000, 512 * 2 ** 20, 5 * 2 ** 30]);
  for (const text of ['', 'x', '1Zi', '-1', '1 Gi']) assert.ok(Number.isNaN(parseQuantity(text)), text);
});

test('a use is told with its limit, or that there is none', () => {
  assert.deepEqual(ratio('500m', '2'), { value: 0.5, limit: 2, text: '500m of 2' });
  assert.deepEqual(ratio('1Gi', '0'), { value: 2 ** 30, limit: 0, text: '1Gi, no limit' });
});

test('bytes are told in the unit that suits them', () => {
  assert.deepEqual([0, 1_023, 1_024, 1_572_864, 120 * 2 ** 30, 5_000 * 2 ** 40].map(size), ['0 B', '1023 B', '1 KiB', '1.5 MiB', '120 GiB', '5000 TiB']);
});
