// Everything that is known of one store, live.
import { useEffect, useState } from 'react';
import type { Backup } from '../api/schema';
import { Backups } from '../backups/Backups';
import { RestoreDialog } from '../backups/RestoreDialog';
import { Domains } from '../domains/Domains';
import { Members } from '../members/Members';
import { useDetail } from '../state/detail';
import type { StoreList } from '../state/list';
import { useMay } from '../state/people';
import { useTitle } from '../state/title';
import { go, goToList } from '../state/url';
import type { Tab } from '../state/view';
import { RecreateDialog } from '../stores/RecreateDialog';
import { Empty, Skeleton, Tabs, type TabItem } from '../ui/parts';
import { Config } from './Config';
import { Events } from './Events';
import { History } from './History';
import { Logs } from './Logs';
import { Overview } from './Overview';
import { ReadyMoment } from './ReadyMoment';
import { Resources } from './Resources';
import { BackToList, StoreHead } from './StoreHead';
import { Trouble } from './Trouble';

export function StoreView({ id, slug, tab, list }: { id: string; slug: string; tab: Tab; list: StoreList }) {
  const { store, log, link, isGone } = useDetail(id);
  const [isRecreating, setRecreating] = useState(false);
  const [restoring, setRestoring] = useState<{ backup: Backup; backups: Backup[] } | null>(null);
  const askToRestore = (backup: Backup, backups: Backup[]) => setRestoring({ backup, backups });
  // Back to where one came from.
  useEffect(() => () => document.querySelector<HTMLElement>(`tr[data-store="${CSS.escape(id)}"] a.name`)?.focus(), [id]);

  const [may, mayOwnAny] = [useMay('run'), useMay('own')];
  const [mayChange, mayOwn] = [!store || may(store), !store || mayOwnAny(store)];
  const known = store ?? list.stores.find((one) => one.id === id);
  useTitle(`${known?.name ?? slug} · Store Weaver`);
  // It may only have been taken out of the reader's sight.
  const isDeleted = known?.status === 'deleting';
  if (isGone) {
    return (
      <div className="store-page">
        <BackToList />
        <h1>{known?.name ?? 'No such store'}</h1>
        <Empty title={known ? `${known.name} is ${isDeleted ? 'deleted' : 'gone'}` : 'This store is not there'} icon="trash">
          <p>It was deleted, or it is not yours to see.</p>
          <button type="button" onClick={goToList}>All stores</button>
          {known && <button type="button" className="quiet" onClick={() => go({ place: 'deleted', store: null, tab: 'overview' })}>Deleted stores</button>}
        </Empty>
      </div>
    );
  }
  const items: TabItem<Tab>[] = [
    { name: 'overview', label: 'Overview' },
    { name: 'backups', label: 'Backups' },
    { name: 'domains', label: 'Domains', count: store?.domains.length ?? 0 },
    { name: 'members', label: 'Members' },
    { name: 'resources', label: 'Resources', count: store?.resources.length ?? 0 },
    { name: 'events', label: 'Events', count: store?.events.length ?? 0 },
    { name: 'logs', label: 'Logs' },
    { name: 'history', label: 'History' },
    { name: 'config', label: 'Config' },
  ];
  return (
    <div className="store-page">
      <StoreHead store={known} link={link} wish={list.wishes.get(id)} mayChange={mayChange} />
      {!store ? <Skeleton lines={8} /> : (
        <>
          <ReadyMoment store={store} />
          <Trouble store={store} isAsked={list.wishes.has(id)} mayChange={mayChange} mayOwn={mayOwn} onRestore={askToRestore} onRecreate={() => setRecreating(true)} />
          <Tabs label="About this store" items={items} chosen={tab} choose={(next) => go({ tab: next })}>
            {tab === 'overview' && <Overview store={store} log={log} list={list} mayChange={mayChange} mayOwn={mayOwn} />}
            {tab === 'backups' && <Backups store={store} list={list} mayChange={mayChange} mayOwn={mayOwn} onRestore={askToRestore} />}
            {tab === 'domains' && <Domains store={store} mayChange={mayChange} />}
            {tab === 'members' && <Members store={store} me={list.me} mayOwn={mayOwn} />}
            {tab === 'resources' && <Resources store={store} />}
            {tab === 'events' && <Events events={store.events} />}
            {tab === 'logs' && <Logs store={store} log={log} hasContainers={mayChange || list.me?.role === 'operator'} />}
            {tab === 'history' && <History store={store} />}
            {tab === 'config' && <Config store={store} />}
          </Tabs>
        </>
      )}
      {isRecreating && store && <RecreateDialog store={store} onClose={() => setRecreating(false)} />}
      {restoring && store && <RestoreDialog store={store} {...restoring} onClose={() => setRestoring(null)} />}
    </div>
  );
}
