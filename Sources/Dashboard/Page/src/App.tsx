// The page: header, the place one is at, and what stands before it.
import { useAccount } from './api/account';
import { SignInPage } from './account/SignInPage';
import { Empty, Skeleton } from './ui/parts';
import { useStores, useLiveList } from './state/list';
import { useKeys } from './state/keys';
import { go, useView } from './state/url';
import { Header } from './Header';
import { HelpDialog } from './HelpDialog';
import { AccountDialog } from './AccountDialog';
import { DeletedPage } from './backups/DeletedPage';
import { OperatorPage } from './operator/OperatorPage';
import { Panel } from './panel/Panel';
import { CreateDialog } from './stores/CreateDialog';
import { StoresPage } from './stores/StoresPage';
import { isAtLimit } from './stores/quota';
import { Toasts } from './ui/Toasts';

export function App() {
  const { mode, user } = useAccount();
  if (mode === 'loading') return <main id="main"><Skeleton lines={6} /></main>;
  if (mode === 'unreachable') return <main id="main"><Empty title="The server cannot be reached" icon="alert"><p>Retrying…</p></Empty></main>;
  if (mode === 'accounts' && !user) return <SignInPage />;
  if (mode === 'oidc' && !user) return <main id="main"><Empty title="Not signed in" icon="user"><p>Sign in through your identity provider, then open this page.</p></Empty></main>;
  return <Desk />;
}

/** For who is known, or need not be. */
function Desk() {
  useLiveList();
  const view = useView();
  const list = useStores();
  const closeDialog = () => go({ dialog: null });
  useKeys({
    n: () => !isAtLimit(list.me) && go({ dialog: 'new' }),
    '?': () => go({ dialog: 'help' }),
    // At once: the next key is the search's first letter.
    '/': () => document.getElementById('search')?.focus(),
    g: () => go({ place: view.place === 'stores' ? 'operator' : 'stores', store: null }),
    Escape: () => view.store && go({ store: null, tab: 'overview' }),
  });
  return (
    <>
      <a className="skip" href="#main">Skip to the stores</a>
      <Header view={view} list={list} />
      {list.link === 'offline' && (
        <p className="offline" role="status">
          <strong>Offline.</strong> What you see may be old. The page reconnects by itself and catches up.
        </p>
      )}
      <div className={`columns ${view.store && view.place === 'stores' ? 'with-panel' : ''}`}>
        <main id="main" tabIndex={-1}>{view.place === 'operator' ? <OperatorPage /> : view.place === 'deleted' ? <DeletedPage list={list} /> : <StoresPage view={view} list={list} />}</main>
        {view.store && view.place === 'stores' && <Panel key={view.store} id={view.store} tab={view.tab} list={list} />}
      </div>
      {view.dialog === 'new' && <CreateDialog list={list} onClose={closeDialog} />}
      {view.dialog === 'help' && <HelpDialog onClose={closeDialog} />}
      {view.dialog === 'account' && <AccountDialog onClose={closeDialog} />}
      <Toasts />
    </>
  );
}
