import { useState } from 'react';
import type { Store } from '../api/schema';
import { recreate } from '../state/list';
import { toast } from '../state/toasts';
import { useAsking } from '../ui/asking';
import { Dialog } from '../ui/Dialog';
import { TypedName } from '../ui/TypedName';

/** An empty store in place of a lost one: of one store at a time, and typed. */
export function RecreateDialog({ store, onClose }: { store: Store; onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const { isAsking, refusal, ask } = useAsking();
  const isMeant = typed.trim() === store.name;
  async function submit() {
    if (!isMeant) return;
    await ask(async () => {
      await recreate(store);
      toast('plain', `${store.name} is made anew, empty.`);
      onClose();
    });
  }
  return (
    <Dialog title={`Recreate ${store.name}, empty?`} onClose={onClose} onSubmit={() => void submit()} footer={
      <>
        <button type="button" onClick={onClose}>Leave it as it is</button>
        <button type="submit" className="primary danger" disabled={!isMeant || isAsking}>{isAsking ? 'Asking…' : 'Recreate, empty'}</button>
      </>
    }>
      <p>A new store is made at the same address. It has no products, customers, orders or uploaded files, and other passwords.</p>
      <p>{store.lastBackupAt ? 'This store has a backup: close this and restore it to have all of that back.' : 'There is no backup of it: whatever was not saved elsewhere does not come back.'}</p>
      <TypedName wanted={store.name} typed={typed} type={setTyped} />
      {refusal && <p className="wrong" role="alert">{refusal}</p>}
    </Dialog>
  );
}
