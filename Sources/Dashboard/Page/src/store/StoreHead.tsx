import { useEffect, useRef, useState } from 'react';
import type { Store } from '../api/schema';
import type { Link } from '../api/stream';
import type { Wish } from '../state/list';
import { goToList, listAddress } from '../state/url';
import { askMany } from '../stores/actions';
import { isServing } from '../text/changes';
import { canRename, canRetry, canSleep, canWake } from '../text/may';
import { engineNames } from '../text/names';
import { EngineIcon, Icon } from '../ui/icons';
import { CopyButton, IconButton } from '../ui/parts';
import { ActivityChip, StatusBadge } from '../ui/Status';
import { OpenAdmin } from './OpenAdmin';
import { RenameDialog } from './RenameDialog';

const links: Record<Link, string> = { live: 'Live', offline: 'Offline', connecting: '…', waiting: '…' };

interface Props {
  /** Undefined before anything is known of it. */
  store: Store | undefined;
  link: Link;
  wish: Wish | undefined;
  mayChange: boolean;
}

/** Which store it is, how it fares, and what one does most. */
export function StoreHead({ store, link, wish, mayChange }: Props) {
  const [isRenaming, setRenaming] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <header className="store-head">
      <BackToList />
      <div className="title">
        {store && <EngineIcon engine={store.engine} />}
        <div>
          <div className="named">
            <h1 tabIndex={-1} ref={heading}>{store?.name ?? 'Loading…'}</h1>
            {store && mayChange && canRename(store) && <IconButton icon="edit" label="Rename the store" onClick={() => setRenaming(true)} />}
          </div>
          {store && (
            <p>
              <span className="quiet">{engineNames[store.engine]}{store.staging && ' · staging copy'}</span>
              {store.url && <a href={store.url} target="_blank" rel="noopener noreferrer">{new URL(store.url).host}</a>}
              {store.url && <CopyButton text={store.url} what="the store’s address" />}
            </p>
          )}
        </div>
      </div>
      {store && (
        <div className="store-actions">
          <StatusBadge store={store} wish={wish} />
          <ActivityChip store={store} />
          <span className={`link ${link}`} title="Whether changes of this store reach the page as they happen"><i aria-hidden="true" /><span>{links[link]}</span></span>
          <span className="spring" />
          {mayChange && canSleep(store) && <button type="button" disabled={Boolean(wish)} onClick={() => void askMany([store], 'sleep')}><Icon name="moon" />Sleep</button>}
          {mayChange && canWake(store) && <button type="button" className="primary" disabled={Boolean(wish)} onClick={() => void askMany([store], 'wake')}><Icon name="sun" />Wake</button>}
          {mayChange && canRetry(store) && !store.changeError && <button type="button" className="primary" disabled={Boolean(wish)} onClick={() => void askMany([store], 'retry')}><Icon name="retry" />Retry</button>}
          {isServing(store) && store.adminUrl && <OpenAdmin store={store} className="button"><Icon name="user" />Open admin</OpenAdmin>}
          {isServing(store) && <a className="button primary" href={store.url!} target="_blank" rel="noopener noreferrer"><Icon name="open" />Visit</a>}
          {!mayChange && <span className="quiet">Another person’s store: you see it and cannot change it.</span>}
        </div>
      )}
      {isRenaming && store && <RenameDialog store={store} onClose={() => setRenaming(false)} />}
    </header>
  );
}

/** To the list as it was left. */
export function BackToList() {
  return (
    <a
      className="back" href={listAddress()}
      onClick={(event) => { if (event.ctrlKey || event.metaKey || event.shiftKey) return; event.preventDefault(); goToList(); }}
    >
      <Icon name="left" />All stores
    </a>
  );
}
