import { useState } from 'react';
import type { Backup, Store } from '../api/schema';
import { copy } from '../state/backups';
import type { StoreList } from '../state/list';
import { toast } from '../state/toasts';
import { goToStore } from '../state/url';
import { limitReason } from '../stores/quota';
import { useName } from '../stores/useName';
import { useWishKey } from '../stores/useWishKey';
import { backUpProblem, contents } from '../text/backups';
import { exactly } from '../text/time';
import { useAsking } from '../ui/asking';
import { Dialog } from '../ui/Dialog';

interface Props {
  store: Store;
  /** The one that was chosen; null: the store as it is now. */
  backup: Backup | null;
  backups: Backup[];
  list: StoreList;
  onClose: () => void;
}

/** A new store with what a backup of this one holds. */
export function CopyDialog({ store, backup, backups, list, onClose }: Props) {
  const { name, slug, problem, tellProblem, fields } = useName(`${store.name} copy`);
  const [source, setSource] = useState(backup?.id ?? '');
  const [isStaging, setStaging] = useState(false);
  const { isAsking, refusal, ask } = useAsking();
  const keyOf = useWishKey();
  const limit = limitReason(list.me);

  async function submit() {
    tellProblem();
    if (problem || limit) return;
    const body = { name, ...(slug ? { slug } : {}), staging: isStaging, ...(source ? { backup: source } : {}) };
    await ask(async () => {
      const made = await copy(store, body, keyOf(body));
      toast('good', `${made.name} is being created from ${store.name}.`);
      onClose();
      goToStore(made);
    });
  }

  return (
    <Dialog title={`Copy ${store.name}`} onClose={onClose} onSubmit={() => void submit()} footer={
      <>
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="submit" className="primary" disabled={isAsking || Boolean(limit)}>{isAsking ? 'Creating…' : 'Create the copy'}</button>
      </>
    }>
      {fields}
      <label className="field">
        <span>What is copied</span>
        <select value={source} onChange={(event) => setSource(event.target.value)}>
          {(!backUpProblem(store) || source === '') && <option value="">The store as it is now; a backup is taken first</option>}
          {backups.filter((one) => one.status === 'done').map((one, index) => (
            <option key={one.id} value={one.id}>{index === 0 && 'Newest backup, '}{exactly(one.createdAt)}: {contents({ ...one, size: null })}</option>
          ))}
        </select>
      </label>
      <label className="check">
        <input type="checkbox" checked={isStaging} aria-describedby="staging-note" onChange={(event) => setStaging(event.target.checked)} />
        <span>
          Staging copy
          <span id="staging-note" className="quiet">To try things out: it sends no mail, and search engines are told to leave it alone.</span>
        </span>
      </label>
      <p className="quiet">The copy has an address, a database, and passwords of its own, its admin’s too. It counts towards your stores as any other.</p>
      {(refusal ?? limit) && <p className="wrong" role="alert">{refusal ?? limit}</p>}
    </Dialog>
  );
}
