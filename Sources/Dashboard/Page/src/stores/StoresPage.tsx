// The list of stores with its numbers, filters and actions on many.
import { useCallback, useDeferredValue, useMemo, useState } from 'react';
import type { Store } from '../api/schema';
import { count, isFiltered, show } from '../state/filter';
import type { StoreList } from '../state/list';
import { useMay, useOwners, useSeesAll } from '../state/people';
import { useTitle } from '../state/title';
import { go, goToStore } from '../state/url';
import type { View } from '../state/view';
import { Icon } from '../ui/icons';
import { Empty, Skeleton } from '../ui/parts';
import { isStuck } from '../text/may';
import { askMany } from './actions';
import { BulkBar } from './BulkBar';
import { DeleteDialog } from './DeleteDialog';
import { Pager } from './Pager';
import { StatsBar } from './StatsBar';
import { StoreTable } from './StoreTable';
import { DeletedLink, Toolbar } from './Toolbar';

export function StoresPage({ view, list }: { view: View; list: StoreList }) {
  const [selected, select] = useState<ReadonlySet<string>>(new Set());
  const [deleting, setDeleting] = useState<Store[] | null>(null);
  // What one touches answers at once; a long list follows, and gives way to the next touch.
  const { query, status, engine, sort, page, size } = useDeferredValue(view);
  const shown = useMemo(() => show(list.stores, { query, status, engine, sort, page, size }), [list.stores, query, status, engine, sort, page, size]);
  const counts = useMemo(() => count(list.stores), [list.stores]);
  // What is gone cannot stay selected.
  const chosen = useMemo(() => list.stores.filter((store) => selected.has(store.id)), [list.stores, selected]);

  useTitle((counts.failed ? `(${counts.failed} failed) ` : '') + 'Stores · Store Weaver');

  const deleteOne = useCallback((store: Store) => setDeleting([store]), []);
  const none = list.isLoaded && list.stores.length === 0;
  const seesAll = useSeesAll();
  const [mayChange, mayOwn] = [useMay('run'), useMay('own')];
  const changeable = chosen.filter(mayChange);
  const ownerOf = useOwners(seesAll && view.all);
  const stuck = list.stores.filter(isStuck);
  return (
    <>
      <h1 className="hidden">Stores</h1>
      <StatsBar stores={list.stores} counts={counts} chosen={view.status} isLoaded={list.isLoaded} />
      {stuck.length > 0 && (
        <p className="notice" role="status">
          <strong>{stuck.length === 1 ? 'A deletion does not come to its end:' : `${stuck.length} deletions do not come to their end:`}</strong>{' '}
          {stuck.slice(0, 3).map((store) => <button key={store.id} type="button" className="as-link" onClick={() => goToStore(store)}>{store.name}</button>)}
        </p>
      )}
      {list.error && !list.isLoaded && (
        <Empty title="The stores could not be read" icon="alert"><p>{list.error} Retrying…</p></Empty>
      )}
      {!list.isLoaded && !list.error && list.stores.length === 0 && <Skeleton lines={6} />}
      {none && seesAll && <Toolbar view={view} matching={0} total={0} />}
      {none && (
        <Empty title={seesAll && view.all ? 'Nobody has stores yet' : 'No stores yet'}>
          <p>Name your first store; it gets an address, a database and an admin of its own, and is ready within minutes.</p>
          <button type="button" className="primary" onClick={() => go({ dialog: 'new' })}><Icon name="plus" />New store</button>
          <DeletedLink />
        </Empty>
      )}
      {list.stores.length > 0 && (
        <>
          <Toolbar view={view} matching={shown.matching.length} total={list.stores.length} />
          <BulkBar chosen={changeable} shown={shown} stores={list.stores.filter(mayChange)} select={select} mayOwn={mayOwn} onDelete={setDeleting} />
          {shown.matching.length === 0 ? (
            <Empty title="No store matches" icon="search">
              <p>{list.stores.length} {list.stores.length === 1 ? 'store is' : 'stores are'} hidden by what is searched and filtered.</p>
              <button type="button" onClick={() => go({ query: '', status: null, engine: null, page: 1 })}>Show all stores</button>
            </Empty>
          ) : (
            <>
              <StoreTable rows={shown.rows} wishes={list.wishes} selected={selected} select={select} onDelete={deleteOne} ownerOf={seesAll && view.all ? ownerOf : null} mayChange={mayChange} mayOwn={mayOwn} />
              <Pager shown={shown} size={view.size} isFiltered={isFiltered(view)} />
            </>
          )}
        </>
      )}
      {deleting && (
        <DeleteDialog
          stores={deleting} onClose={() => setDeleting(null)}
          onConfirm={(kind) => {
            void askMany(deleting, kind);
            setDeleting(null);
            select(new Set());
          }}
        />
      )}
    </>
  );
}
