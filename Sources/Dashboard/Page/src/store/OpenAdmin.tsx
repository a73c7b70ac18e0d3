import type { MouseEvent, ReactNode } from 'react';
import { useAccount } from '../api/account';
import { ApiError, call, messageOf } from '../api/client';
import type { Store } from '../api/schema';
import { toast } from '../state/toasts';

/** The window is made by the click itself: browsers block one that comes after the answer. */
async function openSignedIn(store: Store): Promise<void> {
  const tab = window.open('', '_blank');
  if (!tab) {
    toast('bad', 'Your browser did not open a window: allow this page to, and try again.');
    return;
  }
  tab.opener = null;
  try {
    tab.location.replace((await call('openAdminSession', { path: { id: store.id } })).url);
  } catch (error) {
    if (error instanceof ApiError && (error.code === 'no-sign-in' || error.code === 'not-offered')) {
      tab.location.replace(store.adminUrl!);
      toast('plain', 'Sign in there with the password: this store cannot sign you in by itself yet.');
    } else {
      tab.close();
      toast('bad', `The admin of ${store.name} was not opened. ${messageOf(error)}`);
    }
  }
}

/** A link to the store's admin, which signs its owner in. To others it is the admin's own sign-in page. */
export function OpenAdmin({ store, className, children }: { store: Store; className?: string; children: ReactNode }) {
  const { user } = useAccount();
  const signsIn = !user || user.id === store.userId;
  function open(event: MouseEvent) {
    if (!signsIn || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void openSignedIn(store);
  }
  return <a className={className} href={store.adminUrl!} target="_blank" rel="noopener noreferrer" onClick={open}>{children}</a>;
}
