import { useEffect, useRef, useState } from 'react';
import { call, messageOf } from '../api/client';
import type { Engine, PlanName } from '../api/schema';
import { take, type StoreList } from '../state/list';
import { usePlans } from '../state/plans';
import { toast } from '../state/toasts';
import { go } from '../state/url';
import { engines } from '../state/view';
import { engineNames, isAscii, nameProblem, preview } from '../text/names';
import { Dialog } from '../ui/Dialog';
import { EngineIcon } from '../ui/icons';
import { PlanCards } from './PlanCards';
import { limitReason, unitsOf } from './quota';

const about: Record<Engine, string> = {
  woocommerce: 'WordPress with MySQL. Themes, plugins, an admin that many know.',
  medusa: 'Headless commerce with PostgreSQL and Redis. For stores with a frontend of their own.',
};

export function CreateDialog({ list, onClose }: { list: StoreList; onClose: () => void }) {
  const [name, setName] = useState('');
  const [engine, setEngine] = useState<Engine>('woocommerce');
  const { plans, engines: defaults } = usePlans();
  const [wanted, setWanted] = useState<PlanName | null>(null);
  const plan = wanted ?? defaults.find((one) => one.engine === engine)?.defaultPlan;
  const [wasTouched, setTouched] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  // One wish has one key: should the answer get lost, asking again does not make a second store.
  const key = useRef({ wish: '', value: '' });
  const problem = nameProblem(name);
  const limit = limitReason(list.me);
  const [told, setTold] = useState<string | null>(null);
  const coming = preview(name, list.stores, told);

  useEffect(() => {
    setTold(null);
    if (isAscii(name) || nameProblem(name)) return;
    const asked = new AbortController();
    const timer = setTimeout(() => {
      // Without an answer the address shows itself once the store is made.
      call('getSlug', { path: { slug: name.trim() }, signal: asked.signal }).then(({ slug }) => setTold(slug), () => undefined);
    }, 250);
    return () => {
      clearTimeout(timer);
      asked.abort();
    };
  }, [name]);

  async function submit() {
    setTouched(true);
    if (problem || isAsking) return;
    setAsking(true);
    setRefusal(null);
    const body = { name: name.trim(), engine, ...(plan ? { plan } : {}) };
    const wish = JSON.stringify(body);
    if (key.current.wish !== wish) key.current = { wish, value: Array.from(crypto.getRandomValues(new Uint32Array(4))).join('-') };
    try {
      const { store } = await call('createStore', { body, idempotencyKey: key.current.value });
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
      <label className="field">
        <span>Name</span>
        <input
          data-autofocus value={name} maxLength={200} placeholder="Acme Electronics" autoComplete="off" aria-invalid={wasTouched && Boolean(problem)}
          aria-describedby="name-note" onChange={(event) => { setName(event.target.value); setTouched(true); }}
        />
      </label>
      <div id="name-note" className="preview" aria-live="polite">
        {wasTouched && problem ? <p className="wrong">{problem}</p> : (
          <dl>
            <div><dt>Address</dt><dd>{name.trim() ? coming.host : '–'}</dd></div>
            <div><dt>Namespace</dt><dd>{name.trim() ? coming.namespace : '–'}</dd></div>
          </dl>
        )}
        {!problem && coming.collision && (
          <p className="quiet">{coming.collision === 'taken' ? 'Another store has this name' : 'The platform uses this name itself'}, so a six-character suffix is added.</p>
        )}
      </div>
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
