// Deleted stores that can be brought back.
import { useEffect, useState } from 'react';
import { messageOf } from '../api/client';
import type { DeletedStore } from '../api/schema';
import { bringBack, useDeletedStores } from '../state/backups';
import type { StoreList } from '../state/list';
import { toast } from '../state/toasts';
import { go } from '../state/url';
import { limitReason } from '../stores/quota';
import { engineNames } from '../text/names';
import { planNames } from '../text/plans';
import { days, exactly } from '../text/time';
import { EngineIcon, Icon } from '../ui/icons';
import { Empty, Skeleton } from '../ui/parts';
import { Ago, Left } from '../ui/time';

export function DeletedPage({ list }: { list: StoreList }) {
  const { answer, error } = useDeletedStores(list.stores.length);
  const limit = limitReason(list.me);
  useEffect(() => {
    document.title = 'Deleted stores · Store Weaver';
  }, []);
  return (
    <>
      <div className="place-head">
        <h1>Deleted stores</h1>
        <span className="spring" />
        <button type="button" onClick={() => go({ place: 'stores' })}><Icon name="left" />All stores</button>
      </div>
      {error && !answer && <Empty title="The deleted stores could not be read" icon="alert"><p>{error}</p></Empty>}
      {!answer && !error && <Skeleton lines={4} />}
      {answer && answer.stores.length === 0 && (
        <Empty title="No deleted stores" icon="trash">
          <p>
            {answer.keepDays === 0 ? 'This installation keeps nothing of a store that is deleted.'
              : `A deleted store stands here ${answer.keepDays === null ? 'for some days' : `for ${days(answer.keepDays)}`} and can be brought back with all that it had.`}
          </p>
        </Empty>
      )}
      {answer && answer.stores.length > 0 && (
        <>
          {limit && <p className="notice">{limit}</p>}
          <ul className="deleted" aria-label="Deleted stores">
            {answer.stores.map((store) => <Deleted key={store.id} store={store} isFull={Boolean(limit)} />)}
          </ul>
        </>
      )}
    </>
  );
}

function Deleted({ store, isFull }: { store: DeletedStore; isFull: boolean }) {
  const [isAsking, setAsking] = useState(false);
  async function submit() {
    setAsking(true);
    try {
      const made = await bringBack(store);
      toast('good', `${made.name} is being brought back.`);
      go({ place: 'stores', store: made.id, tab: 'overview' });
    } catch (error) {
      toast('bad', `${store.name}: ${messageOf(error)}`);
      setAsking(false);
    }
  }
  return (
    <li>
      <EngineIcon engine={store.engine} />
      <div>
        <strong>{store.name}</strong>
        <p className="quiet">{engineNames[store.engine]}, {planNames[store.plan]} · deleted <Ago at={store.deletedAt} /></p>
        <p className="quiet numbers">Kept until {exactly(store.keptUntil)} (<Left until={store.keptUntil} />)</p>
      </div>
      <button type="button" disabled={isFull || isAsking} onClick={() => void submit()}><Icon name="retry" />{isAsking ? 'Asking…' : 'Bring back'}<span className="hidden"> {store.name}</span></button>
    </li>
  );
}
