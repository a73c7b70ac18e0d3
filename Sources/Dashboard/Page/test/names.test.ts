import assert from 'node:assert/strict';
import test from 'node:test';
import { isAscii, nameProblem, preview } from '../src/text/names';
import { store } from './stores';

const slug = (name: string) => preview(name, [], null).slug;

test('a slug has lower-case letters, digits and single hyphens, 40 characters at most', () => {
  assert.equal(slug('Acme Shoes & Co.'), 'acme-shoes-co');
  assert.equal(slug('--9 Lives!'), '9-lives');
  assert.equal(slug('!?'), 'store');
  assert.equal(slug('a'.repeat(50)), 'a'.repeat(40));
  assert.equal(slug(`${'a'.repeat(39)} b`), 'a'.repeat(39), 'no hyphen is left where it is cut');
});

test('the slug of a name beyond ASCII is the one that the API tells', () => {
  assert.deepEqual([isAscii('Cafe'), isAscii('Café')], [true, false]);
  assert.equal(preview('Café', [], null).slug, '…');
  assert.equal(preview('Café', [], 'cafe').namespace, 'store-cafe');
});

test('a name that is taken or reserved gets a suffix', () => {
  const taken = preview('Acme', [store()], null);
  assert.deepEqual([taken.collision, taken.namespace], ['taken', 'store-acme-······']);
  assert.deepEqual([preview('Admin', [], null).collision, preview('Admin', [], null).slug], ['reserved', 'admin-······']);
  assert.equal(preview('Other', [store()], null).collision, null);
});

test('the end of the host is that of a store with a URL', () => {
  assert.equal(preview('Other', [], null).host, 'other…');
  const known = [store(), store({ namespace: 'store-books', url: 'http://books.stores.test:8081/' })];
  assert.equal(preview('Other', known, null).host, 'other.stores.test:8081');
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
