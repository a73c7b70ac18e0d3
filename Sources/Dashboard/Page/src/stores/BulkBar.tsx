import type { Store } from '../api/schema';
import type { Shown } from '../state/filter';
import { askMany, canDelete, canRetry, canSleep, canWake } from './actions';
import { Icon } from '../ui/icons';

interface Props {
  chosen: Store[];
  shown: Shown;
  stores: Store[];
  select: (ids: ReadonlySet<string>) => void;
  onDelete: () => void;
}

/** What can be done with several stores at once; there while some are selected or some have failed. */
export function BulkBar({ chosen, shown, stores, select, onDelete }: Props) {
  const retriable = chosen.filter(canRetry);
  const awake = chosen.filter(canSleep);
  const asleep = chosen.filter(canWake);
  const failedHere = shown.rows.filter((store) => store.status === 'failed');
  const failed = stores.filter((store) => store.status === 'failed');
  if (chosen.length === 0 && failed.length < 2) return null;
  const ids = (some: Store[]) => new Set(some.map((store) => store.id));
  return (
    <div className="bulk" role="toolbar" aria-label="Several stores at once">
      {chosen.length > 0 ? (
        <>
          <strong className="numbers">{chosen.length} selected</strong>
          {chosen.length < shown.matching.length && <button type="button" className="quiet" onClick={() => select(ids(shown.matching))}>Select all {shown.matching.length}</button>}
          <button type="button" className="quiet" onClick={() => select(new Set())}>Clear selection</button>
          <span className="spring" />
          {retriable.length > 0 && (
            <button type="button" onClick={() => void askMany(retriable, 'retry')}><Icon name="retry" />Retry {retriable.length} failed</button>
          )}
          {awake.length > 0 && <button type="button" onClick={() => void askMany(awake, 'sleep')}><Icon name="moon" />Sleep {awake.length}</button>}
          {asleep.length > 0 && <button type="button" onClick={() => void askMany(asleep, 'wake')}><Icon name="sun" />Wake {asleep.length}</button>}
          <button type="button" className="danger" disabled={!chosen.every(canDelete)} onClick={onDelete}><Icon name="trash" />Delete {chosen.length}</button>
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
