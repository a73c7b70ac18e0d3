// One store beside the list: everything that is known of it, live.
import { useEffect, useRef, useState } from 'react';
import type { Backup } from '../api/schema';
import { Backups } from '../backups/Backups';
import { RestoreDialog } from '../backups/RestoreDialog';
import { useDetail } from '../state/detail';
import type { StoreList } from '../state/list';
import { go } from '../state/url';
import type { Tab } from '../state/view';
import { askMany, canDelete, canRetry, canSleep, canWake } from '../stores/actions';
import { DeleteDialog } from '../stores/DeleteDialog';
import { isLost } from '../text/backups';
import { isServing } from '../text/changes';
import { engineNames } from '../text/names';
import { EngineIcon, Icon } from '../ui/icons';
import { Empty, IconButton, Skeleton, Tabs, type TabItem } from '../ui/parts';
import { ActivityChip, StatusBadge } from '../ui/Status';
import { Config } from './Config';
import { Events } from './Events';
import { History } from './History';
import { Logs } from './Logs';
import { Overview } from './Overview';
import { Resources } from './Resources';
import { Trouble } from './Trouble';

const close = () => go({ store: null, tab: 'overview' });

export function Panel({ id, tab, list }: { id: string; tab: Tab; list: StoreList }) {
  const { store, log, link, isGone } = useDetail(id);
  const [isDeleting, setDeleting] = useState(false);
  const [restoring, setRestoring] = useState<{ backup: Backup; backups: Backup[] } | null>(null);
  const askToRestore = (backup: Backup, backups: Backup[]) => setRestoring({ backup, backups });
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    // Back to where one came from.
    return () => document.querySelector<HTMLElement>(`tr[data-store="${CSS.escape(id)}"] a.name`)?.focus();
  }, [id]);

  const row = list.stores.find((one) => one.id === id);
  const known = store ?? row;
  const items: TabItem<Tab>[] = [
    { name: 'overview', label: 'Overview' },
    { name: 'backups', label: 'Backups' },
    { name: 'resources', label: 'Resources', count: store?.resources.length ?? 0 },
    { name: 'events', label: 'Events', count: store?.events.length ?? 0 },
    { name: 'logs', label: 'Logs' },
    { name: 'history', label: 'History' },
    { name: 'config', label: 'Config' },
  ];
  return (
    <aside className="panel" aria-label={known ? `Store ${known.name}` : 'Store'}>
      <header>
        {known && <EngineIcon engine={known.engine} />}
        <div className="title">
          <h2 tabIndex={-1} ref={heading}>{known?.name ?? (isGone ? 'No such store' : 'Loading…')}</h2>
          {known && !isGone && <p className="quiet">{engineNames[known.engine]} · <code>{known.namespace}</code>{known.staging && ' · staging copy'}</p>}
        </div>
        <IconButton icon="close" label="Close the panel (Esc)" onClick={close} />
      </header>
      {isGone ? (
        <Empty title={known ? `${known.name} is deleted` : 'This store is not there'} icon="trash">
          <p>It was deleted, or it belongs to somebody else.</p>
          <button type="button" onClick={close}>Close the panel</button>
          {known && <button type="button" className="quiet" onClick={() => go({ place: 'deleted', store: null, tab: 'overview' })}>Deleted stores</button>}
        </Empty>
      ) : !store ? <Skeleton lines={8} /> : (
        <>
          <div className="panel-actions">
            <StatusBadge store={store} wish={list.wishes.get(id)} />
            <ActivityChip store={store} />
            <span className={`link ${link}`} title="Whether changes of this store reach the page as they happen"><i aria-hidden="true" /><span>{link === 'live' ? 'Live' : link === 'offline' ? 'Offline' : '…'}</span></span>
            <span className="spring" />
            {isServing(store) && <a className="button" href={store.url!} target="_blank" rel="noopener noreferrer"><Icon name="open" />Open</a>}
            {canSleep(store) && <button type="button" disabled={list.wishes.has(id)} onClick={() => void askMany([store], 'sleep')}><Icon name="moon" />Sleep</button>}
            {canWake(store) && <button type="button" className="primary" disabled={list.wishes.has(id)} onClick={() => void askMany([store], 'wake')}><Icon name="sun" />Wake</button>}
            {canRetry(store) && !store.changeError && !isLost(store) && <button type="button" className="primary" disabled={list.wishes.has(id)} onClick={() => void askMany([store], 'retry')}><Icon name="retry" />Retry</button>}
            <button type="button" className="danger" disabled={!canDelete(store) || list.wishes.has(id)} onClick={() => setDeleting(true)}><Icon name="trash" />Delete</button>
          </div>
          <Trouble store={store} isAsked={list.wishes.has(id)} onRestore={askToRestore} />
          <Tabs label="About this store" items={items} chosen={tab} choose={(next) => go({ tab: next })}>
            {tab === 'overview' && <Overview store={store} log={log} me={list.me} />}
            {tab === 'backups' && <Backups store={store} list={list} onRestore={askToRestore} />}
            {tab === 'resources' && <Resources store={store} />}
            {tab === 'events' && <Events events={store.events} />}
            {tab === 'logs' && <Logs store={store} log={log} />}
            {tab === 'history' && <History store={store} />}
            {tab === 'config' && <Config store={store} />}
          </Tabs>
        </>
      )}
      {isDeleting && store && (
        <DeleteDialog stores={[store]} onClose={() => setDeleting(false)} onConfirm={(kind) => { setDeleting(false); void askMany([store], kind); }} />
      )}
      {restoring && store && <RestoreDialog store={store} {...restoring} onClose={() => setRestoring(null)} />}
    </aside>
  );
}
