import assert from 'node:assert/strict';
import test from 'node:test';
import { parse } from '../src/state/view';
import { added, addressOf, isWorthSaving, read } from '../src/text/views';

const at = (search: string) => parse({ pathname: '/', search });

test('a view is its search, filters and order, whatever page or window one is at', () => {
  assert.equal(addressOf(at('?q=acme&status=failed&page=3&dialog=help')), '/?q=acme&status=failed');
  assert.ok(isWorthSaving(at('?sort=name')));
  assert.ok(!isWorthSaving(at('?page=2')));
});

test('what was kept and is no view of the list is left out', () => {
  const kept = [{ name: 'Failed', address: '/?status=failed' }, { name: '', address: '/?q=x' }, { name: 'Out', address: 'https://example.org/?q=x' }, { name: 'Deleted', address: '/?show=deleted' }, null, 7];
  assert.deepEqual(read(JSON.stringify(kept)), [{ name: 'Failed', address: '/?status=failed' }]);
  assert.deepEqual(read('{'), []);
  assert.deepEqual(read('{}'), []);
  assert.deepEqual(read(null), []);
});

test('views stand by name, and one of the same name or address is replaced', () => {
  const views = added(added([], 'B', '/?q=b'), 'A', '/?q=a');
  assert.deepEqual(views.map((one) => one.name), ['A', 'B']);
  assert.deepEqual(added(views, 'B', '/?q=c').map((one) => one.address), ['/?q=a', '/?q=c']);
  assert.deepEqual(added(views, 'C', '/?q=a').map((one) => one.name), ['B', 'C']);
});

test('one that is saved where there are too many is kept', () => {
  let views = [] as ReturnType<typeof added>;
  for (let number = 0; number < 50; number += 1) views = added(views, `A${number}`, `/?q=${number}`);
  const full = added(views, 'Zebra', '/?q=zebra');
  assert.equal(full.length, 50);
  assert.ok(full.some((one) => one.name === 'Zebra'));
});
