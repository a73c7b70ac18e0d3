import { useState } from 'react';
import { call, messageOf } from '../api/client';
import type { Incident } from '../api/schema';
import type { ShownIncident } from '../state/incident';
import { toast } from '../state/toasts';
import { exactly } from '../text/time';
import { Dialog } from '../ui/Dialog';

/** In hours; 0: until somebody ends it. */
const ends: [hours: number, words: string][] = [[0, 'Until somebody ends it'], [1, 'In an hour'], [4, 'In 4 hours'], [24, 'In a day'], [168, 'In a week']];

/** Shows an incident to everybody, or ends the one that is shown. */
export function IncidentDialog({ shown: { incident, refresh }, onClose }: { shown: ShownIncident; onClose: () => void }) {
  const [text, setText] = useState(incident?.text ?? '');
  const [level, setLevel] = useState<Incident['level']>(incident?.level ?? 'warning');
  // What has an end keeps it, unless another is chosen.
  const [hours, setHours] = useState<number | 'as it is'>(incident?.endsAt ? 'as it is' : 0);
  const [error, setError] = useState<string | null>(null);
  async function act(change: () => Promise<string>) {
    try {
      toast('plain', await change());
      refresh();
      onClose();
    } catch (problem) {
      setError(messageOf(problem));
    }
  }
  const endsAt = () => (hours === 'as it is' ? incident?.endsAt ?? null : hours ? new Date(Date.now() + hours * 3_600_000).toISOString() : null);
  const set = () => act(async () => {
    await call('setIncident', { body: { text: text.trim(), level, endsAt: endsAt() } });
    return 'Everybody who is signed in sees it within a minute.';
  });
  const end = () => act(async () => `${(await call('endIncident')).message}.`);
  return (
    <Dialog title="Incident" onClose={onClose} onSubmit={() => { if (text.trim()) void set(); }} footer={
      <>
        {incident && <button type="button" className="danger" onClick={() => void end()}>End it</button>}
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="submit" className="primary" disabled={!text.trim()}>Show it</button>
      </>
    }>
      <p>It stands above each view of everybody who is signed in, until its end.</p>
      <label className="field"><span>Text</span><input data-autofocus value={text} maxLength={500} placeholder="Payments are slow. We look into it." onChange={(event) => setText(event.target.value)} /></label>
      <label className="field">
        <span>Level</span>
        <select value={level} onChange={(event) => setLevel(event.target.value as Incident['level'])}><option value="warning">Warning</option><option value="info">Notice</option></select>
      </label>
      <label className="field">
        <span>It ends</span>
        <select value={hours} onChange={(event) => setHours(event.target.value === 'as it is' ? 'as it is' : Number(event.target.value))}>
          {incident?.endsAt && <option value="as it is">{exactly(incident.endsAt)}</option>}
          {ends.map(([value, words]) => <option key={value} value={value}>{words}</option>)}
        </select>
      </label>
      {error && <p className="wrong" role="alert">{error}</p>}
    </Dialog>
  );
}
