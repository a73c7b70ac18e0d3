import { useState } from 'react';
import type { DeletedStore } from '../api/schema';
import { forget } from '../state/backups';
import { contents } from '../text/backups';
import { useAsking } from '../ui/asking';
import { Dialog } from '../ui/Dialog';
import { TypedName } from '../ui/TypedName';

/** Ends what is kept of a deleted store. */
export function ForgetDialog({ store, onClose, onForgotten }: { store: DeletedStore; onClose: () => void; onForgotten: () => void }) {
  const [typed, setTyped] = useState('');
  const { isAsking, refusal, ask } = useAsking();
  const isMeant = typed.trim() === store.name;
  async function submit() {
    if (!isMeant) return;
    await ask(async () => {
      await forget(store);
      onForgotten();
      onClose();
    });
  }
  return (
    <Dialog title="Delete what is kept?" onClose={onClose} onSubmit={() => void submit()} footer={
      <>
        <button type="button" onClick={onClose}>Keep it</button>
        <button type="submit" className="primary danger" disabled={!isMeant || isAsking}>Delete for good</button>
      </>
    }>
      <p>All backups of {store.name} are deleted: {contents(store.backup)}. Nobody can bring it back.</p>
      <TypedName wanted={store.name} typed={typed} type={setTyped} />
      {refusal && <p className="wrong" role="alert">{refusal}</p>}
    </Dialog>
  );
}
