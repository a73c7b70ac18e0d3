// What the page shows, as a value, and its form in the address. Pure: nothing of the browser is used.
import type { Engine } from '../api/schema';
import type { State } from '../text/changes';

export const states = ['provisioning', 'ready', 'asleep', 'failed', 'deleting'] as const;
export const engines = ['woocommerce', 'medusa'] as const;
export const sorts = ['newest', 'oldest', 'name', 'status'] as const;
export const sizes = [25, 50, 100] as const;
const tabs = ['overview', 'backups', 'resources', 'events', 'logs', 'history', 'config'] as const;

export type Sort = typeof sorts[number];
export type Tab = typeof tabs[number];

export interface View {
  place: 'stores' | 'deleted' | 'operator';
  query: string;
  status: State | null;
  engine: Engine | null;
  sort: Sort;
  /** From 1. */
  page: number;
  size: number;
  /** The open panel's store. */
  store: string | null;
  tab: Tab;
  /** What stands before the page. */
  dialog: 'new' | 'help' | 'account' | null;
}

const among = <Value extends string>(values: readonly Value[], text: string | null): Value | null =>
  values.find((value) => value === text) ?? null;

export function parse(location: { pathname: string; search: string }): View {
  const params = new URLSearchParams(location.search);
  const page = Number(params.get('page'));
  const size = Number(params.get('size'));
  return {
    place: location.pathname === '/operator' ? 'operator' : params.get('show') === 'deleted' ? 'deleted' : 'stores',
    query: params.get('q') ?? '',
    status: among(states, params.get('status')),
    engine: among(engines, params.get('engine')),
    sort: among(sorts, params.get('sort')) ?? 'newest',
    page: Number.isInteger(page) && page > 0 ? page : 1,
    size: sizes.find((one) => one === size) ?? sizes[0],
    store: params.get('store'),
    tab: among(tabs, params.get('tab')) ?? 'overview',
    dialog: among(['new', 'help', 'account'] as const, params.get('dialog')),
  };
}

export function format(view: View): string {
  const params = new URLSearchParams();
  if (view.place === 'operator') return '/operator' + (view.dialog ? `?dialog=${view.dialog}` : '');
  if (view.place === 'deleted') params.set('show', 'deleted');
  if (view.query) params.set('q', view.query);
  if (view.status) params.set('status', view.status);
  if (view.engine) params.set('engine', view.engine);
  if (view.sort !== 'newest') params.set('sort', view.sort);
  if (view.page > 1) params.set('page', String(view.page));
  if (view.size !== sizes[0]) params.set('size', String(view.size));
  if (view.store) params.set('store', view.store);
  if (view.store && view.tab !== 'overview') params.set('tab', view.tab);
  if (view.dialog) params.set('dialog', view.dialog);
  const text = params.toString();
  return text ? `/?${text}` : '/';
}
