import { useState } from 'react';
import type { Detail } from '../state/detail';
import { askMany } from '../stores/actions';
import { DeleteDialog } from '../stores/DeleteDialog';
import { canDelete } from '../text/may';
import { Block } from '../ui/Block';
import { Icon } from '../ui/icons';

/** What cannot be taken back in passing. */
export function DangerZone({ store, isAsked }: { store: Detail; isAsked: boolean }) {
  const [isDeleting, setDeleting] = useState(false);
  return (
    <Block title="Danger zone" className="whole danger-zone">
      <div>
        <p>{canDelete(store) ? 'Deleting stops the store and gives its address back. What can be kept of it, and for how long, is said before.' : 'The store is being deleted.'}</p>
        {canDelete(store) && <button type="button" className="danger" disabled={isAsked} onClick={() => setDeleting(true)}><Icon name="trash" />Delete…</button>}
      </div>
      {isDeleting && <DeleteDialog stores={[store]} onClose={() => setDeleting(false)} onConfirm={(kind) => { setDeleting(false); void askMany([store], kind); }} />}
    </Block>
  );
}
