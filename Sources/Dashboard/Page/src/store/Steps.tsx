import type { Detail } from '../state/detail';
import { duration, exactly, secondsBetween } from '../text/time';
import { useNow } from '../ui/time';
import { Icon } from '../ui/icons';

/** The five steps with how long each took, and how long the one that is under way has taken. */
export function Steps({ store }: { store: Detail }) {
  const now = useNow();
  const steps = store.provisioningSteps;
  const done = steps.filter((step) => step.completed).length;
  const isRunning = store.status === 'provisioning' && store.job?.state === 'running';
  const at = steps.findIndex((step) => !step.completed);
  return (
    <div>
      {store.status !== 'ready' && <div className={`progress ${store.status}`} role="progressbar" aria-label="Progress" aria-valuemin={0} aria-valuemax={steps.length} aria-valuenow={done}>
        <div style={{ width: `${(done / steps.length) * 100}%` }} />
      </div>}
      <ol className="steps">
        {steps.map((step, index) => {
          const began = index === 0 ? store.provisioningStartedAt : steps[index - 1]!.completedAt;
          const isCurrent = index === at && isRunning;
          const kind = step.error ? 'failed' : step.completed ? 'done' : isCurrent ? 'current' : 'coming';
          return (
            <li key={step.label} className={kind}>
              {step.error ? <Icon name="alert" /> : step.completed ? <Icon name="check" /> : <i aria-hidden="true" />}
              <span>
                {step.label}
                <span className="hidden">{{ failed: ', failed', done: ', done', current: ', under way', coming: ', to come' }[kind]}</span>
                {step.error && step.error !== store.errorMessage && <span className="wrong">{step.error}</span>}
              </span>
              <span className="quiet numbers" title={step.completedAt && exactly(step.completedAt)}>
                {step.completed && step.completedAt && began ? duration(secondsBetween(began, step.completedAt)) : isCurrent && began ? `${Math.max(0, Math.floor(secondsBetween(began, now)))} s…` : ''}
              </span>
            </li>
          );
        })}
      </ol>
    </div>
  );
}
