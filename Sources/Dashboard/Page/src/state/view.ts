// What the page shows, as a value, and its form in the address. Pure: nothing of the browser is used.
import type { Engine } from '../api/schema';
import type { Filter } from '../text/changes';

/** In the order of the choice. */
export const filters = ['ready', 'healthy', 'degraded', 'lost', 'asleep', 'provisioning', 'building', 'queued', 'failed', 'deleting'] as const;
export const engines = ['woocommerce', 'medusa'] as const;
export const sorts = ['newest', 'oldest', 'name', 'status'] as const;
export const sizes = [25, 50, 100] as const;
const sections = ['queue', 'workers', 'cluster', 'rollouts', 'orphans', 'people', 'audit'] as const;
const tabs = ['overview', 'backups', 'domains', 'members', 'resources', 'events', 'logs', 'history', 'config'] as const;

export type Sort = typeof sorts[number];
export type Tab = typeof tabs[number];
export type Section = typeof sections[number];

export interface View {
  /** `nowhere`: nothing has the address. */
  place: 'stores' | 'store' | 'deleted' | 'operator' | 'nowhere';
  /** Everybody's stores, for whoever may see them; else one's own. */
  all: boolean;
  query: string;
  status: Filter | null;
  engine: Engine | null;
  sort: Sort;
  /** From 1. */
  page: number;
  size: number;
  /** The slug of the store that is the place; null elsewhere. */
  store: string | null;
  tab: Tab;
  /** Of the operator's place. */
  section: Section;
  /** The number of the job that is looked at in the operator's place; null: none. */
  job: number | null;
  /** What stands before the page. */
  dialog: 'new' | 'help' | 'account' | 'notifications' | 'go' | null;
}

const among = <Value extends string>(values: readonly Value[], text: string | null): Value | null =>
  values.find((value) => value === text) ?? null;

export function parse(location: { pathname: string; search: string }): View {
  const params = new URLSearchParams(location.search);
  const page = Number(params.get('page'));
  const size = Number(params.get('size'));
  const job = Number(params.get('job'));
  const store = /^\/stores\/([a-z0-9-]+)$/.exec(location.pathname)?.[1] ?? null;
  return {
    place: store ? 'store' : location.pathname === '/operator' ? 'operator' : location.pathname !== '/' ? 'nowhere' : params.get('show') === 'deleted' ? 'deleted' : 'stores',
    all: params.get('scope') === 'all',
    query: params.get('q') ?? '',
    status: among(filters, params.get('status')),
    engine: among(engines, params.get('engine')),
    sort: among(sorts, params.get('sort')) ?? 'newest',
    page: Number.isInteger(page) && page > 0 ? page : 1,
    size: sizes.find((one) => one === size) ?? sizes[0],
    store,
    tab: among(tabs, params.get('tab')) ?? 'overview',
    section: among(sections, params.get('tab')) ?? 'queue',
    job: location.pathname === '/operator' && Number.isSafeInteger(job) && job > 0 ? job : null,
    dialog: among(['new', 'help', 'account', 'notifications', 'go'] as const, params.get('dialog')),
  };
}

export function format(view: View): string {
  const params = new URLSearchParams();
  if (view.place === 'operator' || (view.place === 'store' && view.store)) {
    const [tab, usual] = view.place === 'operator' ? [view.section, 'queue'] : [view.tab, 'overview'];
    if (tab !== usual) params.set('tab', tab);
    if (view.place === 'operator' && view.job) params.set('job', String(view.job));
    if (view.dialog) params.set('dialog', view.dialog);
    return withParams(view.place === 'operator' ? '/operator' : `/stores/${view.store}`, params);
  }
  if (view.place === 'deleted') params.set('show', 'deleted');
  if (view.all) params.set('scope', 'all');
  if (view.query) params.set('q', view.query);
  if (view.status) params.set('status', view.status);
  if (view.engine) params.set('engine', view.engine);
  if (view.sort !== 'newest') params.set('sort', view.sort);
  if (view.page > 1) params.set('page', String(view.page));
  if (view.size !== sizes[0]) params.set('size', String(view.size));
  if (view.dialog) params.set('dialog', view.dialog);
  return withParams('/', params);
}

function withParams(path: string, params: URLSearchParams): string {
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}
