// Deleted stores that can be brought back.
import { useState } from 'react';
import { useDeletedStores } from '../state/backups';
import type { StoreList } from '../state/list';
import { useTitle } from '../state/title';
import { goToList } from '../state/url';
import { limitReason } from '../stores/quota';
import { days } from '../text/time';
import { Icon } from '../ui/icons';
import { Empty, Skeleton } from '../ui/parts';
import { DeletedItem } from './DeletedItem';

export function DeletedPage({ list }: { list: StoreList }) {
  const [forgotten, setForgotten] = useState(0);
  const { answer, error } = useDeletedStores(`${list.stores.length} ${forgotten}`);
  const limit = limitReason(list.me);
  useTitle('Deleted stores · Store Weaver');
  return (
    <>
      <div className="place-head">
        <h1>Deleted stores</h1>
        <span className="spring" />
        <button type="button" onClick={goToList}><Icon name="left" />All stores</button>
      </div>
      {error && !answer && <Empty title="The deleted stores could not be read" icon="alert"><p>{error}</p></Empty>}
      {!answer && !error && <Skeleton lines={4} />}
      {answer && answer.stores.length === 0 && (
        <Empty title="No deleted stores" icon="trash">
          <p>
            {answer.keepDays === 0 ? 'This installation keeps nothing of a store that is deleted.'
              : `A deleted store stands here for ${days(answer.keepDays)} and can be brought back with all that it had.`}
          </p>
        </Empty>
      )}
      {answer && answer.stores.length > 0 && (
        <>
          {limit && <p className="notice">{limit}</p>}
          <ul className="deleted" aria-label="Deleted stores">
            {answer.stores.map((store) => <DeletedItem key={store.id} store={store} limit={limit} onForgotten={() => setForgotten(forgotten + 1)} />)}
          </ul>
        </>
      )}
    </>
  );
}
