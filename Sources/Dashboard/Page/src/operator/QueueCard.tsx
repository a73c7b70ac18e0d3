import { useState } from 'react';
import { call, messageOf } from '../api/client';
import type { Queue } from '../api/schema';
import { toast } from '../state/toasts';
import { duration } from '../text/time';
import { Ago } from '../ui/time';
import { Icon } from '../ui/icons';
import { Dialog } from '../ui/Dialog';
import { DepthChart } from './DepthChart';
import type { Sample } from './operations';

export function QueueCard({ queue, samples, refresh }: { queue: Queue; samples: Sample[]; refresh: () => void }) {
  const [isPausing, setPausing] = useState(false);
  const sum = (state: string) => queue.living.filter((line) => line.state === state).reduce((total, line) => total + line.count, 0);
  const oldest = Math.max(0, ...queue.living.filter((line) => line.state === 'queued').map((line) => line.oldestSeconds));
  async function resume() {
    try {
      await call('resumeQueue');
      toast('plain', 'Jobs are taken again.');
    } catch (error) {
      toast('bad', messageOf(error));
    }
    refresh();
  }
  return (
    <section className="panel-card wide-card" aria-labelledby="queue-title">
      <header>
        <h2 id="queue-title">Queue</h2>
        <span className="spring" />
        {queue.paused
          ? <button type="button" className="primary" onClick={() => void resume()}><Icon name="play" />Resume</button>
          : <button type="button" onClick={() => setPausing(true)}><Icon name="pause" />Pause</button>}
      </header>
      {queue.paused && <p className="notice"><strong>Paused</strong> by {queue.paused.by} <Ago at={queue.paused.at} />: {queue.paused.reason}</p>}
      {!queue.redis && <p className="notice"><strong>Redis is away.</strong> Jobs are accepted; they are queued when it is back.</p>}
      <dl className="figures">
        <div><dt>Waiting</dt><dd>{sum('queued')}</dd></div>
        <div><dt>Running</dt><dd>{sum('running')}</dd></div>
        <div><dt>Oldest waits</dt><dd>{oldest ? duration(oldest) : '–'}</dd></div>
        <div><dt>Dead letters</dt><dd className={queue.dead ? 'wrong' : ''}>{queue.dead}</dd></div>
      </dl>
      <DepthChart samples={samples} />
      {isPausing && <PauseDialog onClose={() => { setPausing(false); refresh(); }} />}
    </section>
  );
}

function PauseDialog({ onClose }: { onClose: () => void }) {
  const [reason, setReason] = useState('');
  const [error, setError] = useState<string | null>(null);
  async function submit() {
    if (!reason.trim()) return;
    try {
      await call('pauseQueue', { body: { reason: reason.trim() } });
      onClose();
    } catch (problem) {
      setError(messageOf(problem));
    }
  }
  return (
    <Dialog title="Pause the queue" onClose={onClose} onSubmit={() => void submit()} footer={
      <>
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="submit" className="primary" disabled={!reason.trim()}>Pause</button>
      </>
    }>
      <p>No job is taken until the queue is resumed. What runs goes on, and what is asked for waits.</p>
      <label className="field">
        <span>Reason, told to everybody who waits</span>
        <input data-autofocus value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} placeholder="The cluster is being upgraded" />
      </label>
      {error && <p className="wrong" role="alert">{error}</p>}
    </Dialog>
  );
}
