import assert from 'node:assert/strict';
import test from 'node:test';
import { usualTime } from '../src/text/estimate';
import { whatWasDone, whoDid } from '../src/text/activity';
import { store } from './stores';

const entry = { id: 1, at: '2026-01-31T12:00:00Z', actor: 'ada@example.org', source: 'api', action: 'store.change', detail: 'plan large' } as const;

test('who did it is oneself, somebody by name, an operator, or nobody', () => {
  assert.equal(whoDid(entry, 'ada@example.org'), 'You');
  assert.equal(whoDid(entry, 'eve@example.org'), 'ada@example.org');
  assert.equal(whoDid({ ...entry, actor: null }, 'ada@example.org'), 'Somebody else');
  assert.equal(whoDid({ ...entry, actor: 'schedule', source: 'worker' }, 'ada@example.org'), 'Store Weaver');
});

test('what was done is a phrase, and the word itself where there is none', () => {
  assert.equal(whatWasDone(entry), 'changed it: plan large');
  assert.equal(whatWasDone({ ...entry, detail: 'accepted' }), 'changed it');
  assert.equal(whatWasDone({ ...entry, action: 'store.backup', detail: 'accepted' }), 'took a backup');
  assert.equal(whatWasDone({ ...entry, action: 'domain.active', detail: 'www.example.com' }), 'serves the store at www.example.com');
  assert.equal(whatWasDone({ ...entry, action: 'store.juggle' }), 'store.juggle');
});

test('the usual time is the median of the engine’s stores, from the click', () => {
  const made = (seconds: number, engine: 'medusa' | 'woocommerce' = 'medusa') =>
    store({ engine, askedAt: '2026-01-31T12:00:00.000Z', readyAt: new Date(Date.UTC(2026, 0, 31, 12, 0, seconds)).toISOString() });
  assert.equal(usualTime([], 'medusa'), null);
  assert.equal(usualTime([made(50), made(10), made(30), made(1, 'woocommerce')], 'medusa'), 30);
  assert.equal(usualTime([store({ engine: 'medusa', readyAt: null })], 'medusa'), null);
});
