import { Suspense } from 'react';
import { isFiltered } from '../state/filter';
import { useSeesAll } from '../state/people';
import { go } from '../state/url';
import { engines, filters, sorts, type Sort, type View } from '../state/view';
import type { Engine } from '../api/schema';
import type { Filter } from '../text/changes';
import { engineNames, statusNames } from '../text/names';
import { Icon } from '../ui/icons';
import { later } from '../ui/later';

const SavedViews = later(() => import('./SavedViews').then((it) => it.SavedViews));

const sortNames: Record<Sort, string> = { newest: 'Newest first', oldest: 'Oldest first', name: 'Name A–Z', status: 'By status' };

export function Toolbar({ view, matching, total }: { view: View; matching: number; total: number }) {
  const seesAll = useSeesAll();
  const used = [view.query, view.status, view.engine].filter(Boolean).length;
  return (
    <div className="toolbar" role="search" aria-label="Stores">
      <label className="search">
        <span className="hidden">Search by name, namespace, engine or status</span>
        <Icon name="search" />
        <input
          id="search" type="search" placeholder="Search stores" value={view.query} autoComplete="off" spellCheck={false}
          onChange={(event) => go({ query: event.target.value, page: 1 }, { replace: true })}
          onKeyDown={(event) => event.key === 'Escape' && (view.query ? go({ query: '', page: 1 }, { replace: true }) : event.currentTarget.blur())}
        />
        <kbd>/</kbd>
      </label>
      <div className="select">
        <select aria-label="Status" value={view.status ?? ''} onChange={(event) => go({ status: (event.target.value || null) as Filter | null, page: 1 })}>
          <option value="">Any status</option>
          {filters.map((status) => <option key={status} value={status}>{statusNames[status]}</option>)}
        </select>
      </div>
      <div className="select">
        <select aria-label="Engine" value={view.engine ?? ''} onChange={(event) => go({ engine: (event.target.value || null) as Engine | null, page: 1 })}>
          <option value="">Any engine</option>
          {engines.map((engine) => <option key={engine} value={engine}>{engineNames[engine]}</option>)}
        </select>
      </div>
      <div className="select">
        <select aria-label="Order" value={view.sort} onChange={(event) => go({ sort: event.target.value as Sort, page: 1 })}>
          {sorts.map((sort) => <option key={sort} value={sort}>{sortNames[sort]}</option>)}
        </select>
      </div>
      {seesAll && (
        <div className="segments" role="group" aria-label="Whose stores">
          <button type="button" aria-pressed={!view.all} onClick={() => go({ all: false, page: 1 })}>Mine</button>
          <button type="button" aria-pressed={view.all} onClick={() => go({ all: true, page: 1 })}>All</button>
        </div>
      )}
      {isFiltered(view) && (
        <button type="button" className="quiet" onClick={() => go({ query: '', status: null, engine: null, page: 1 })}>
          <Icon name="close" />Clear<span className="count">{used}<span className="hidden"> filters</span></span>
        </button>
      )}
      <Suspense fallback={null}><SavedViews view={view} /></Suspense>
      <span className="spring" />
      <span className="found">
        <span className="quiet numbers" role="status">{isFiltered(view) ? `${matching} of ${total}` : `${total} ${total === 1 ? 'store' : 'stores'}`}</span>
        <DeletedLink />
      </span>
    </div>
  );
}

export function DeletedLink() {
  return <button type="button" className="quiet small" onClick={() => go({ place: 'deleted', store: null, tab: 'overview' })}><Icon name="trash" />Deleted stores</button>;
}
