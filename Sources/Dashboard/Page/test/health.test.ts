import assert from 'node:assert/strict';
import test from 'node:test';
import { healthy, percent, spans } from '../src/text/health';

const HOUR = 3_600_000;
const at = (hour: number) => new Date(hour * HOUR).toISOString();
type Change = Parameters<typeof spans>[0][number];
const change = (hour: number, from: Change['from'], to: Change['to']): Change => ({ at: at(hour), from, to, cause: null });
const told = (all: ReturnType<typeof spans>) => all.map((span) => `${span.health} ${span.from / HOUR}-${span.to / HOUR}`);

test('a store that never changed fared so since it was ready', () => {
  assert.deepEqual(told(spans([], 'healthy', at(6), 0, 24 * HOUR)), ['null 0-6', 'healthy 6-24']);
  assert.deepEqual(told(spans([], 'healthy', at(-50), 0, 24 * HOUR)), ['healthy 0-24']);
  assert.deepEqual(told(spans([], null, null, 0, 24 * HOUR)), ['null 0-24']);
});

test('each change begins another span', () => {
  const history = [change(20, 'degraded', 'healthy'), change(18, 'healthy', 'degraded'), change(2, null, 'healthy')];
  const all = spans(history, 'healthy', at(2), 0, 24 * HOUR);
  assert.deepEqual(told(all), ['null 0-2', 'healthy 2-18', 'degraded 18-20', 'healthy 20-24']);
  assert.deepEqual(healthy(all), { share: 20 / 22, known: 22 * 3_600 });
});

test('what lies before the time that is looked at is left out', () => {
  const history = [change(20, 'degraded', 'healthy'), change(-3, 'healthy', 'degraded')];
  assert.deepEqual(told(spans(history, 'healthy', at(-9), 0, 24 * HOUR)), ['degraded 0-20', 'healthy 20-24']);
  assert.deepEqual(told(spans([change(-3, 'healthy', 'degraded')], 'degraded', at(-9), 0, 24 * HOUR)), ['degraded 0-24']);
});

test('of a list that is full nothing is said of what was before', () => {
  const history = Array.from({ length: 100 }, (_, n) => change(23 - n / 100, n % 2 ? 'healthy' : 'degraded', n % 2 ? 'degraded' : 'healthy'));
  const all = spans(history, 'healthy', at(0), 0, 24 * HOUR);
  assert.equal(told(all)[0], `null 0-${Date.parse(history[99]!.at) / HOUR}`);
  assert.equal(all.length, 101);
});

test('a share is of what is known, and 100 % is all of it', () => {
  assert.deepEqual(healthy(spans([], 'unknown', at(0), 0, HOUR)), { share: 0, known: 0 });
  assert.equal(percent(1), '100 %');
  assert.equal(percent(0.99999), '99.9 %');
  assert.equal(percent(20 / 22), '90.9 %');
});
