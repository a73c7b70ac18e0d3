import assert from 'node:assert/strict';
import test from 'node:test';
import type { Domain } from '../src/api/schema';
import { hostIn, isUnderWay, primaryProblem, removeProblem, stepsOf } from '../src/text/domains';

const domain = (change: Partial<Domain> = {}): Domain => ({
  host: 'www.example.com', displayName: 'www.example.com', state: 'pending', primary: false, served: false, records: [], error: null,
  createdAt: '2026-01-01T00:00:00Z', checkedAt: null, nextCheckAt: '2026-01-01T00:00:00Z', takesOverAt: null, failingSince: null, certificateUntil: null, ...change,
});
const done = (change: Partial<Domain>) => stepsOf(domain(change)).map((step) => step.isDone);

test('the steps of a domain are done one after the other', () => {
  assert.deepEqual(done({}), [false, false, false]);
  assert.deepEqual(done({ state: 'verified' }), [true, false, false]);
  assert.deepEqual(done({ state: 'active' }), [true, true, false]);
  assert.deepEqual(done({ state: 'active', served: true }), [true, true, true]);
  assert.deepEqual(done({ state: 'active', served: true, failingSince: '2026-01-01T00:00:00Z' }), [true, false, false]);
  assert.deepEqual(done({ state: 'failing' }), [true, false, false]);
  assert.equal(isUnderWay(domain({ state: 'active', served: true })), false);
});

test('only an active domain can be the address, and that one cannot be removed', () => {
  assert.ok(primaryProblem(domain({ state: 'verified' })));
  assert.equal(primaryProblem(domain({ state: 'active' })), null);
  assert.ok(removeProblem(domain({ state: 'active', primary: true })));
  assert.equal(removeProblem(domain()), null);
});

test('a copied address is taken for its host', () => {
  assert.equal(hostIn(' https://WWW.example.com/cart?x=1 '), 'WWW.example.com');
  assert.equal(hostIn('www.example.com'), 'www.example.com');
});
