// Rollouts in words. Pure.
import type { Rollout, RolloutNumbers, RolloutState, RolloutStoreState, RolloutWave } from '../api/schema';

export const rolloutStates: Record<RolloutState, string> = { planned: 'Planned', running: 'Running', paused: 'Paused', halted: 'Halted', done: 'Done', cancelled: 'Cancelled' };

/** In the order in which a bar shows them. */
export const memberStates: readonly RolloutStoreState[] = ['done', 'soaking', 'running', 'kept', 'failed', 'skipped', 'waiting'];

const words: Record<RolloutStoreState, string> = { waiting: 'waiting', running: 'being upgraded', soaking: 'watched', done: 'done', kept: 'kept', failed: 'failed', skipped: 'skipped' };

/** E.g. `3 of 10 done, 1 failed, 6 waiting`. */
export function progress(numbers: RolloutNumbers): string {
  const rest = memberStates.filter((state) => state !== 'done' && numbers[state] > 0).map((state) => `${numbers[state]} ${words[state]}`);
  return [`${numbers.done} of ${numbers.total} done`, ...rest].join(', ');
}

export const waveName = (wave: number): string => (wave === 0 ? 'Canaries' : `Wave ${wave}`);

export type RolloutAction = 'pause' | 'resume' | 'cancel' | 'retry';

/** What an operator may do to it now. */
export function rolloutActions({ state, stores }: Pick<Rollout, 'state' | 'stores'>): RolloutAction[] {
  const wentWrong = stores.failed + stores.kept > 0;
  return [
    ...(state === 'planned' || state === 'running' ? ['pause' as const] : []),
    ...(state === 'paused' || state === 'halted' ? ['resume' as const] : []),
    ...(wentWrong && state !== 'cancelled' ? ['retry' as const] : []),
    ...(state === 'done' || state === 'cancelled' ? [] : ['cancel' as const]),
  ];
}

/** Of e.g. `3, 10%, 100%`; null where it is no such list. Which lists are allowed the API decides. */
export function parseWaves(text: string): RolloutWave[] | null {
  const parts = text.split(',').map((part) => /^\s*(\d{1,7})\s*(%?)\s*$/.exec(part));
  if (parts.some((part) => !part)) return null;
  return parts.map((part) => (part![2] ? { percent: Number(part![1]) } : { count: Number(part![1]) }));
}
