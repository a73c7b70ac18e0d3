import { useState } from 'react';
import type { Store } from '../api/schema';
import { Dialog } from '../ui/Dialog';

/** For one store its name is to be typed; for several, their number. */
export function DeleteDialog({ stores, onClose, onConfirm }: { stores: Store[]; onClose: () => void; onConfirm: () => void }) {
  const [typed, setTyped] = useState('');
  const only = stores.length === 1 ? stores[0] : undefined;
  const wanted = only ? only.name : `delete ${stores.length} stores`;
  const isMeant = typed.trim() === wanted;
  return (
    <Dialog title={only ? 'Delete this store?' : `Delete ${stores.length} stores?`} onClose={onClose} onSubmit={() => isMeant && onConfirm()} footer={
      <>
        <button type="button" onClick={onClose}>Keep {only ? 'it' : 'them'}</button>
        <button type="submit" className="primary danger" disabled={!isMeant}>Delete for good</button>
      </>
    }>
      <p>
        What will be lost: {only ? 'its' : 'their'} products, customers and orders, uploaded files, passwords and {only ? 'the address' : 'addresses'}.
        Nobody can bring {only ? 'it' : 'them'} back.
      </p>
      {only?.url && <p className="quiet">{only.url}</p>}
      {!only && (
        <ul className="names">{stores.slice(0, 8).map((store) => <li key={store.id}>{store.name}</li>)}{stores.length > 8 && <li>and {stores.length - 8} more</li>}</ul>
      )}
      <label className="field">
        <span>Type <strong className="typed">{wanted}</strong> to confirm</span>
        <input data-autofocus value={typed} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />
      </label>
    </Dialog>
  );
}
