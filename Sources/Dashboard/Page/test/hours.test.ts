import assert from 'node:assert/strict';
import test from 'node:test';
import { HOUR, limitOf, totals, week, WEEK } from '../src/text/hours';

const hour = (at: number, failed: number) => ({ at: new Date(at).toISOString(), succeeded: 3, failed, cancelled: 1, mostQueued: 0, mostRunning: 0 });
const now = Date.parse('2026-01-31T12:34:56Z');
const begin = Math.floor(now / HOUR) * HOUR;

test('a week has an hour for each, the present one last, and a gap where no worker counted', () => {
  const all = week([hour(begin - 2 * HOUR, 1), hour(begin, 2)], now);
  assert.equal(all.length, WEEK);
  assert.deepEqual(all.slice(-3).map((one) => one?.failed ?? null), [1, null, 2]);
});

test('an hour of more than a week ago is not shown', () => {
  assert.deepEqual(totals(week([hour(begin - WEEK * HOUR, 1)], now)), { succeeded: 0, failed: 0, cancelled: 0 });
});

test('totals are of all hours together', () => {
  assert.deepEqual(totals(week([hour(begin - HOUR, 1), hour(begin, 2)], now)), { succeeded: 6, failed: 3, cancelled: 2 });
});

test('a cap that workers do not agree on is told as a range, and one that none tells not at all', () => {
  assert.equal(limitOf([3, null, 3]), '3');
  assert.equal(limitOf([2, 5]), '2–5');
  assert.equal(limitOf([null]), null);
});
