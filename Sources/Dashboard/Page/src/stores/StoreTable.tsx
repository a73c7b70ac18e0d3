import { memo, useCallback, useEffect, useRef } from 'react';
import type { Store } from '../api/schema';
import { useKeys } from '../state/keys';
import type { StoreList } from '../state/list';
import { canRetry } from '../text/may';
import { askMany } from './actions';
import { StoreRow } from './StoreRow';

interface Props {
  rows: Store[];
  wishes: StoreList['wishes'];
  selected: ReadonlySet<string>;
  select: (ids: ReadonlySet<string>) => void;
  onDelete: (store: Store) => void;
  /** By name; null: all are one's own. */
  ownerOf: ((id: string | null) => string) | null;
  mayChange: (store: Store) => boolean;
  mayOwn: (store: Store) => boolean;
}

export const StoreTable = memo(function StoreTable({ rows, wishes, selected, select, onDelete, ownerOf, mayChange, mayOwn }: Props) {
  const all = useRef<HTMLInputElement>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const here = rows.filter((store) => selected.has(store.id)).length;
  // Rows are kept as they are unless something of theirs changes: what they call does not.
  const current = useRef({ selected, select, onDelete });
  current.current = { selected, select, onDelete };
  const toggle = useCallback((id: string) => {
    const next = new Set(current.current.selected);
    if (!next.delete(id)) next.add(id);
    current.current.select(next);
  }, []);
  const remove = useCallback((store: Store) => current.current.onDelete(store), []);

  useEffect(() => {
    if (all.current) all.current.indeterminate = here > 0 && here < rows.length;
  }, [here, rows.length]);

  const links = () => [...(body.current?.querySelectorAll<HTMLElement>('a.name') ?? [])];
  const at = () => links().findIndex((link) => link.closest('tr')?.contains(document.activeElement));
  const move = (step: number) => links()[Math.max(0, Math.min(rows.length - 1, at() + step))]?.focus();
  useKeys({
    j: () => move(1),
    k: () => move(at() < 0 ? 0 : -1),
    x: () => rows[at()] && toggle(rows[at()]!.id),
    r: () => {
      const store = rows[at()];
      if (store && canRetry(store) && mayChange(store)) void askMany([store], 'retry');
    },
  });

  return (
    <table className="stores">
      <caption className="hidden">Stores</caption>
      <thead>
        <tr>
          <th className="select-cell">
            <input
              ref={all} type="checkbox" aria-label="Select all on this page" checked={rows.length > 0 && here === rows.length}
              onChange={() => {
                const next = new Set(selected);
                for (const store of rows) if (here === rows.length) next.delete(store.id); else next.add(store.id);
                select(next);
              }}
            />
          </th>
          <th scope="col">Name</th>
          <th scope="col">Status</th>
          <th scope="col" className="wide">Engine</th>
          <th scope="col" className="wide">{ownerOf ? 'Owner' : 'Namespace'}</th>
          <th scope="col" className="age">Age</th>
          <th><span className="hidden">Actions</span></th>
        </tr>
      </thead>
      <tbody ref={body}>
        {rows.map((store) => (
          <StoreRow key={store.id} store={store} wish={wishes.get(store.id)} isSelected={selected.has(store.id)} owner={ownerOf ? ownerOf(store.userId) : null} mayChange={mayChange(store)} mayOwn={mayOwn(store)} toggle={toggle} remove={remove} />
        ))}
      </tbody>
    </table>
  );
});
