import assert from 'node:assert/strict';
import test from 'node:test';
import { endOf, isServing, stateOf } from '../src/text/changes';
import { isLost } from '../src/text/backups';
import { canRetry, isStuck } from '../src/text/may';
import { ownersWords } from '../src/text/owners';
import { bytes, gives, planProblem } from '../src/text/plans';
import type { Plan } from '../src/api/schema';
import { store } from './stores';

test('a store is ready until it is asleep, and asleep until it is awake', () => {
  assert.equal(stateOf(store({ asleep: true, activity: 'falling-asleep' })), 'healthy');
  assert.equal(stateOf(store({ asleep: true })), 'asleep');
  assert.equal(stateOf(store({ asleep: true, activity: 'resizing' })), 'asleep');
  assert.equal(stateOf(store({ activity: 'waking' })), 'asleep');
  assert.equal(stateOf(store({ activity: 'resizing' })), 'healthy');
  assert.equal(stateOf(store({ status: 'failed', asleep: true })), 'failed');
});

test('ready is what serves: neither what is lost nor what is not well is called healthy', () => {
  assert.equal(stateOf(store({ health: 'healthy' })), 'healthy');
  for (const ill of [{ health: 'degraded' }, { health: 'unknown' }, { drift: 'release', health: 'degraded' }] as const) assert.equal(stateOf(store(ill)), 'degraded');
  assert.equal(stateOf(store({ drift: 'namespace', health: 'degraded' })), 'lost');
});

test('a store is queued until a worker has begun since it was asked for', () => {
  const queued = store({ status: 'provisioning', askedAt: '2026-01-01T00:00:10Z' });
  assert.equal(stateOf(queued), 'queued');
  assert.equal(stateOf({ ...queued, provisioningStartedAt: '2026-01-01T00:00:05Z' }), 'queued', 'what began before a retry is over');
  assert.equal(stateOf({ ...queued, provisioningStartedAt: '2026-01-01T00:00:11Z' }), 'building');
});

test('what is lost is not retried, by nothing', () => {
  const failed = store({ status: 'failed' });
  assert.deepEqual([canRetry(failed), canRetry(store({ drift: 'release' })), canRetry(store())], [true, true, false]);
  assert.deepEqual([store({ drift: 'namespace' }), { ...failed, failureCause: 'data-lost' }].map((lost) => [isLost(lost), canRetry(lost)]), [[true, false], [true, false]]);
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
  name, units, backupKeep: null, engines: [{ engine: 'woocommerce', cpu: '500m', memory: '512Mi', databaseMemory: '1Gi' }],
}));

test('a plan says what it gives a store of the engine', () => {
  assert.deepEqual(gives(plans[0]!, 'woocommerce'), ['0.5 CPU', '512 MiB memory', '1 GiB for the database']);
  assert.deepEqual(gives(plans[0]!, 'medusa'), []);
  const kept = (backupKeep: string) => gives({ ...plans[0]!, backupKeep }, 'woocommerce').at(-1);
  assert.deepEqual(['7d,4w,6m', '1d', '1w,2m'].map(kept), ['backups of 7 days, 4 weeks and 6 months', 'backups of 1 day', 'backups of 1 week and 2 months']);
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

test('owners are told what it means for them, and of a retry only where there is one', () => {
  const failed = store({ status: 'failed', failureCause: 'image-pull' });
  assert.ok(/could not start your store.*on our side.*retry/.test(ownersWords(failed)));
  assert.ok(/stopped working.*Something in it/.test(ownersWords({ ...failed, failureCause: 'crash-loop', readyAt: '2026-01-01T00:00:00Z' })));
  assert.ok(/backup brings it back/.test(ownersWords({ ...failed, failureCause: 'data-lost' })));
  assert.ok(!/retry/.test(ownersWords(store({ status: 'deleting', errorMessage: 'x' }))));
  assert.deepEqual([isStuck(store({ status: 'deleting' })), isStuck(store({ status: 'deleting', errorMessage: 'x' }))], [false, true]);
});
