import assert from 'node:assert/strict';
import test from 'node:test';
import { latest, series } from '../src/text/use';

const hours = (known: Record<number, number>) => Array.from({ length: 24 }, (_, hour) => known[hour] ?? null);
const day = (name: string, known: Record<number, number>) => ({ day: name, cpuMillis: hours(known), memoryBytes: hours(known), responseMillis: hours(known) });
const now = Date.parse('2026-01-31T02:30:00Z');

test('a day has its last 24 hours, over midnight, the present one last', () => {
  const values = series([day('2026-01-30', { 2: 9, 3: 1, 23: 2 }), day('2026-01-31', { 1: 3, 2: 4 })], 'cpuMillis', 'day', now);
  assert.equal(values.length, 24);
  assert.deepEqual(values.slice(0, 2), [1, null]);
  assert.deepEqual(values.slice(-4), [2, null, 3, 4]);
});

test('a week has 168 hours, and a day that is not there is not known', () => {
  const values = series([day('2026-01-31', { 0: 5 })], 'cpuMillis', 'week', now);
  assert.equal(values.length, 168);
  assert.deepEqual(values.filter((one) => one !== null), [5]);
});

test('a year has a value for each day: the most memory, else the mean', () => {
  const days = [day('2026-01-31', { 0: 10, 1: 20 })];
  assert.equal(series(days, 'memoryBytes', 'year', now).at(-1), 20);
  assert.equal(series(days, 'responseMillis', 'year', now).at(-1), 15);
  assert.equal(series(days, 'responseMillis', 'year', now).length, 365);
});

test('the latest is the last that is known', () => {
  assert.equal(latest([1, 2, null]), 2);
  assert.equal(latest([null]), null);
});
