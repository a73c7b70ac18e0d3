import { account, useAccount } from './api/account';
import { limitReason, quotaOf } from './stores/quota';
import type { StoreList } from './state/list';
import { themes, useTheme, type Theme } from './state/theme';
import { go } from './state/url';
import type { View } from './state/view';
import { Icon, Mark, type IconName } from './ui/icons';
import { Bar, IconButton } from './ui/parts';
import { Popover } from './ui/Popover';
import { ReasonedButton } from './ui/ReasonedButton';

const links = { live: 'Live', connecting: 'Connecting…', waiting: 'Paused', offline: 'Offline' };

export function Header({ view, list }: { view: View; list: StoreList }) {
  const { mode, user } = useAccount();
  // Where people prove who they are, the place is shown to whom it is open; elsewhere it has a door of its own.
  const mayOperate = mode !== 'accounts' || user?.role !== 'user';
  return (
    <header className="top">
      <a className="home" href="/" aria-label="Store Weaver" onClick={(event) => leave(event, 'stores')}>
        <Mark />
        <strong>Store Weaver</strong>
      </a>
      <nav aria-label="Places">
        <a href="/" aria-current={view.place === 'stores' ? 'page' : view.place === 'store' ? 'true' : undefined} onClick={(event) => leave(event, 'stores')}>Stores</a>
        {mayOperate && <a href="/operator" aria-current={view.place === 'operator' ? 'page' : undefined} onClick={(event) => leave(event, 'operator')}>Operator</a>}
      </nav>
      <span className={`link ${list.link}`} role="status" title="Whether changes reach this page as they happen">
        <i aria-hidden="true" />
        <span>{links[list.link]}</span>
      </span>
      <span className="spring" />
      <ThemeButton />
      <IconButton icon="help" label="Help and shortcuts (?)" onClick={() => go({ dialog: 'help' })} />
      <ReasonedButton reason={limitReason(list.me)} className="primary" label="New store" onClick={() => go({ dialog: 'new' })}>
        <Icon name="plus" />
        <span>New store</span>
        <kbd>n</kbd>
      </ReasonedButton>
      <Profile list={list} />
    </header>
  );
}

/** A click stays in the page; with a modifier it is the browser's. */
function leave(event: React.MouseEvent, place: View['place']) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go({ place, store: null, tab: 'overview', query: '', status: null, engine: null, page: 1, dialog: null });
}

function ThemeButton() {
  const [theme, choose] = useTheme();
  const icons: Record<Theme, IconName> = { system: 'system', light: 'sun', dark: 'moon' };
  const next = themes[(themes.indexOf(theme) + 1) % themes.length]!;
  return <IconButton icon={icons[theme]} label={`Colours: ${theme === 'system' ? 'as the system' : theme}; switch to ${next}`} onClick={() => choose(next)} />;
}

function Profile({ list }: { list: StoreList }) {
  const { mode, user, name: said } = useAccount();
  const name = user ? (user.name ?? user.id) : said;
  const quota = list.me && quotaOf(list.me);
  return (
    <Popover label={name ? `Profile of ${name}` : 'Profile'} className="avatar" face={name ? initials(name) : <Icon name="user" />}>
      {(close) => (
        <div className="profile">
          <p className="who">{name || 'Not signed in'}</p>
          <p className="quiet">{!name ? 'You see all users’ stores.' : user && user.role !== 'user' ? `You are ${user.role} here.` : 'You see and change your own stores.'}</p>
          {quota && <Bar label={name ? 'Your stores' : 'All stores'} value={quota.used} limit={quota.limit} text={`${quota.used} of ${quota.limit}`} />}
          {list.me?.userId && <Bar label="Units of plans" value={list.me.units.used} limit={list.me.units.limit} text={`${list.me.units.used} of ${list.me.units.limit}`} />}
          <div className="buttons">
            <button type="button" onClick={() => { close(); go({ dialog: 'account' }); }}>{mode === 'accounts' ? 'Account' : name ? 'Switch user' : 'Sign in'}</button>
            {name && <button type="button" onClick={() => { close(); go({ dialog: 'notifications' }); }}>Notifications</button>}
            {name && mode !== 'oidc' && <button type="button" onClick={() => { close(); void account.signOut(); go({ place: 'stores', store: null, page: 1 }); }}>Sign out</button>}
          </div>
        </div>
      )}
    </Popover>
  );
}

/** `ada.lovelace@example.org` is AL. */
function initials(name: string): string {
  const parts = name.split('@')[0]!.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return ((parts[0]?.[0] ?? '?') + (parts.length > 1 ? parts.at(-1)![0] : '')).toUpperCase();
}
