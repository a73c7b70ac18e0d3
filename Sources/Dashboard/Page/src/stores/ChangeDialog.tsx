import { useState } from 'react';
import type { PlanName, Quota, StoreChange } from '../api/schema';
import { change } from '../state/list';
import type { Detail } from '../state/detail';
import { usePlans } from '../state/plans';
import { bytes, gibibytes } from '../text/plans';
import { useAsking } from '../ui/asking';
import { Dialog } from '../ui/Dialog';
import { PlanCards } from './PlanCards';

const disks = [['database', 'Database'], ['uploads', 'Uploads']] as const;

/** Another plan and larger volumes, in one change. */
export function ChangeDialog({ store, quota, onClose }: { store: Detail; quota: Quota | null; onClose: () => void }) {
  const { plans } = usePlans();
  const { storage } = store.spec;
  const [plan, setPlan] = useState<PlanName>(store.plan);
  const [sizes, setSizes] = useState<Record<string, string>>({});
  const { isAsking, refusal, ask } = useAsking();

  const grown: { database?: string; uploads?: string } = {};
  const wrong: string[] = [];
  for (const [disk, label] of disks) {
    const [now, wanted] = [storage[disk], sizes[disk]];
    if (!now || wanted === undefined || Number(wanted) === gibibytes(now)) continue;
    if (/^[0-9]{1,5}$/.test(wanted) && Number(wanted) > gibibytes(now)) grown[disk] = `${wanted}Gi`;
    else wrong.push(`${label} must be a whole number of GiB above ${gibibytes(now)}: a volume cannot shrink.`);
  }
  const wish: StoreChange = { ...(plan !== store.plan ? { plan } : {}), ...(Object.keys(grown).length ? { storage: grown } : {}) };
  const isSame = Object.keys(wish).length === 0;

  async function submit() {
    if (isSame || wrong.length) return;
    await ask(async () => {
      await change(store, wish);
      onClose();
    });
  }

  return (
    <Dialog title={`Change ${store.name}`} onClose={onClose} onSubmit={() => void submit()} footer={
      <>
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="submit" className="primary" disabled={isSame || wrong.length > 0 || isAsking}>{isAsking ? 'Asking…' : 'Change'}</button>
      </>
    }>
      <PlanCards plans={plans} engine={store.engine} chosen={plan} choose={setPlan} quota={quota} store={store} />
      {plans.length === 0 && <p className="quiet">No worker tells which plans there are.</p>}
      <div className="sizes">
        {disks.map(([disk, label]) => {
          const now = storage[disk];
          return now && (
            <label key={disk} className="field">
              <span>{label} <span className="quiet">({bytes(now)} now)</span></span>
              <span className="unit">
                <input
                  type="number" min={Math.ceil(gibibytes(now))} step="1" value={sizes[disk] ?? String(gibibytes(now))} aria-describedby="sizes-note"
                  aria-invalid={wrong.some((one) => one.startsWith(label))} onChange={(event) => setSizes({ ...sizes, [disk]: event.target.value })}
                />
                <span aria-hidden="true">GiB</span>
              </span>
            </label>
          );
        })}
      </div>
      <p id="sizes-note" className="quiet small-text" aria-live="polite">
        {wrong.length > 0 ? <span className="wrong">{wrong.join(' ')}</span> : 'Volumes grow where the cluster’s storage can, and never shrink. A new plan restarts the store once, for some seconds.'}
      </p>
      {refusal && <p className="wrong" role="alert">{refusal}</p>}
    </Dialog>
  );
}
