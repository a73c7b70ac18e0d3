import assert from 'node:assert/strict';
import test from 'node:test';
import { count, isFiltered, show } from '../src/state/filter';
import { parse } from '../src/state/view';
import { store } from './stores';

// Newest first, as the list keeps them.
const stores = [
  store({ name: 'Shoes 10', namespace: 'store-shoes-10', status: 'ready' }),
  store({ name: 'books', namespace: 'store-books', engine: 'medusa', status: 'failed' }),
  store({ name: 'Shoes 9', namespace: 'store-shoes-9', status: 'provisioning' }),
];
const view = (search = '') => parse({ pathname: '/', search });
const named = (search: string) => show(stores, view(search)).matching.map((one) => one.name);

test('a search finds stores that have all its words, in any case and order', () => {
  assert.deepEqual(named('?q=SHOES'), ['Shoes 10', 'Shoes 9']);
  assert.deepEqual(named('?q=+provisioning++shoes+'), ['Shoes 9']);
  assert.deepEqual(named('?q=medusa'), ['books']);
  assert.deepEqual(named('?q=store-books'), ['books']);
  assert.deepEqual(named('?q=shoes+books'), []);
});

test('status and engine filter together with the search', () => {
  assert.deepEqual(named('?status=ready'), ['Shoes 10']);
  assert.deepEqual(named('?engine=woocommerce&status=provisioning'), ['Shoes 9']);
  assert.deepEqual(named('?engine=medusa&q=shoes'), []);
});

test('names are sorted as people count, statuses by what needs attention', () => {
  assert.deepEqual(named(''), ['Shoes 10', 'books', 'Shoes 9']);
  assert.deepEqual(named('?sort=oldest'), ['Shoes 9', 'books', 'Shoes 10']);
  assert.deepEqual(named('?sort=name'), ['books', 'Shoes 9', 'Shoes 10']);
  assert.deepEqual(named('?sort=status'), ['books', 'Shoes 9', 'Shoes 10']);
});

test('sorting leaves the list that it was given as it was', () => {
  const given = [...stores];
  show(given, view('?sort=name'));
  show(given, view('?sort=oldest'));
  assert.deepEqual(given, stores);
});

test('a page has its rows, and one beyond the last is the last', () => {
  const many = Array.from({ length: 51 }, (_, number) => store({ name: String(number) }));
  const second = show(many, view('?page=2'));
  assert.deepEqual([second.page, second.pages, second.rows.length, second.rows[0]!.name], [2, 3, 25, '25']);
  const last = show(many, view('?page=99'));
  assert.deepEqual([last.page, last.rows.map((one) => one.name)], [3, ['50']]);
  assert.deepEqual(show([], view('?page=4')), { matching: [], rows: [], page: 1, pages: 1 });
});

test('each status is counted, also the ones that no store has', () => {
  const none = { healthy: 0, degraded: 0, lost: 0, asleep: 0, building: 0, queued: 0, failed: 0, deleting: 0 };
  assert.deepEqual(count(stores), { ...none, queued: 1, healthy: 1, failed: 1 });
  assert.deepEqual(count([store({ asleep: true }), store({ drift: 'namespace' })]), { ...none, asleep: 1, lost: 1 });
});

test('a sleeping store is found as asleep, and not as ready', () => {
  const some = [store({ name: 'Awake' }), store({ name: 'Sleeper', asleep: true })];
  const found = (search: string) => show(some, view(search)).matching.map((one) => one.name);
  assert.deepEqual([found('?status=asleep'), found('?status=ready'), found('?q=asleep')], [['Sleeper'], ['Awake'], ['Sleeper']]);
});

test('the API’s words hold what they cover, and each part alone can be asked for', () => {
  const some = [
    store({ name: 'Well' }), store({ name: 'Ill', health: 'degraded' }), store({ name: 'Lost', drift: 'namespace' }), store({ name: 'Waits', status: 'provisioning' }),
    store({ name: 'Grows', status: 'provisioning', provisioningStartedAt: '2026-01-02T00:00:00Z' }),
  ];
  const found = (search: string) => show(some, view(search)).matching.map((one) => one.name);
  assert.deepEqual([found('?status=ready'), found('?status=provisioning'), found('?q=ready')], [['Well', 'Ill'], ['Waits', 'Grows'], ['Well', 'Ill']]);
  assert.deepEqual(['healthy', 'degraded', 'lost', 'queued', 'building'].map((one) => found(`?status=${one}`)), [['Well'], ['Ill'], ['Lost'], ['Waits'], ['Grows']]);
});

test('an order or a page alone is no filter', () => {
  assert.equal(isFiltered(view('?sort=name&page=2&size=100')), false);
  for (const search of ['?q=a', '?status=ready', '?engine=medusa']) assert.equal(isFiltered(view(search)), true, search);
});
