import { useState } from 'react';
import type { Version } from '../api/schema';
import { useBackups } from '../state/backups';
import type { Detail } from '../state/detail';
import { change } from '../state/list';
import { useAsking } from '../ui/asking';
import { Dialog } from '../ui/Dialog';

/** Another version of its chart: which, and what that does. `versions`: newer ones, newest first. */
export function UpgradeDialog({ store, versions, onClose }: { store: Detail; versions: Version[]; onClose: () => void }) {
  const keepsBackups = useBackups(store).answer?.keepsBackups;
  const [version, choose] = useState((versions.find((one) => one.current) ?? versions[0])?.version);
  const { isAsking, refusal, ask } = useAsking();
  async function submit() {
    if (!version) return;
    await ask(async () => {
      await change(store, { version });
      onClose();
    });
  }
  return (
    <Dialog title={`Upgrade ${store.name}`} onClose={onClose} onSubmit={() => void submit()} footer={
      <>
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="submit" className="primary" disabled={!version || isAsking}>{isAsking ? 'Asking…' : `Upgrade to ${version ?? '…'}`}</button>
      </>
    }>
      <p>It runs version <strong>{store.version}</strong>{store.engineVersion && ` (${store.engineVersion})`}.</p>
      <fieldset className="cards">
        <legend>Version</legend>
        {versions.map((one) => (
          <label key={one.version} className="card">
            <input type="radio" name="version" value={one.version} checked={version === one.version} onChange={() => choose(one.version)} />
            <span>
              <strong>{one.version}</strong>
              <span className="quiet">{one.appVersion}{one.current && ' · as new stores'}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <p className="quiet">
        {keepsBackups === false
          ? 'This installation keeps no backups, so none is taken before, and there is no way back. The store restarts once and is away for a short while.'
          : 'Meanwhile nobody can buy: the store is closed, saved, upgraded and tested, and then opened. A backup is taken first. If the new version does not sell in it, ' +
            'the store gets back what it had, and its version.'}
      </p>
      {refusal && <p className="wrong" role="alert">{refusal}</p>}
    </Dialog>
  );
}
