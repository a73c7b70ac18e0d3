import { useState } from 'react';
import type { Store } from '../api/schema';
import { useDeletedStores } from '../state/backups';
import { days } from '../text/time';
import { Dialog } from '../ui/Dialog';
import { TypedName } from '../ui/TypedName';

interface Props {
  stores: Store[];
  onClose: () => void;
  /** `purge`: nothing is kept of them. */
  onConfirm: (kind: 'delete' | 'purge') => void;
}

/** For one store its name is to be typed; for several, their number. Keeping nothing is to be said before that, too. */
export function DeleteDialog({ stores, onClose, onConfirm }: Props) {
  const keepDays = useDeletedStores().answer?.keepDays;
  const [typed, setTyped] = useState('');
  const [isPurged, setPurged] = useState(false);
  const only = stores.length === 1 ? stores[0] : undefined;
  const wanted = only ? only.name : `delete ${stores.length} stores`;
  const isMeant = typed.trim() === wanted;
  const [its, it, addresses] = only ? ['its', 'it', 'the address'] : ['their', 'them', 'the addresses'];
  const canKeep = keepDays !== 0 && stores.some((store) => store.readyAt);
  const isForGood = isPurged || !canKeep;
  function choose(purged: boolean) {
    setPurged(purged);
    // What was typed was typed for the other way.
    setTyped('');
  }
  return (
    <Dialog
      title={only ? 'Delete this store?' : `Delete ${stores.length} stores?`} onClose={onClose}
      onSubmit={() => isMeant && onConfirm(isPurged ? 'purge' : 'delete')}
      footer={
        <>
          <button type="button" onClick={onClose}>Keep {it}</button>
          <button type="submit" className="primary danger" disabled={!isMeant}>{isForGood ? 'Delete for good' : 'Delete'}</button>
        </>
      }
    >
      {isForGood ? (
        <p>
          What will be lost: {its} products, customers and orders, uploaded files, {isPurged && 'backups, '}passwords and {addresses}.
          {keepDays === 0 && ' This installation keeps no backups.'} Nobody can bring {it} back.
        </p>
      ) : (
        <p>
          {only ? 'The store stops' : 'The stores stop'} selling, and {addresses} may go to others. A last backup is taken first:{' '}
          {keepDays ? `for ${days(keepDays)}` : 'for some days'} you can bring {it} back under Deleted stores, with products, customers, orders and uploaded files.
        </p>
      )}
      {only?.url && <p className="quiet">{only.url}</p>}
      {!only && (
        <ul className="names">{stores.slice(0, 8).map((store) => <li key={store.id}>{store.name}</li>)}{stores.length > 8 && <li>and {stores.length - 8} more</li>}</ul>
      )}
      {canKeep && (
        <label className="check">
          <input type="checkbox" checked={isPurged} onChange={(event) => choose(event.target.checked)} />
          <span>Delete for good, keep nothing<span className="quiet">{its === 'its' ? 'Its' : 'Their'} backups are deleted, too.</span></span>
        </label>
      )}
      <TypedName wanted={wanted} typed={typed} type={setTyped} />
    </Dialog>
  );
}
