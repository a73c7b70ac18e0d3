import { useState } from 'react';
import { call } from '../api/client';
import type { Engine, PlanName } from '../api/schema';
import { take, type StoreList } from '../state/list';
import { usePlans } from '../state/plans';
import { toast } from '../state/toasts';
import { goToStore } from '../state/url';
import { useAsking } from '../ui/asking';
import { Dialog } from '../ui/Dialog';
import { EngineCards } from './EngineCards';
import { PlanCards } from './PlanCards';
import { limitReason, unitsOf } from './quota';
import { engineOf, SourceChoice, sourceProblem, type Source } from './SourceChoice';
import { useName } from './useName';
import { useWishKey } from './useWishKey';

export function CreateDialog({ list, onClose }: { list: StoreList; onClose: () => void }) {
  const { name, slug, problem, tellProblem, fields } = useName();
  const [source, setSource] = useState<Source>({ kind: 'new' });
  const [wantedEngine, setEngine] = useState<Engine>('woocommerce');
  const engine = engineOf(source, wantedEngine);
  const { plans, engines: defaults } = usePlans();
  const [wantedPlan, setPlan] = useState<PlanName | null>(null);
  const plan = wantedPlan ?? defaults.find((one) => one.engine === (engine ?? wantedEngine))?.defaultPlan;
  const { isAsking, refusal, tell, ask } = useAsking();
  const keyOf = useWishKey();
  const limit = limitReason(list.me);

  async function submit() {
    tellProblem();
    tell(problem ? null : sourceProblem(source));
    if (problem || sourceProblem(source)) return;
    await ask(async () => {
      const sent = source.kind === 'archive' && source.file ? (await call('sendArchive', { body: source.file })).import : null;
      const from = sent ? { import: sent.id } : source.kind === 'backup' && source.backup ? { backup: source.backup } : null;
      const body = { name, engine: sent?.engine ?? engine ?? wantedEngine, ...(slug ? { slug } : {}), ...(plan ? { plan } : {}), ...(from ? { from } : {}) };
      const { store } = await call('createStore', { body, idempotencyKey: keyOf(body) });
      take(store);
      toast('good', `${store.name} is being created.`);
      goToStore(store);
    });
  }

  return (
    <Dialog title="New store" onClose={onClose} onSubmit={() => void submit()} footer={
      <>
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="submit" className="primary" disabled={isAsking || Boolean(limit)}>{isAsking ? (source.kind === 'archive' ? 'Sending…' : 'Creating…') : 'Create store'}</button>
      </>
    }>
      {fields}
      <SourceChoice source={source} choose={setSource} stores={list.stores.filter((store) => store.userId === (list.me?.userId ?? null))} />
      {source.kind === 'new' && <EngineCards chosen={wantedEngine} choose={setEngine} />}
      <PlanCards plans={plans} engine={engine ?? wantedEngine} chosen={plan} choose={setPlan} quota={unitsOf(list.me, list.me?.userId)} />
      {(refusal ?? limit) && <p className="wrong" role="alert">{refusal ?? limit}</p>}
    </Dialog>
  );
}
