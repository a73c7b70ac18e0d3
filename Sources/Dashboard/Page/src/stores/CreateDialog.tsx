import { useState } from 'react';
import { call, messageOf } from '../api/client';
import type { Engine, PlanName } from '../api/schema';
import { take, type StoreList } from '../state/list';
import { usePlans } from '../state/plans';
import { toast } from '../state/toasts';
import { go } from '../state/url';
import { engines } from '../state/view';
import { engineNames } from '../text/names';
import { Dialog } from '../ui/Dialog';
import { EngineIcon } from '../ui/icons';
import { PlanCards } from './PlanCards';
import { limitReason, unitsOf } from './quota';
import { useName } from './useName';
import { useWishKey } from './useWishKey';

const about: Record<Engine, string> = {
  woocommerce: 'WordPress with MySQL. Themes, plugins, an admin that many know.',
  medusa: 'Headless commerce with PostgreSQL and Redis. For stores with a frontend of their own.',
};

export function CreateDialog({ list, onClose }: { list: StoreList; onClose: () => void }) {
  const { name, problem, tellProblem, field } = useName(list.stores);
  const [engine, setEngine] = useState<Engine>('woocommerce');
  const { plans, engines: defaults } = usePlans();
  const [wanted, setWanted] = useState<PlanName | null>(null);
  const plan = wanted ?? defaults.find((one) => one.engine === engine)?.defaultPlan;
  const [isAsking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const keyOf = useWishKey();
  const limit = limitReason(list.me);

  async function submit() {
    tellProblem();
    if (problem || isAsking) return;
    setAsking(true);
    setRefusal(null);
    const body = { name, engine, ...(plan ? { plan } : {}) };
    try {
      const { store } = await call('createStore', { body, idempotencyKey: keyOf(body) });
      take(store);
      toast('good', `${store.name} is being created.`);
      go({ dialog: null, place: 'stores', store: store.id, tab: 'overview' });
    } catch (error) {
      setRefusal(messageOf(error));
      setAsking(false);
    }
  }

  return (
    <Dialog title="New store" onClose={onClose} onSubmit={() => void submit()} footer={
      <>
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="submit" className="primary" disabled={isAsking || Boolean(limit)}>{isAsking ? 'Creating…' : 'Create store'}</button>
      </>
    }>
      {field}
      <fieldset className="cards">
        <legend>Engine</legend>
        {engines.map((one) => (
          <label key={one} className="card">
            <input type="radio" name="engine" value={one} checked={engine === one} onChange={() => setEngine(one)} />
            <EngineIcon engine={one} />
            <span>
              <strong>{engineNames[one]}</strong>
              <span className="quiet">{about[one]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <PlanCards plans={plans} engine={engine} chosen={plan} choose={setWanted} quota={unitsOf(list.me, list.me?.userId)} />
      {(refusal ?? limit) && <p className="wrong" role="alert">{refusal ?? limit}</p>}
    </Dialog>
  );
}
