import assert from 'node:assert/strict';
import test from 'node:test';
import type { RolloutState } from '../src/api/schema';
import { parseWaves, progress, rolloutActions, waveName } from '../src/text/rollouts';

const numbers = { total: 10, waiting: 5, running: 1, soaking: 0, done: 2, kept: 1, failed: 0, skipped: 1 };

test('a wave’s progress says what there is, and nothing of what there is not', () => {
  assert.equal(progress(numbers), '2 of 10 done, 1 being upgraded, 1 kept, 1 skipped, 5 waiting');
  assert.equal(progress({ ...numbers, total: 2, waiting: 0, running: 0, kept: 0, skipped: 0 }), '2 of 2 done');
  assert.deepEqual([0, 1].map(waveName), ['Canaries', 'Wave 1']);
});

test('an operator may do what the state allows, and retry where something went wrong', () => {
  const may = (state: RolloutState, stores = numbers) => rolloutActions({ state, stores }).join(' ');
  assert.deepEqual((['planned', 'running', 'paused', 'halted', 'done', 'cancelled'] as const).map((state) => may(state)), [
    'pause retry cancel', 'pause retry cancel', 'resume retry cancel', 'resume retry cancel', 'retry', '',
  ]);
  assert.equal(may('done', { ...numbers, kept: 0 }), '');
});

test('waves are numbers of stores or percents, and anything else is none', () => {
  assert.deepEqual(parseWaves(' 3,10 % ,100%'), [{ count: 3 }, { percent: 10 }, { percent: 100 }]);
  for (const wrong of ['', '3,', '3;100%', '-1', '1.5%', 'all', '12345678']) assert.equal(parseWaves(wrong), null, wrong);
});
