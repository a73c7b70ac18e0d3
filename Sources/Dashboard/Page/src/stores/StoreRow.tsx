import { memo } from 'react';
import type { Store } from '../api/schema';
import type { Wish } from '../state/list';
import { goToStore, storeAddress } from '../state/url';
import { isServing } from '../text/changes';
import { engineNames } from '../text/names';
import { Ago } from '../ui/time';
import { EngineIcon, Icon } from '../ui/icons';
import { IconButton } from '../ui/parts';
import { ActivityChip, StatusBadge } from '../ui/Status';
import { canDelete, canRetry, isStuck } from '../text/may';
import { askMany } from './actions';

interface Props {
  store: Store;
  wish: Wish | undefined;
  isSelected: boolean;
  toggle: (id: string) => void;
  remove: (store: Store) => void;
  /** Where stores of several people stand in the list. */
  owner: string | null;
  mayChange: boolean;
  mayOwn: boolean;
}

export const StoreRow = memo(function StoreRow({ store, wish, isSelected, toggle, remove, owner, mayChange, mayOwn }: Props) {
  const show = () => goToStore(store);
  const trouble = store.status === 'failed' ? store.errorMessage : isStuck(store) ? `Not deleted yet: ${store.errorMessage}` : store.status === 'ready' ? (store.changeError ? `Not changed: ${store.changeError.message}` : store.healthCause) : null;
  return (
    <tr
      data-store={store.id} data-status={store.status}
      onClick={(event) => { if (!(event.target as HTMLElement).closest('a, button, input') && !getSelection()?.toString()) show(); }}
    >
      <td className="select-cell">
        <input type="checkbox" aria-label={`Select ${store.name}`} checked={isSelected} onChange={() => toggle(store.id)} />
      </td>
      <td className="name-cell">
        <div>
          <EngineIcon engine={store.engine} />
          <span>
            <a
              className="name" href={storeAddress(store)}
              onClick={(event) => { if (event.ctrlKey || event.metaKey || event.shiftKey) return; event.preventDefault(); show(); }}
            >
              {store.name}
            </a>
            {trouble ? <span className={`below ${store.status === 'failed' ? 'wrong' : 'warning'}`} title={trouble}>{trouble}</span>
              : store.url && <span className="below quiet">{new URL(store.url).host}</span>}
          </span>
        </div>
      </td>
      <td><div className="state"><StatusBadge store={store} wish={wish} /><ActivityChip store={store} /></div></td>
      <td className="wide">{engineNames[store.engine]}</td>
      <td className="wide">{owner === null ? <code>{store.namespace}</code> : <span className="name">{owner}</span>}</td>
      <td className="age quiet numbers"><Ago at={store.createdAt} /></td>
      <td className="actions">
        <div>
          {mayChange && canRetry(store) && <IconButton icon="retry" label={`Retry ${store.name}`} disabled={Boolean(wish)} onClick={() => void askMany([store], 'retry')} />}
          {isServing(store) && (
            <a className="icon-button" href={store.url!} target="_blank" rel="noopener noreferrer" aria-label={`Visit ${store.name} in a new tab`} title={`Visit ${store.url}`}><Icon name="open" /></a>
          )}
          {mayOwn && canDelete(store) && <IconButton icon="trash" label={`Delete ${store.name}`} danger disabled={Boolean(wish)} onClick={() => remove(store)} />}
        </div>
      </td>
    </tr>
  );
});
