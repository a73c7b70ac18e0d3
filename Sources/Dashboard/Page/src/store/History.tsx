import { useEffect, useState } from 'react';
import { call, messageOf } from '../api/client';
import type { Answers, Attempt } from '../api/schema';
import type { Detail } from '../state/detail';
import { causeTitle } from '../text/causes';
import { duration, secondsBetween } from '../text/time';
import { Ago, useNow } from '../ui/time';
import { Icon } from '../ui/icons';
import { Empty, Skeleton } from '../ui/parts';
import { ActivityList } from './ActivityList';
import { Evidence } from './Evidence';
import { Steps } from './Steps';

const kinds: Record<Attempt['kind'], string> = { provision: 'Provision', retry: 'Retry', delete: 'Delete', apply: 'Change', backup: 'Backup', restore: 'Restore' };
const outcomes: Record<NonNullable<Attempt['outcome']>, string> = {
  succeeded: 'succeeded', failed: 'failed', cancelled: 'was cancelled', 'handed-back': 'was handed back by its worker', vanished: 'lost its worker',
};

/** What was tried for this store, and how its health changed. */
export function History({ store }: { store: Detail }) {
  const [attempts, setAttempts] = useState<Attempt[] | null>(null);
  const [health, setHealth] = useState<Answers['getHealthHistory']['history']>([]);
  const [error, setError] = useState<string | null>(null);
  const { id } = store;
  useEffect(() => {
    const { signal, ...reading } = withAbort();
    Promise.all([call('listAttempts', { path: { id }, signal }), call('getHealthHistory', { path: { id }, signal })]).then(
      ([tried, fared]) => {
        setAttempts(tried.attempts);
        setHealth(fared.history);
        setError(null);
      },
      (refusal) => { if (!signal.aborted) setError(messageOf(refusal)); },
    );
    return reading.abort;
    // Anew whenever the store's job or health is another.
  }, [id, store.status, store.health, store.job?.state, store.job?.attempt]);

  if (error) return <Empty title="The history could not be read" icon="alert"><p>{error}</p></Empty>;
  if (!attempts) return <Skeleton lines={4} />;
  return (
    <>
      <h2>Activity</h2>
      <ActivityList store={store} />
      {store.status === 'ready' && <><h2>How it was made</h2><Steps store={store} /></>}
      <h2>Attempts</h2>
      {attempts.length === 0 && <p className="quiet">No worker has taken a job of this store yet.</p>}
      <ol className="attempts">{attempts.map((attempt) => <Tried key={attempt.id} store={id} attempt={attempt} />)}</ol>
      <h2>Health</h2>
      {health.length === 0 && <p className="quiet">No change since it is watched.</p>}
      <ol className="timeline">
        {health.map((change) => (
          <li key={change.at} className={change.to === 'healthy' ? 'normal' : 'warning'}>
            <Ago at={change.at} />
            <span>{change.from ?? 'not ready'} → <strong>{change.to ?? 'not ready'}</strong>{change.cause && `: ${change.cause}`}</span>
          </li>
        ))}
      </ol>
    </>
  );
}

function Tried({ store, attempt }: { store: string; attempt: Attempt }) {
  const now = useNow();
  const [isOpen, setOpen] = useState(false);
  const good = attempt.outcome === 'succeeded';
  return (
    <li className={attempt.outcome ? (good ? 'done' : 'failed') : 'current'}>
      <Icon name={attempt.outcome ? (good ? 'check' : 'alert') : 'clock'} />
      <div>
        <p>
          <strong>{kinds[attempt.kind]}</strong> {attempt.outcome ? outcomes[attempt.outcome] : 'is under way'}{attempt.number > 1 && `, attempt ${attempt.number}`}
          {attempt.cause && ` · ${causeTitle(attempt.cause)}`}
        </p>
        {attempt.message && !good && <p className="quiet">{attempt.message}</p>}
        <p className="quiet numbers">
          <Ago at={attempt.startedAt} /> · {duration(secondsBetween(attempt.startedAt, attempt.endedAt ?? now))} · {attempt.worker ?? 'no worker'} · job {attempt.job}
          {attempt.outcome && !good && <button type="button" className="quiet small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>{isOpen ? 'Hide' : 'What the cluster said'}</button>}
        </p>
        {isOpen && <Evidence store={store} attempt={attempt.id} />}
      </div>
    </li>
  );
}

function withAbort() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
