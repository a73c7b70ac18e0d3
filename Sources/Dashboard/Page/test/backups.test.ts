import assert from 'node:assert/strict';
import test from 'node:test';
import type { Backup } from '../src/api/schema';
import { backUpProblem, contents, difference, newestDone, restoreProblem } from '../src/text/backups';
import { store } from './stores';

const backup = (change: Partial<Backup> = {}): Backup => ({
  id: 'b00000000001', kind: 'nightly', status: 'done', size: 3_221_225_472, databaseBytes: 1, fileBytes: 1, products: 12, orders: 1, engineVersion: '',
  createdAt: '2026-01-01T00:00:00Z', finishedAt: null, verifiedAt: null, verifyError: null, untested: null, version: null, error: null, errorCode: null, ...change,
});
const failed = { status: 'failed', size: null, products: null, orders: null } as const;

test('what a backup holds is counted', () => {
  assert.equal(contents(backup()), '3 GiB, 12 products, 1 order');
  assert.equal(contents(backup(failed)), '');
});

test('the newest backup that can be gone back to is done', () => {
  const backups = [backup({ id: '3', ...failed }), backup({ id: '2' }), backup({ id: '1' })];
  assert.equal(newestDone(backups)?.id, '2');
  assert.equal(newestDone([backup(failed)]), undefined);
});

test('what was sold since is what the newest backup has more', () => {
  const chosen = backup();
  const since = (change: Partial<Backup>) => difference(chosen, backup({ id: 'b00000000002', ...change }));
  assert.equal(since({ orders: 4, products: 13 }), '3 orders more and 1 product more');
  assert.equal(since({ orders: 2, products: 10 }), '1 order more and 2 products fewer');
  assert.equal(since({ orders: 2 }), '1 order more');
  assert.equal(since({}), 'as many orders and products');
  assert.equal(since(failed), null, 'not counted');
  assert.equal(difference(chosen, chosen), null, 'nothing newer is known');
});

test('a store is backed up and restored while nothing else is done, and not before it was ready', () => {
  const readyAt = '2026-01-01T00:00:00Z';
  const can = (change: Parameters<typeof store>[0]) => [backUpProblem(store({ readyAt, ...change })) === null, restoreProblem(store({ readyAt, ...change })) === null];
  assert.deepEqual(can({}), [true, true]);
  assert.deepEqual(can({ status: 'failed' }), [true, true]);
  assert.deepEqual(can({ drift: 'namespace' }), [false, true], 'there is nothing left to back up');
  assert.deepEqual(can({ status: 'failed', readyAt: null }), [false, true]);
  assert.deepEqual(can({ activity: 'backing-up' }), [false, false]);
  for (const status of ['provisioning', 'deleting'] as const) assert.deepEqual(can({ status }), [false, false], status);
});
