import type { Store } from '../api/schema';
import type { Shown } from '../state/filter';
import { canDelete, canRetry, canSleep, canWake } from '../text/may';
import { askMany } from './actions';
import { isLost } from '../text/backups';
import { Icon } from '../ui/icons';

interface Props {
  chosen: Store[];
  shown: Shown;
  stores: Store[];
  select: (ids: ReadonlySet<string>) => void;
  mayOwn: (store: Store) => boolean;
  onDelete: (stores: Store[]) => void;
}

/** What can be done with several stores at once; there while some are selected or some have failed. */
export function BulkBar({ chosen, shown, stores, select, mayOwn, onDelete }: Props) {
  const retriable = chosen.filter(canRetry);
  const awake = chosen.filter(canSleep);
  const asleep = chosen.filter(canWake);
  const lost = chosen.filter(isLost).length;
  const failedHere = shown.rows.filter((store) => store.status === 'failed' && canRetry(store));
  const failed = stores.filter((store) => store.status === 'failed' && canRetry(store));
  const visible = new Set(shown.rows.map((store) => store.id));
  const hidden = chosen.filter((store) => !visible.has(store.id)).length;
  if (chosen.length === 0 && failed.length < 2) return null;
  /** `3`, or `2 of 3` where the others are left alone. */
  const of = (some: Store[]) => (some.length === chosen.length ? String(some.length) : `${some.length} of ${chosen.length}`);
  const deletable = chosen.filter((store) => canDelete(store) && mayOwn(store));
  const ids = (some: Store[]) => new Set(some.map((store) => store.id));
  return (
    <div className="bulk" role="toolbar" aria-label="Several stores at once">
      {chosen.length > 0 ? (
        <>
          <strong className="numbers">{chosen.length} selected</strong>
          {hidden > 0 && <span className="warning numbers">{hidden} of them not on this page</span>}
          {lost > 0 && <span className="wrong numbers">{lost} lost: restore or recreate {lost === 1 ? 'it' : 'each'} on its page</span>}
          {chosen.length < shown.matching.length && <button type="button" className="quiet" onClick={() => select(ids(shown.matching))}>Select all {shown.matching.length}</button>}
          <button type="button" className="quiet" onClick={() => select(new Set())}>Clear selection</button>
          <span className="spring" />
          {retriable.length > 0 && (
            <button type="button" onClick={() => void askMany(retriable, 'retry')}><Icon name="retry" />Retry {of(retriable)}</button>
          )}
          {awake.length > 0 && <button type="button" onClick={() => void askMany(awake, 'sleep')}><Icon name="moon" />Sleep {of(awake)}</button>}
          {asleep.length > 0 && <button type="button" onClick={() => void askMany(asleep, 'wake')}><Icon name="sun" />Wake {of(asleep)}</button>}
          <button type="button" className="danger" disabled={deletable.length === 0} onClick={() => onDelete(deletable)}><Icon name="trash" />Delete {of(deletable)}</button>
        </>
      ) : (
        <>
          <span className="quiet">{failed.length} stores have failed.</span>
          <span className="spring" />
          {failedHere.length > 0 && failedHere.length < failed.length && (
            <button type="button" onClick={() => void askMany(failedHere, 'retry')}><Icon name="retry" />Retry the {failedHere.length} on this page</button>
          )}
          <button type="button" onClick={() => void askMany(failed, 'retry')}><Icon name="retry" />Retry all {failed.length} failed</button>
        </>
      )}
    </div>
  );
}
