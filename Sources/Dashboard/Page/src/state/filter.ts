// Which stores the list shows, in which order.
import type { Store } from '../api/schema';
import { stateOf, statesOf, wordsOf, type State } from '../text/changes';
import type { View } from './view';

type Filters = Pick<View, 'query' | 'status' | 'engine' | 'sort' | 'page' | 'size'>;

export interface Shown {
  /** All that match, in order. */
  matching: Store[];
  /** Those of them on this page. */
  rows: Store[];
  /** The page that is really shown: an address may ask for one that is no more. */
  page: number;
  pages: number;
}

export function show(stores: Store[], filters: Filters): Shown {
  const wanted = filters.status && statesOf(filters.status);
  const words = filters.query.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = stores.filter(
    (store) =>
      (!wanted || wanted.includes(stateOf(store))) &&
      (!filters.engine || store.engine === filters.engine) &&
      words.every((word) => `${store.name} ${store.namespace} ${store.engine} ${wordsOf(stateOf(store))}`.toLowerCase().includes(word)),
  );
  if (filters.sort === 'oldest') matching.reverse();
  if (filters.sort === 'name') matching.sort((a, b) => names.compare(a.name, b.name));
  if (filters.sort === 'status') matching.sort((a, b) => order.indexOf(stateOf(a)) - order.indexOf(stateOf(b)));
  const pages = Math.max(1, Math.ceil(matching.length / filters.size));
  const page = Math.min(filters.page, pages);
  return { matching, rows: matching.slice((page - 1) * filters.size, page * filters.size), page, pages };
}

const names = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
/** What wants a look comes first. */
const order: State[] = ['lost', 'failed', 'degraded', 'building', 'queued', 'deleting', 'healthy', 'asleep'];

export function count(stores: Store[]): Record<State, number> {
  const counts = Object.fromEntries(order.map((state) => [state, 0])) as Record<State, number>;
  for (const store of stores) counts[stateOf(store)] += 1;
  return counts;
}

export const isFiltered = (filters: Filters) => Boolean(filters.query || filters.status || filters.engine);
