import { useState, type ReactNode } from 'react';
import { call } from '../api/client';
import type { Engine, NewRollout } from '../api/schema';
import { useVersions } from '../state/plans';
import { toast } from '../state/toasts';
import { engineNames } from '../text/names';
import { parseWaves } from '../text/rollouts';
import { compareVersions } from '../text/versions';
import { useAsking } from '../ui/asking';
import { Dialog } from '../ui/Dialog';

/** What the API takes where nothing is said. */
const usual = { waves: '3, 10%, 100%', batch: '5', maxFailures: '2', soak: '30' };

/** Begins a rollout. What its numbers may be the API says. */
export function RolloutDialog({ onClose }: { onClose: () => void }) {
  const versions = useVersions();
  const engines = [...new Set(versions.map((one) => one.engine))];
  const [chosen, setEngine] = useState<Engine | null>(null);
  const engine = chosen ?? engines[0];
  const offered = versions.filter((one) => one.engine === engine).sort((a, b) => compareVersions(b.version, a.version));
  const [wanted, setVersion] = useState<string | null>(null);
  const to = offered.find((one) => one.version === wanted)?.version ?? (offered.find((one) => one.current) ?? offered[0])?.version;
  const [form, setForm] = useState(usual);
  const [reason, setReason] = useState('');
  const [sleeping, setSleeping] = useState<NonNullable<NewRollout['sleeping']>>('upgrade');
  const [urgent, setUrgent] = useState(false);
  const { isAsking, refusal, ask } = useAsking();
  const waves = parseWaves(form.waves);
  const numbers = [form.batch, form.maxFailures, form.soak];
  const problem = !waves ? 'Waves are numbers of stores or percents, e.g. 3, 10%, 100%.' : numbers.every((one) => /^\d{1,7}$/.test(one)) ? null : 'Stores, failures and minutes are whole numbers.';

  async function submit() {
    if (!engine || !to || !waves || problem) return;
    const body: NewRollout = {
      engine, to, waves, sleeping, urgent, batch: Number(form.batch), maxFailures: Number(form.maxFailures), soakSeconds: Number(form.soak) * 60,
      ...(reason.trim() ? { reason: reason.trim() } : {}),
    };
    await ask(async () => {
      const { rollout } = await call('createRollout', { body });
      toast('good', `A rollout of ${engineNames[rollout.engine]} ${rollout.to} has begun, for ${rollout.stores.total} ${rollout.stores.total === 1 ? 'store' : 'stores'}.`);
      onClose();
    });
  }
  const field = (name: keyof typeof usual, label: string, note?: ReactNode) => (
    <label className="field">
      <span>{label}</span>
      <input value={form[name]} inputMode={name === 'waves' ? 'text' : 'numeric'} autoComplete="off" onChange={(event) => setForm({ ...form, [name]: event.target.value })} />
      {note}
    </label>
  );
  return (
    <Dialog title="New rollout" onClose={onClose} onSubmit={() => void submit()} footer={
      <>
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="submit" className={`primary ${urgent ? 'danger' : ''}`} disabled={!to || Boolean(problem) || isAsking}>{isAsking ? 'Asking…' : `Begin with ${to ?? '…'}`}</button>
      </>
    }>
      {versions.length === 0 && <p className="notice">No worker tells which versions there are.</p>}
      <div className="sizes">
        <label className="field">
          <span>Engine</span>
          <select value={engine ?? ''} onChange={(event) => setEngine(event.target.value as Engine)}>
            {engines.map((one) => <option key={one} value={one}>{engineNames[one]}</option>)}
          </select>
        </label>
        <label className="field">
          <span>Version</span>
          <select value={to ?? ''} onChange={(event) => setVersion(event.target.value)}>
            {offered.map((one) => <option key={one.version} value={one.version}>{one.version} ({one.appVersion}){one.current ? ', as new stores' : ''}</option>)}
          </select>
        </label>
      </div>
      {field('waves', 'Waves')}
      <div className="sizes">
        {field('batch', 'Stores at once')}
        {field('maxFailures', 'Failures allowed')}
        {field('soak', 'Minutes watched')}
      </div>
      <label className="field">
        <span>Stores that sleep</span>
        <select value={sleeping} onChange={(event) => setSleeping(event.target.value as typeof sleeping)}>
          <option value="upgrade">are upgraded and sleep on</option>
          <option value="skip">are skipped</option>
        </select>
      </label>
      <label className="field">
        <span>Why, for everybody to read</span>
        <input value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />
      </label>
      <label className="check">
        <input type="checkbox" checked={urgent} onChange={(event) => setUrgent(event.target.checked)} />
        <span>Urgent: neither hours nor owners who keep their version hold it up</span>
      </label>
      <p className="quiet small-text" aria-live="polite">
        {problem ? <span className="wrong">{problem}</span> : 'A wave begins when the one before is done. One more failure than allowed halts the rollout, and no further store begins.'}
      </p>
      {refusal && <p className="wrong" role="alert">{refusal}</p>}
    </Dialog>
  );
}
