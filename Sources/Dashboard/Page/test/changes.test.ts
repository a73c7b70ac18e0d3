import assert from 'node:assert/strict';
import test from 'node:test';
import { endOf, isServing, stateOf } from '../src/text/changes';
import { bytes, gives, planProblem } from '../src/text/plans';
import type { Plan } from '../src/api/schema';
import { store } from './stores';

test('a store is ready until it is asleep, and asleep until it is awake', () => {
  assert.equal(stateOf(store({ asleep: true, activity: 'falling-asleep' })), 'ready');
  assert.equal(stateOf(store({ asleep: true })), 'asleep');
  assert.equal(stateOf(store({ asleep: true, activity: 'resizing' })), 'asleep');
  assert.equal(stateOf(store({ activity: 'waking' })), 'asleep');
  assert.equal(stateOf(store({ activity: 'resizing' })), 'ready');
  assert.equal(stateOf(store({ status: 'failed', asleep: true })), 'failed');
});

test('a store is open while it serves', () => {
  const url = 'http://acme.localhost';
  assert.deepEqual([store({ url }), store({ url, activity: 'resizing' }), store({ url, activity: 'backing-up' })].map(isServing), [true, true, true]);
  for (const shut of [{}, { url, asleep: true }, { url, status: 'failed' }, { url, activity: 'restoring' }] as const) assert.equal(isServing(store(shut)), false);
});

test('the end of a change is told once, in a sentence', () => {
  const resizing = store({ activity: 'resizing' });
  assert.deepEqual(endOf(resizing, resizing, store()), { isMade: true, text: 'Acme has its new size.' });
  assert.deepEqual(endOf(store(), store({ activity: 'falling-asleep', asleep: true }), store({ asleep: true })), { isMade: true, text: 'Acme is asleep.' });
  const kept = store({ changeError: { code: 'volume', message: 'The volumes cannot grow.', at: '2026-01-01T00:00:00Z' } });
  assert.deepEqual(endOf(resizing, resizing, kept), { isMade: false, text: 'Acme was not changed and serves as before. The volumes cannot grow.' });
  for (const after of [resizing, store({ activity: 'waking' }), store({ status: 'failed' }), store({ status: 'deleting' })]) assert.equal(endOf(resizing, resizing, after), null);
  assert.equal(endOf(kept, kept, kept), null);
});

test('a backup is told by what it made, whatever became of an earlier change', () => {
  const changeError = { code: 'volume', message: 'The volumes cannot grow.', at: '2026-01-01T00:00:00Z' };
  const asked = store({ lastBackupAt: '2026-01-01T00:00:00Z', changeError });
  const before = store({ ...asked, activity: 'backing-up' });
  const done = store({ lastBackupAt: '2026-01-02T00:00:00Z', changeError });
  assert.deepEqual(endOf(asked, before, done), { isMade: true, text: 'Acme is backed up.' });
  // The backup is done before the store is at rest.
  assert.deepEqual(endOf(asked, { ...done, activity: 'backing-up' }, done), { isMade: true, text: 'Acme is backed up.' });
  assert.deepEqual(endOf(asked, before, asked), { isMade: false, text: 'Acme was not backed up. Its tab Backups says why.' });
});

const plans: Plan[] = ([['small', 1], ['medium', 2], ['large', 4]] as const).map(([name, units]) => ({
  name, units, engines: [{ engine: 'woocommerce', cpu: '500m', memory: '512Mi', databaseMemory: '1Gi' }],
}));

test('a plan says what it gives a store of the engine', () => {
  assert.deepEqual(gives(plans[0]!, 'woocommerce'), ['0.5 CPU', '512 MiB memory', '1 GiB for the database']);
  assert.deepEqual(gives(plans[0]!, 'medusa'), []);
  assert.deepEqual(['20Gi', '1536Mi', '512Mi', '2Ti'].map(bytes), ['20 GiB', '1.5 GiB', '512 MiB', '2 TiB']);
});

test('a plan can be had while its units are left; those of a store that changes come free, and asleep it counts half', () => {
  const problems = (used: number, now?: ReturnType<typeof store>) => plans.map((plan) => planProblem(plan, plans, { used, limit: 4 }, now));
  assert.deepEqual(problems(0), [null, null, null]);
  assert.deepEqual(problems(2), [null, null, '2 units left']);
  assert.deepEqual(problems(4), ['0 units left', '0 units left', '0 units left']);
  assert.deepEqual(problems(3, store({ plan: 'medium' })), [null, null, '1 unit left']);
  assert.deepEqual(problems(3, store({ plan: 'medium', asleep: true })), [null, null, null]);
  assert.deepEqual(plans.map((plan) => planProblem(plan, plans, null)), [null, null, null]);
});
