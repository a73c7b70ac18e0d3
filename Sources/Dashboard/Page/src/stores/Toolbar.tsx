import { isFiltered } from '../state/filter';
import { go } from '../state/url';
import { engines, sorts, states, type Sort, type View } from '../state/view';
import type { Engine } from '../api/schema';
import type { State } from '../text/changes';
import { engineNames, statusNames } from '../text/names';
import { Icon } from '../ui/icons';

const sortNames: Record<Sort, string> = { newest: 'Newest first', oldest: 'Oldest first', name: 'Name A–Z', status: 'By status' };

export function Toolbar({ view, matching, total }: { view: View; matching: number; total: number }) {
  const filters = [view.query, view.status, view.engine].filter(Boolean).length;
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
        <select aria-label="Status" value={view.status ?? ''} onChange={(event) => go({ status: (event.target.value || null) as State | null, page: 1 })}>
          <option value="">Any status</option>
          {states.map((status) => <option key={status} value={status}>{statusNames[status]}</option>)}
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
      {isFiltered(view) && (
        <button type="button" className="quiet" onClick={() => go({ query: '', status: null, engine: null, page: 1 })}>
          <Icon name="close" />Clear<span className="count">{filters}<span className="hidden"> filters</span></span>
        </button>
      )}
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
