import assert from 'node:assert/strict';
import test from 'node:test';
import { addressProblem, nameProblem, storeSlug } from '../src/text/names';
import { store } from './stores';

test('an address is wanted, asked about, and taken only where it is free', () => {
  assert.equal(addressProblem('', null), 'An address is needed');
  assert.equal(addressProblem('acme', null), 'Looking whether it is free…');
  assert.equal(addressProblem('Acmé', { slug: 'acme', available: true }), null);
  assert.equal(addressProblem('www', { slug: 'www', available: false }), 'www is taken, or kept for the platform: choose another');
});

test('the slug is what follows the prefix', () => {
  assert.equal(storeSlug(store({ namespace: 'store-acme-2' })), 'acme-2');
});

test('a name is refused with the words of the API', () => {
  assert.equal(nameProblem(' \t '), 'Store name is required');
  assert.equal(nameProblem('a'.repeat(201)), 'Store name must have at most 200 characters');
  assert.equal(nameProblem('a\u0007b'), 'Store name must not contain control characters');
  assert.equal(nameProblem('\u200b\u2800'), 'Store name must have a visible character');
});

test('a name of 200 characters is fine, an emoji being one', () => {
  assert.equal(nameProblem('Acme'), null);
  assert.equal(nameProblem('🥾'.repeat(200)), null);
});
