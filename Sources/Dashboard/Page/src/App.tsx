// The page: header, the place one is at, and what stands before it.
import { Suspense, useEffect, useRef, useState } from 'react';
import { useAccount } from './api/account';
import { SignInPage } from './account/SignInPage';
import { Empty, Skeleton } from './ui/parts';
import { useIncident } from './state/incident';
import { useStores, useLiveList } from './state/list';
import { useKeys, usePaletteKey } from './state/keys';
import { invitation, mailbox, reset } from './state/links';
import { useSeesAll } from './state/people';
import { useTitle } from './state/title';
import { go, goToList, useView } from './state/url';
import { Header } from './Header';
import { HelpDialog } from './HelpDialog';
import { IncidentBar } from './IncidentBar';
import { DeletedPage } from './backups/DeletedPage';
import { CreateDialog } from './stores/CreateDialog';
import { StoresPage } from './stores/StoresPage';
import { isAtLimit } from './stores/quota';
import { later } from './ui/later';
import { Toasts } from './ui/Toasts';

const StorePage = later(() => import('./store/StorePage').then((it) => it.StorePage));
const Palette = later(() => import('./palette/Palette').then((it) => it.Palette));
const AccountDialog = later(() => import('./AccountDialog').then((it) => it.AccountDialog));
const ChannelsDialog = later(() => import('./channels/ChannelsDialog').then((it) => it.ChannelsDialog));
const JoinDialog = later(() => import('./members/JoinDialog').then((it) => it.JoinDialog));
const MailboxDialog = later(() => import('./channels/MailboxDialog').then((it) => it.MailboxDialog));
const ResetDialog = later(() => import('./account/ResetDialog').then((it) => it.ResetDialog));
const OperatorPage = later(() => import('./operator/OperatorPage').then((it) => it.OperatorPage));

export function App() {
  const [mail, endMail] = useLink(mailbox);
  const [forgotten, endForgotten] = useLink(reset);
  return (
    <>
      <Place />
      {mail && <Suspense fallback={null}><MailboxDialog key={mail} token={mail} onClose={endMail} /></Suspense>}
      {forgotten && <Suspense fallback={null}><ResetDialog key={forgotten} token={forgotten} onClose={endForgotten} /></Suspense>}
    </>
  );
}

/** What a link brought somebody here for, until it is done; and how to end that. */
function useLink(link: typeof mailbox): [string | null, () => void] {
  const [token, setToken] = useState(link.current);
  useEffect(() => link.onCome(setToken), [link]);
  return [token, () => { link.forget(); setToken(null); }];
}

/** What one sees by who one is. */
function Place() {
  const { mode, user } = useAccount();
  if (mode === 'loading') return <main id="main"><Skeleton lines={6} /></main>;
  if (mode === 'unreachable') return <main id="main"><Empty title="The server cannot be reached" icon="alert"><p>Retrying…</p></Empty></main>;
  if (mode === 'accounts' && !user) return <SignInPage />;
  if (mode === 'oidc' && !user) return <main id="main"><Empty title="Not signed in" icon="user"><p>Sign in through your identity provider, then open this page.</p></Empty></main>;
  return <Desk />;
}

function Nowhere() {
  useTitle('No such page · Store Weaver');
  return (
    <>
      <h1 className="hidden">No such page</h1>
      <Empty title="There is nothing at this address" icon="search">
        <p>It was mistyped, or what it led to is gone.</p>
        <button type="button" className="primary" onClick={goToList}>All stores</button>
      </Empty>
    </>
  );
}

/** For who is known, or need not be. */
function Desk() {
  const view = useView();
  const { mode, user } = useAccount();
  // A store's page says nothing of whose stores the list has: that is as it was.
  const all = useRef(false);
  if (view.place === 'stores' || view.place === 'deleted') all.current = view.all;
  useLiveList(useSeesAll() && all.current);
  const list = useStores();
  const incident = useIncident();
  // The list comes first; what its rows lead to is there before one is clicked.
  useEffect(() => { if (list.isLoaded) StorePage.preload(); }, [list.isLoaded]);
  const closeDialog = () => go({ dialog: null });
  const [joining, setJoining] = useState(invitation.current);
  useEffect(() => invitation.onCome(setJoining), []);
  function endJoining(keepsToken = false) {
    if (!keepsToken) invitation.forget();
    setJoining(null);
  }
  usePaletteKey(() => go({ dialog: view.dialog === 'go' ? null : 'go' }));
  useKeys({
    n: () => !isAtLimit(list.me) && go({ dialog: 'new' }),
    '?': () => go({ dialog: 'help' }),
    // At once: the next key is the search's first letter.
    '/': () => document.getElementById('search')?.focus(),
    g: () => (view.place === 'operator' ? goToList() : go({ place: 'operator', store: null })),
    Escape: () => view.place === 'store' && goToList(),
  });
  return (
    <>
      <a className="skip" href="#main">Skip to the content</a>
      <Header view={view} list={list} />
      <IncidentBar incident={incident.incident} />
      {list.link === 'offline' && (
        <p className="notice-bar" role="status">
          <strong>Offline.</strong> What you see may be old. The page reconnects by itself and catches up.
        </p>
      )}
      <main id="main" tabIndex={-1}>
        <Suspense fallback={<Skeleton lines={8} />}>
          {view.place === 'stores' && <StoresPage view={view} list={list} />}
          {view.place === 'store' && view.store && <StorePage key={view.store} slug={view.store} tab={view.tab} list={list} />}
          {view.place === 'deleted' && <DeletedPage list={list} />}
          {view.place === 'operator' && <OperatorPage section={view.section} job={view.job} incident={incident} />}
          {view.place === 'nowhere' && <Nowhere />}
        </Suspense>
      </main>
      {view.dialog === 'new' && <CreateDialog list={list} onClose={closeDialog} />}
      {view.dialog === 'go' && <Suspense fallback={null}><Palette list={list} mayOperate={mode !== 'accounts' || user?.role !== 'user'} onClose={closeDialog} /></Suspense>}
      {view.dialog === 'help' && <HelpDialog onClose={closeDialog} />}
      <Suspense fallback={null}>
        {view.dialog === 'account' && <AccountDialog onClose={closeDialog} />}
        {view.dialog === 'notifications' && <ChannelsDialog onClose={closeDialog} />}
      </Suspense>
      {joining && <Suspense fallback={null}><JoinDialog key={joining} token={joining} onClose={endJoining} /></Suspense>}
      <Toasts />
    </>
  );
}
