import { useEffect, useState } from 'react';
import type { Detail } from '../state/detail';
import { isServing } from '../text/changes';
import { duration, secondsBetween } from '../text/time';
import { Icon } from '../ui/icons';
import { IconButton } from '../ui/parts';
import { OpenAdmin } from './OpenAdmin';

/** For whoever saw the store being made: it is there. */
export function ReadyMoment({ store }: { store: Detail }) {
  const [wasMade, setMade] = useState(false);
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    if (store.status !== 'provisioning') return;
    setMade(true);
    setSeen(false);
  }, [store.status]);
  if (!wasMade || isSeen || !isServing(store)) return null;
  return (
    <section className="ready-moment" aria-label="It is ready">
      <span className="burst" aria-hidden="true"><Icon name="check" /></span>
      <div>
        <h2>{store.name} is open</h2>
        <p>
          {store.readyAt && store.readyAt > store.askedAt && <>It took {duration(secondsBetween(store.askedAt, store.readyAt))}. </>}
          <a href={store.url!} target="_blank" rel="noopener noreferrer">Look at it</a>
          {store.adminUrl && <>, or <OpenAdmin store={store}>add your products</OpenAdmin></>}.
        </p>
      </div>
      <IconButton icon="close" label="Close this note" onClick={() => setSeen(true)} />
    </section>
  );
}
