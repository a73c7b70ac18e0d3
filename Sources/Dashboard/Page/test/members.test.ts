import assert from 'node:assert/strict';
import test from 'node:test';
import type { StoreInvitation } from '../src/api/schema';
import { acceptText, invitationText, isAtLeast, linkOf, powerOver } from '../src/text/members';

const store = { id: 'f3a91c0b7d24', userId: 'ada' };
const quota = { used: 0, limit: 1 };
const me = (userId: string | null, role: 'user' | 'operator' | 'admin' = 'user', as?: 'viewer' | 'manager') => ({
  userId, name: null, role, stores: quota, units: quota, total: quota, memberOf: as ? [{ store: store.id, role: as }] : [],
});

test('what one may do with a store follows from what one is of it', () => {
  assert.equal(powerOver(store, me('ada')), 'own');
  assert.equal(powerOver(store, me('bob', 'user', 'manager')), 'run');
  assert.equal(powerOver(store, me('bob', 'user', 'viewer')), 'see');
  assert.equal(powerOver(store, me('bob', 'operator')), 'see');
  assert.equal(powerOver(store, me('bob', 'admin')), 'own');
  assert.equal(powerOver(store, me(null)), 'own');
  assert.equal(powerOver({ id: '0', userId: 'eve' }, me('bob', 'user', 'manager')), 'see');
  assert.deepEqual((['see', 'run', 'own'] as const).map((power) => isAtLeast(power, 'run')), [false, true, true]);
});

const invitation = (change: Partial<StoreInvitation> = {}): StoreInvitation => ({
  id: '0', role: 'viewer', leavesAs: null, email: null, invitedBy: 'ada@example.org', createdAt: '2026-01-01T00:00:00Z', expiresAt: '2026-01-08T00:00:00Z', ...change,
});

test('an invitation says who can become what', () => {
  assert.equal(invitationText(invitation()), 'Whoever has the link can join as viewer');
  assert.equal(invitationText(invitation({ role: 'owner', email: 'bob@example.org' })), 'bob@example.org can become the owner');
  assert.ok(acceptText(invitation({ role: 'owner' }), 'Acme').includes('counts toward your quota'));
  assert.ok(acceptText(invitation({ role: 'manager' }), 'Acme').includes('to the store Acme as manager. Runs it'));
  assert.equal(linkOf('/#join=swm_0', 'https://weaver.example.org'), 'https://weaver.example.org/#join=swm_0');
});
