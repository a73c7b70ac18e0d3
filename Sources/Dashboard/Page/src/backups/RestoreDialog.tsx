import { useState } from 'react';
import type { Backup, Store } from '../api/schema';
import { restore } from '../state/backups';
import { contents, difference, isLost, newestDone } from '../text/backups';
import { exactly } from '../text/time';
import { useAsking } from '../ui/asking';
import { Dialog } from '../ui/Dialog';
import { Ago } from '../ui/time';
import { TypedName } from '../ui/TypedName';

interface Props {
  store: Store;
  backup: Backup;
  /** All of the store's, newest first: the newest says what was sold since. */
  backups: Backup[];
  onClose: () => void;
}

/** Says what is lost by going back, and wants the store's name. */
export function RestoreDialog({ store, backup, backups, onClose }: Props) {
  const [typed, setTyped] = useState('');
  const { isAsking, refusal, ask } = useAsking();
  const newest = newestDone(backups) ?? backup;
  const since = difference(backup, newest);
  const isMeant = typed.trim() === store.name;

  async function submit() {
    if (!isMeant) return;
    await ask(async () => {
      await restore(store, backup.id);
      onClose();
    });
  }

  return (
    <Dialog title={`Restore ${store.name}?`} onClose={onClose} onSubmit={() => void submit()} footer={
      <>
        <button type="button" onClick={onClose}>Keep it as it is</button>
        <button type="submit" className="primary danger" disabled={!isMeant || isAsking}>{isAsking ? 'Asking…' : 'Restore this backup'}</button>
      </>
    }>
      <p>
        The store becomes what it was at <strong>{exactly(backup.createdAt)}</strong>, <Ago at={backup.createdAt} />{contents(backup) && `: ${contents(backup)}`}.
      </p>
      {isLost(store) ? (
        <p>Its volumes went with its namespace: what was sold since this backup is lost already.</p>
      ) : (
        <>
          <p>
            What was sold or changed since then is lost: orders, customers, products, uploaded files and settings.
            {since && <> The newest backup, <Ago at={newest.createdAt} />, has {since}.</>}
          </p>
          <p className="quiet">The store is closed, a backup of its present state is taken, and then this one is loaded. Until that is done, its address tells visitors to come back later.</p>
        </>
      )}
      <TypedName wanted={store.name} typed={typed} type={setTyped} />
      {refusal && <p className="wrong" role="alert">{refusal}</p>}
    </Dialog>
  );
}
