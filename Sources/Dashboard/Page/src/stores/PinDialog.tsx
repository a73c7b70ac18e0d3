import { useState } from 'react';
import { call } from '../api/client';
import type { Detail } from '../state/detail';
import { take } from '../state/list';
import { toast } from '../state/toasts';
import { days } from '../text/time';
import { useAsking } from '../ui/asking';
import { Dialog } from '../ui/Dialog';

const spans = [7, 30, 90];
/** Of the longest span, for clocks that differ. */
const MARGIN = 60_000;

/** Keeps the store's version for a while: rollouts leave it alone. */
export function PinDialog({ store, onClose }: { store: Detail; onClose: () => void }) {
  const [span, choose] = useState(30);
  const { isAsking, refusal, ask } = useAsking();
  const path = { id: store.id };
  async function submit(keeps: boolean) {
    await ask(async () => {
      const until = new Date(Date.now() + span * 86_400_000 - MARGIN).toISOString();
      take((keeps ? await call('pinStore', { path, body: { until } }) : await call('unpinStore', { path })).store);
      toast('good', keeps ? `${store.name} keeps its version for ${days(span)}.` : `${store.name} is upgraded with the others again.`);
      onClose();
    });
  }
  return (
    <Dialog title={`Keep the version of ${store.name}`} onClose={onClose} onSubmit={() => void submit(true)} footer={
      <>
        {store.spec.pinned && <button type="button" disabled={isAsking} onClick={() => void submit(false)}>Upgrade it with the others</button>}
        <span className="spring" />
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="submit" className="primary" disabled={isAsking}>{isAsking ? 'Asking…' : `Keep it for ${days(span)}`}</button>
      </>
    }>
      <fieldset className="cards">
        <legend>For how long</legend>
        {spans.map((one) => (
          <label key={one} className="card">
            <input type="radio" name="span" checked={span === one} onChange={() => choose(one)} />
            <span><strong>{days(one)}</strong></span>
          </label>
        ))}
      </fieldset>
      <p className="quiet">
        Until then the platform’s upgrades leave it alone, but for urgent ones, which close a security hole. You can upgrade it yourself at any time.
      </p>
      {refusal && <p className="wrong" role="alert">{refusal}</p>}
    </Dialog>
  );
}
