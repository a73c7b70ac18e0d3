import { useState } from 'react';
import { ApiError } from '../api/client';
import type { Store } from '../api/schema';
import { addDomain } from '../state/domains';
import { hostIn } from '../text/domains';
import { useAsking } from '../ui/asking';
import { Dialog } from '../ui/Dialog';

export function AddDomainDialog({ store, onClose }: { store: Store; onClose: () => void }) {
  const [typed, type] = useState('');
  /** What another store has proved. */
  const [taken, setTaken] = useState<string | null>(null);
  const { isAsking, refusal, ask } = useAsking();
  const host = hostIn(typed);
  const isTaken = taken === host;
  async function submit() {
    if (!host) return;
    await ask(async () => {
      try {
        await addDomain(store, host, isTaken);
        onClose();
      } catch (error) {
        if (error instanceof ApiError && error.code === 'taken') setTaken(host);
        throw error;
      }
    });
  }
  return (
    <Dialog title="Add a domain" onClose={onClose} onSubmit={() => void submit()} footer={
      <>
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="submit" className="primary" disabled={!host || isAsking}>{isTaken ? 'It is mine: add it' : 'Add'}</button>
      </>
    }>
      <label className="field">
        <span>Your domain</span>
        <input data-autofocus value={typed} onChange={(event) => type(event.target.value)} placeholder="www.example.com" autoComplete="off" autoCapitalize="none" spellCheck={false} />
      </label>
      <p className="quiet">You have to have registered it. The next step shows which records to set.</p>
      {isTaken && <p>If you add it all the same and set its TXT record, it moves to this store after three days.</p>}
      {refusal && <p className="wrong" role="alert">{refusal}</p>}
    </Dialog>
  );
}
