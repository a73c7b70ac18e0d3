import { useId, useMemo, useState, type KeyboardEvent as Key } from 'react';
import type { StoreList } from '../state/list';
import { go, goToList, goToStore } from '../state/url';
import { limitReason } from '../stores/quota';
import { stateOf } from '../text/changes';
import { statusNames, storeSlug } from '../text/names';
import { search, type Found } from '../text/palette';
import { Dialog } from '../ui/Dialog';
import { Icon, type IconName } from '../ui/icons';

interface Item extends Found {
  icon: IconName;
  act: () => void;
}

const MOST = 12;

/** Every store and place by a few letters of its name. `mayOperate`: the operator's place is open to whoever asks. */
export function Palette({ list, mayOperate, onClose }: { list: StoreList; mayOperate: boolean; onClose: () => void }) {
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const id = useId();
  const items = useMemo<Item[]>(() => {
    const operate = (section: 'queue' | 'workers' | 'cluster' | 'rollouts' | 'orphans' | 'audit', title: string): Item => ({ key: section, title, about: 'Operator', icon: 'gauge', act: () => go({ place: 'operator', store: null, section, dialog: null }) });
    return [
      ...list.stores.map((store): Item => ({ key: store.id, title: store.name, about: `${storeSlug(store)} · ${statusNames[stateOf(store)]}`, icon: 'store', act: () => goToStore(store) })),
      ...(limitReason(list.me) ? [] : [{ key: 'new', title: 'New store', about: 'Action', icon: 'plus' as const, act: () => go({ dialog: 'new' }) }]),
      { key: 'list', title: 'All stores', about: 'Place', icon: 'store', act: goToList },
      { key: 'failed', title: 'Failed stores', about: 'Place', icon: 'alert', act: () => go({ place: 'stores', store: null, status: 'failed', query: '', engine: null, page: 1, dialog: null }) },
      { key: 'deleted', title: 'Deleted stores', about: 'Place', icon: 'trash', act: () => go({ place: 'deleted', store: null, dialog: null }) },
      ...(mayOperate ? [operate('queue', 'Queue'), operate('workers', 'Workers'), operate('cluster', 'Cluster'), operate('rollouts', 'Rollouts'), operate('orphans', 'Orphans'), operate('audit', 'Audit')] : []),
      { key: 'account', title: 'Account', about: 'Action', icon: 'user', act: () => go({ dialog: 'account' }) },
      ...(list.me?.userId ? [{ key: 'notifications', title: 'Notifications', about: 'Action', icon: 'user' as const, act: () => go({ dialog: 'notifications' }) }] : []),
      { key: 'help', title: 'Help and keys', about: 'Action', icon: 'help', act: () => go({ dialog: 'help' }) },
    ];
  }, [list.stores, list.me, mayOperate]);
  const found = search(items, query, MOST);
  const chosen = Math.min(at, found.length - 1);
  const act = (item: Item | undefined) => {
    if (!item) return;
    onClose();
    item.act();
  };
  function move(event: Key) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || found.length === 0) return;
    event.preventDefault();
    setAt((chosen + step + found.length) % found.length);
  }
  return (
    <Dialog title="Go to" onClose={onClose} onSubmit={() => act(found[chosen])}>
      <input
        data-autofocus role="combobox" aria-label="A store or an action" aria-expanded={found.length > 0} aria-controls={`${id}-list`} aria-autocomplete="list"
        aria-activedescendant={found[chosen] && `${id}-${found[chosen]!.key}`} placeholder="A store or an action" autoComplete="off" spellCheck={false} value={query}
        onKeyDown={move} onChange={(event) => { setQuery(event.target.value); setAt(0); }}
      />
      <ul id={`${id}-list`} role="listbox" aria-label="Found" className="palette">
        {found.map((item, index) => (
          <li key={item.key} id={`${id}-${item.key}`} role="option" aria-selected={index === chosen} onClick={() => act(item)}>
            <Icon name={item.icon} /><span>{item.title}</span><span className="quiet">{item.about}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="quiet" role="status">Nothing has this name.</p>}
    </Dialog>
  );
}
