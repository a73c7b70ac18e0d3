import assert from 'node:assert/strict';
import test from 'node:test';
import { format, parse, type View } from '../src/state/view';

const at = (address: string) => {
  const { pathname, search } = new URL(address, 'http://localhost');
  return parse({ pathname, search });
};
const plain: View = {
  place: 'stores', all: false, query: '', status: null, engine: null, sort: 'newest', page: 1, size: 25, store: null, tab: 'overview', section: 'queue', job: null, dialog: null,
};

test('an address without parameters shows the first page of all stores', () => {
  assert.deepEqual(at('/'), plain);
});

test('an address says all that is shown', () => {
  assert.deepEqual(at('/?q=a+b&status=failed&engine=medusa&sort=name&page=3&size=50&dialog=help'), {
    place: 'stores', all: false, query: 'a b', status: 'failed', engine: 'medusa', sort: 'name', page: 3, size: 50, store: null, tab: 'overview', section: 'queue', job: null, dialog: 'help',
  });
  assert.deepEqual(at('/stores/acme-2?tab=logs&dialog=help'), { ...plain, place: 'store', store: 'acme-2', tab: 'logs', dialog: 'help' });
  assert.deepEqual(at('/operator?tab=audit'), { ...plain, place: 'operator', section: 'audit' });
  assert.deepEqual(at('/operator?job=37'), { ...plain, place: 'operator', job: 37 });
  assert.equal(format(at('/operator?tab=audit&job=37')), '/operator?tab=audit&job=37');
  for (const job of ['0', '-1', '1.5', 'x', '9007199254740993']) assert.equal(at(`/operator?job=${job}`).job, null, job);
  assert.equal(at('/?job=37').job, null);
  assert.deepEqual(at('/operator?dialog=account'), { ...plain, place: 'operator', dialog: 'account' });
});

test('parameters that say nothing the page knows count as absent', () => {
  for (const search of ['status=gone', 'engine=magento', 'sort=price', 'page=0', 'page=-1', 'page=1.5', 'page=x', 'size=7', 'tab=x', 'dialog=x', 'show=x']) {
    assert.deepEqual(at(`/?${search}`), plain, search);
  }
});

test('what is no slug is no store, and what no place has is nowhere', () => {
  for (const path of ['/stores/', '/stores/A', '/stores/a/b', '/stores/%00']) assert.equal(at(path).place, 'nowhere', path);
});

test('what is as usual does not stand in the address', () => {
  assert.equal(format(plain), '/');
  assert.equal(format({ ...plain, tab: 'logs' }), '/', 'a tab is one of a store’s page');
  assert.equal(format({ ...plain, page: 2, query: 'a&b' }), '/?q=a%26b&page=2');
  assert.equal(format({ ...plain, place: 'operator', query: 'x', dialog: 'help' }), '/operator?dialog=help');
});

test('a view comes back from its address', () => {
  const views: View[] = [
    plain,
    { ...plain, query: 'ü & ? #', status: 'deleting', engine: 'woocommerce', sort: 'status', page: 7, size: 100 },
    { ...plain, place: 'store', store: 'acme', tab: 'config', dialog: 'new' },
    { ...plain, place: 'operator', section: 'workers', dialog: 'go' },
    { ...plain, place: 'deleted', dialog: 'help' },
    { ...plain, dialog: 'notifications' },
    { ...plain, all: true, status: 'lost' },
  ];
  for (const view of views) assert.deepEqual(at(format(view)), view);
});
