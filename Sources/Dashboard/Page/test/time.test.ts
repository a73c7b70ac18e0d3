import assert from 'node:assert/strict';
import test from 'node:test';
import { about, age, atClock, duration, exactly, secondsBetween } from '../src/text/time';

const table = (format: (seconds: number) => string, rows: [seconds: number, text: string][]) => {
  for (const [seconds, text] of rows) assert.equal(format(seconds), text, `${seconds} s`);
};

test('an age is a whole number of the largest unit', () => {
  table(age, [[-5, '0s'], [0, '0s'], [59.9, '59s'], [60, '1m'], [3_599, '59m'], [3_600, '1h'], [86_399, '23h'], [86_400, '1d'], [8_640_000, '100d']]);
});

test('a duration is as fine as it is short', () => {
  table(duration, [
    [-1, '0.0 s'], [0.84, '0.8 s'], [10, '10 s'], [42.4, '42 s'], [65, '1 min 05 s'], [3_599, '59 min 59 s'], [3_600, '1 h 0 min'], [7_384, '2 h 3 min'],
  ]);
});

test('a duration just below a limit is not rounded to sixty of a unit or to a figure too many', () => {
  table(duration, [[9.97, '10 s'], [59.6, '1 min 00 s'], [3_599.7, '1 h 0 min']]);
});

test('the seconds between two times are signed and exact to the millisecond', () => {
  assert.equal(secondsBetween('2026-01-01T00:00:00Z', '2026-01-01T00:01:00.250Z'), 60.25);
  assert.equal(secondsBetween('2026-01-01T00:00:01Z', Date.UTC(2026, 0, 1)), -1);
  assert.equal(secondsBetween('2026-01-01T01:00:00+01:00', '2026-01-01T00:00:00Z'), 0);
});

test('the clock counts to 24 and begins at 00', () => {
  assert.equal(atClock('2026-01-01T00:05:09Z'), '00:05:09');
  assert.equal(atClock('2026-01-01T23:59:59.999Z'), '23:59:59');
});

test('the exact time has the date and the seconds', () => {
  const text = exactly('2026-03-04T05:06:07Z');
  for (const part of ['2026', '4', '06', '07']) assert.ok(text.includes(part), `${part} in ${text}`);
});

test('an estimate is no finer than it can be', () => {
  assert.deepEqual([5, 90, 700, 3_600, 4_700, 7_190].map(about), ['1 min', '2 min', '12 min', '1 h', '1 h 20 min', '2 h']);
});
