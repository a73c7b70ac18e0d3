import { useState } from 'react';
import type { Store } from '../api/schema';
import { change } from '../state/list';
import { nameProblem } from '../text/names';
import { useAsking } from '../ui/asking';
import { Dialog } from '../ui/Dialog';

/** Another name; the address stays. */
export function RenameDialog({ store, onClose }: { store: Store; onClose: () => void }) {
  const [name, setName] = useState(store.name);
  const { isAsking, refusal, ask } = useAsking();
  const problem = nameProblem(name);
  const isSame = name.trim() === store.name;
  async function submit() {
    if (problem || isSame) return;
    await ask(async () => {
      await change(store, { name: name.trim() });
      onClose();
    });
  }
  return (
    <Dialog title={`Rename ${store.name}`} onClose={onClose} onSubmit={() => void submit()} footer={
      <>
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="submit" className="primary" disabled={Boolean(problem) || isSame || isAsking}>{isAsking ? 'Asking…' : 'Rename'}</button>
      </>
    }>
      <label className="field">
        <span>Name</span>
        <input data-autofocus value={name} maxLength={200} autoComplete="off" aria-invalid={Boolean(problem)} aria-describedby="rename-note" onChange={(event) => setName(event.target.value)} />
      </label>
      <p id="rename-note" className="quiet" aria-live="polite">{problem ? <span className="wrong">{problem}</span> : 'Visitors see the new name once it is applied. The address stays as it is.'}</p>
      {refusal && <p className="wrong" role="alert">{refusal}</p>}
    </Dialog>
  );
}
