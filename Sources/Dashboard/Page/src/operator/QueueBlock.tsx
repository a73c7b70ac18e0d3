import { useEffect, useState } from 'react';
import { call, messageOf } from '../api/client';
import type { Queue, Worker } from '../api/schema';
import { toast } from '../state/toasts';
import { limitOf } from '../text/hours';
import { inState, longestWait, runningOf } from '../text/jobs';
import { duration } from '../text/time';
import { Block } from '../ui/Block';
import { Icon } from '../ui/icons';
import { Ago } from '../ui/time';
import { DepthChart, type Sample } from './DepthChart';
import { ReasonDialog } from './ReasonDialog';

const KEPT = 150;

export function QueueBlock({ queue, workers, refresh }: { queue: Queue; workers: Worker[]; refresh: () => void }) {
  const [isPausing, setPausing] = useState(false);
  const [samples, setSamples] = useState<Sample[]>([]);
  useEffect(() => setSamples((now) => [...now, { at: Date.now(), queued: inState(queue, 'queued'), running: inState(queue, 'running') }].slice(-KEPT)), [queue]);
  const oldest = longestWait(queue);
  const caps = [['Provisions', 'interactive', limitOf(workers.map((one) => one.interactiveLimit))], ['Background', 'background', limitOf(workers.map((one) => one.backgroundLimit))]] as const;
  const slots = workers.filter((one) => !one.draining).reduce((sum, one) => sum + one.slots, 0);
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
    <Block title="Queue" className="whole" actions={queue.paused
      ? <button type="button" className="primary" onClick={() => void resume()}><Icon name="play" />Resume</button>
      : <button type="button" onClick={() => setPausing(true)}><Icon name="pause" />Pause</button>}
    >
      {queue.paused && <p className="notice"><strong>Paused</strong> by {queue.paused.by} <Ago at={queue.paused.at} />: {queue.paused.reason}</p>}
      {!queue.redis && <p className="notice"><strong>Redis is away.</strong> Jobs are accepted; they are queued when it is back.</p>}
      <dl className="figures">
        <div><dt>Waiting</dt><dd>{inState(queue, 'queued')}</dd></div>
        <div><dt>Running, of slots</dt><dd>{inState(queue, 'running')} <span className="quiet">of {slots}</span></dd></div>
        {caps.map(([name, kind, cap]) => <div key={name}><dt>{name}, of the cap</dt><dd>{runningOf(queue, kind)} <span className="quiet">of {cap ?? 'unknown'}</span></dd></div>)}
        <div><dt>Oldest waits</dt><dd>{oldest ? duration(oldest) : '–'}</dd></div>
        <div><dt>Dead letters</dt><dd className={queue.dead ? 'wrong' : ''}>{queue.dead}</dd></div>
      </dl>
      <DepthChart samples={samples} />
      {isPausing && (
        <ReasonDialog
          title="Pause the queue" label="Reason, told to everybody who waits" action="Pause" placeholder="The cluster is being upgraded"
          ask={async (reason) => { await call('pauseQueue', { body: { reason } }); }} onClose={() => { setPausing(false); refresh(); }}
        >
          <p>No job is taken until the queue is resumed. What runs goes on, and what is asked for waits.</p>
        </ReasonDialog>
      )}
    </Block>
  );
}
