import { useState } from 'react';
import { call, messageOf } from '../api/client';
import type { Rollout, RolloutState } from '../api/schema';
import { toast } from '../state/toasts';
import { engineNames } from '../text/names';
import { rolloutActions, rolloutStates, waveName, type RolloutAction } from '../text/rollouts';
import { exactly } from '../text/time';
import { Block } from '../ui/Block';
import { Icon, type IconName } from '../ui/icons';
import { Ago } from '../ui/time';
import { CancelRolloutDialog } from './CancelRolloutDialog';
import { RolloutStores } from './RolloutStores';
import { WaveBar } from './WaveBar';

const tones: Record<RolloutState, string> = { planned: 'queued', running: 'building', paused: 'asleep', halted: 'failed', done: 'ready', cancelled: 'deleting' };
const buttons: Record<RolloutAction, { label: string; icon: IconName }> = {
  pause: { label: 'Pause', icon: 'pause' },
  resume: { label: 'Resume', icon: 'play' },
  retry: { label: 'Retry failed', icon: 'retry' },
  cancel: { label: 'Cancel…', icon: 'close' },
};
const routes = { pause: 'pauseRollout', resume: 'resumeRollout', retry: 'retryRollout' } as const;

/** One rollout: a bar for each wave, what holds it up, and why stores were not upgraded. */
export function RolloutBlock({ rollout, token, refresh }: { rollout: Rollout; token: string; refresh: () => void }) {
  const [isCancelling, setCancelling] = useState(false);
  const { stores } = rollout;
  async function act(action: RolloutAction) {
    if (action === 'cancel') return setCancelling(true);
    try {
      toast('plain', `${(await call(routes[action], { path: { id: rollout.id } })).message}.`);
    } catch (problem) {
      toast('bad', messageOf(problem));
    }
    refresh();
  }
  return (
    <Block
      title={<>{engineNames[rollout.engine]} {rollout.to} <span className={`badge ${tones[rollout.state]}`}>{rolloutStates[rollout.state]}</span>{rollout.urgent && <> <span className="badge degraded">Urgent</span></>}</>}
      actions={
        <div className="rollout-actions">
          {rolloutActions(rollout).map((action) => <button key={action} type="button" onClick={() => void act(action)}><Icon name={buttons[action].icon} />{buttons[action].label}</button>)}
        </div>
      }
    >
      {rollout.state === 'halted' && <p className="notice"><strong>Halted:</strong> {rollout.haltedReason} No store begins until it is resumed.</p>}
      {rollout.opensAt && <p className="notice"><strong>Outside its hours.</strong> Stores begin again at {exactly(rollout.opensAt)}.</p>}
      <p className="quiet">
        <code>{rollout.id}</code> by {rollout.createdBy} <Ago at={rollout.createdAt} />{rollout.reason && `: ${rollout.reason}`}
      </p>
      <div className="waves">{rollout.byWave.map((wave) => <WaveBar key={wave.wave} label={waveName(wave.wave)} numbers={wave} />)}</div>
      {stores.failed + stores.kept + stores.skipped > 0 && (
        <details open={rollout.endedAt === null}>
          <summary>{stores.failed} failed, {stores.kept} kept, {stores.skipped} skipped</summary>
          <RolloutStores id={rollout.id} token={token} />
        </details>
      )}
      {isCancelling && <CancelRolloutDialog rollout={rollout} onClose={() => { setCancelling(false); refresh(); }} />}
    </Block>
  );
}
