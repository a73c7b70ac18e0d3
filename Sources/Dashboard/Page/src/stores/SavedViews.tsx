import { useState } from 'react';
import { saveViews, useSavedViews } from '../state/savedViews';
import { goTo } from '../state/url';
import type { View } from '../state/view';
import { added, addressOf, isWorthSaving } from '../text/views';
import { Dialog } from '../ui/Dialog';

/** The views that somebody saved in this browser; what is shown can be saved, or forgotten. */
export function SavedViews({ view }: { view: View }) {
  const views = useSavedViews();
  const [isNaming, setNaming] = useState(false);
  const address = addressOf(view);
  const current = views.find((one) => one.address === address);
  return (
    <>
      {views.length > 0 && (
        <div className="select">
          <select aria-label="Saved views" value={current?.address ?? ''} onChange={(event) => goTo(event.target.value || '/')}>
            <option value="">Saved views</option>
            {views.map((one) => <option key={one.address} value={one.address}>{one.name}</option>)}
          </select>
        </div>
      )}
      {current
        ? <button type="button" className="quiet" onClick={() => saveViews(views.filter((one) => one !== current))}>Forget view</button>
        : isWorthSaving(view) && <button type="button" className="quiet" onClick={() => setNaming(true)}>Save view…</button>}
      {isNaming && <NameDialog onClose={() => setNaming(false)} save={(name) => saveViews(added(views, name, address))} />}
    </>
  );
}

function NameDialog({ save, onClose }: { save: (name: string) => void; onClose: () => void }) {
  const [name, setName] = useState('');
  const submit = () => {
    if (!name.trim()) return;
    save(name.trim());
    onClose();
  };
  return (
    <Dialog title="Save this view" onClose={onClose} onSubmit={submit} footer={
      <>
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="submit" className="primary" disabled={!name.trim()}>Save</button>
      </>
    }>
      <p>It keeps what is searched and filtered, and the order, in this browser. To share it, copy the address.</p>
      <label className="field"><span>Name</span><input data-autofocus value={name} maxLength={60} placeholder="Failed of Medusa" onChange={(event) => setName(event.target.value)} /></label>
    </Dialog>
  );
}
