import { useAccount } from '../api/account';
import type { Backup } from '../api/schema';
import { RestoreNewest } from '../backups/RestoreNewest';
import type { Detail } from '../state/detail';
import { askMany } from '../stores/actions';
import { isLost } from '../text/backups';
import { stateOf } from '../text/changes';
import { causeTitle } from '../text/causes';
import { isStuck } from '../text/may';
import { ownersWords } from '../text/owners';
import { about } from '../text/time';
import { Ago } from '../ui/time';
import { Icon } from '../ui/icons';
import { CopyButton } from '../ui/parts';

interface Props {
  store: Detail;
  isAsked: boolean;
  mayChange: boolean;
  mayOwn: boolean;
  onRestore: (backup: Backup, backups: Backup[]) => void;
  onRecreate: () => void;
}

/** Why a store failed, why it waits, what was not made of it, or how it is unwell; nothing while all is as it should be. */
export function Trouble({ store, isAsked, mayChange, mayOwn, onRestore, onRecreate }: Props) {
  if (store.status === 'failed' && store.errorMessage) {
    return (
      <section className="trouble bad" aria-label="What went wrong">
        <Icon name="alert" />
        <div>
          <Cause store={store} title={causeTitle(store.failureCause)} text={store.errorMessage} />
          {mayChange && store.job?.kind !== 'delete' && <RestoreNewest store={store} onRestore={onRestore} />}
          {mayOwn && isLost(store) && <button type="button" className="quiet small" onClick={onRecreate}>Recreate it empty…</button>}
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
          <h2>This store is asleep</h2>
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
          <h2>In the queue</h2>
          <p>{waiting.text}{waiting.seconds ? ` About ${about(waiting.seconds)}, at the pace of the last hour.` : ''}</p>
        </div>
      </section>
    );
  }
  if (isStuck(store)) {
    return (
      <section className="trouble warn" aria-label="Why it is not deleted">
        <Icon name="alert" />
        <div>
          <Cause store={store} title="The deletion does not come to its end" text={store.errorMessage!} />
          <p className="quiet">It is tried again by itself.</p>
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
          <h2>The last change was not made</h2>
          <p>{store.changeError.message}<span className="quiet"> The store goes on as it was. <Ago at={store.changeError.at} />.</span></p>
          {mayChange && <button type="button" className="quiet small" disabled={isAsked} onClick={() => void askMany([store], 'retry')}><Icon name="retry" />Retry</button>}
          {mayChange && store.changeError.code === 'helm-conflict' && (
            <button type="button" className="quiet small" disabled={isAsked} onClick={() => void askMany([store], 'takeOver')}>Take over and apply the change</button>
          )}
        </div>
      </section>
    );
  }
  if (store.drift) {
    return (
      <section className={`trouble ${isLost(store) ? 'bad' : 'warn'}`} aria-label="What changed">
        <Icon name="alert" />
        <div>
          <h2>{isLost(store) ? 'This store is lost' : 'Its workloads were changed or taken away'}</h2>
          {isLost(store) ? (
            <>
              <p>Its namespace was deleted outside Store Weaver, and its volumes went with it. Nothing is served at its address.</p>
              {mayChange && <RestoreNewest store={store} onRestore={onRestore} />}
              {mayOwn && <button type="button" className="quiet small" onClick={onRecreate}>Recreate it empty…</button>}
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
          <Cause store={store} title={store.health === 'degraded' ? 'Store unhealthy' : 'Health unknown'} text={store.healthCause ?? 'The cluster could not be looked at.'} />
          {store.healthSince && <p className="quiet">Since <Ago at={store.healthSince} />.</p>}
        </div>
      </section>
    );
  }
  return null;
}

/** Owners read what it means for them, with the cluster's words folded; operators, and whoever runs an installation without accounts, read those. */
function Cause({ store, title, text }: { store: Detail; title: string; text: string }) {
  const { user } = useAccount();
  if (user?.role !== 'user') return <><h2>{title}</h2><p>{text}</p></>;
  return (
    <>
      <h2>{ownersWords(store)}</h2>
      <details><summary>For whoever runs the installation</summary><p>{title}. {text}</p></details>
    </>
  );
}
