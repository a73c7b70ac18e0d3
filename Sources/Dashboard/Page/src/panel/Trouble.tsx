import type { Backup } from '../api/schema';
import { RestoreNewest } from '../backups/RestoreNewest';
import type { Detail } from '../state/detail';
import { askMany } from '../stores/actions';
import { isLost } from '../text/backups';
import { stateOf } from '../text/changes';
import { causeTitle } from '../text/causes';
import { Ago } from '../ui/time';
import { Icon } from '../ui/icons';
import { CopyButton } from '../ui/parts';

/** Why a store failed, why it waits, what was not made of it, or how it is unwell; nothing while all is as it should be. */
export function Trouble({ store, isAsked, onRestore }: { store: Detail; isAsked: boolean; onRestore: (backup: Backup, backups: Backup[]) => void }) {
  if (store.status === 'failed' && store.errorMessage) {
    return (
      <section className="trouble bad" aria-label="What went wrong">
        <Icon name="alert" />
        <div>
          <h3>{causeTitle(store.failureCause)}</h3>
          <p>{store.errorMessage}</p>
          {store.job?.kind !== 'delete' && <RestoreNewest store={store} onRestore={onRestore} />}
          <CopyButton text={`${store.name} (${store.id}, ${store.namespace}): ${store.errorMessage}`} what="the error" />
        </div>
      </section>
    );
  }
  if (stateOf(store) === 'asleep' && !store.activity && !store.changeError && !store.drift) {
    return (
      <section className="trouble plain" aria-label="Asleep">
        <Icon name="moon" />
        <div>
          <h3>This store is asleep</h3>
          <p>Nothing of it runs, and everything of it is kept. Its address tells visitors so until it is woken.</p>
        </div>
      </section>
    );
  }
  const waiting = store.job?.waiting;
  // Nobody waits for a backup.
  if (waiting && store.job?.kind !== 'backup') {
    return (
      <section className="trouble plain" aria-label="Why it waits">
        <Icon name="clock" />
        <div>
          <h3>{waiting.ahead ? `In the queue: ${waiting.ahead} before it` : 'In the queue'}</h3>
          <p>{waiting.text}</p>
        </div>
      </section>
    );
  }
  if (store.status !== 'ready') return null;
  if (store.changeError) {
    return (
      <section className="trouble warn" aria-label="A change was not made">
        <Icon name="alert" />
        <div>
          <h3>The last change was not made</h3>
          <p>{store.changeError.message}<span className="quiet"> The store goes on as it was. <Ago at={store.changeError.at} />.</span></p>
          <button type="button" className="quiet small" disabled={isAsked} onClick={() => void askMany([store], 'retry')}><Icon name="retry" />Retry</button>
          {store.changeError.code === 'helm-conflict' && (
            <button type="button" className="quiet small" disabled={isAsked} onClick={() => void askMany([store], 'takeOver')}>Take over and apply the change</button>
          )}
        </div>
      </section>
    );
  }
  if (store.drift) {
    return (
      <section className="trouble warn" aria-label="What changed">
        <Icon name="alert" />
        <div>
          <h3>{isLost(store) ? 'Its namespace is gone' : 'Its workloads were changed or taken away'}</h3>
          {isLost(store) ? (
            <>
              <p>This was changed outside Store Weaver. The store’s volumes went with the namespace.</p>
              <RestoreNewest store={store} onRestore={onRestore} />
              <button type="button" className="quiet small" disabled={isAsked} onClick={() => void askMany([store], 'retry')}><Icon name="retry" />Recreate it empty</button>
            </>
          ) : <p>This was changed outside Store Weaver. A retry makes them anew; the data stays.</p>}
        </div>
      </section>
    );
  }
  if (store.health === 'degraded' || store.health === 'unknown') {
    return (
      <section className="trouble warn" aria-label="How it fares">
        <Icon name="heart" />
        <div>
          <h3>{store.health === 'degraded' ? 'Store unhealthy' : 'Health unknown'}</h3>
          <p>{store.healthCause ?? 'The cluster could not be looked at.'}{store.healthSince && <span className="quiet"> Since <Ago at={store.healthSince} />.</span>}</p>
        </div>
      </section>
    );
  }
  return null;
}
