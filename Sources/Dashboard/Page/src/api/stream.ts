// What this tab follows: streams of its own while it is looked at, and those that it shares with the browser's other tabs.
import { account } from './account';
import { connect, type Connection, type Link } from './connection';
import type { Notice, Request } from './hub';

export type { Link } from './connection';

export interface Follower {
  event(name: string, data: unknown): void;
  link(link: Link): void;
  /** The API refused for good; 404 above all. The stream has ended. */
  refused?(status: number): void;
}

/** Where the worker's program is; the build says so. */
declare const STREAMS_WORKER: string;

/** What says who asks; cookies go along by themselves. */
function identity(): Record<string, string> {
  const { 'X-CSRF-Token': _, ...headers } = account.headers();
  return headers;
}

/** Whether somebody whose access token was over may go on: the session has another one. */
const goesOn = async (status: number) => status === 401 && account.state.mode === 'accounts' && account.renew();

/** Follows in a connection of this tab's own, which it has while it is looked at and gives back when it is not, until the returned function is called. */
export function follow(url: string, follower: Follower): () => void {
  let last: string | null = null;
  let connection: Connection | null = null;
  let ended = false;

  function begin() {
    if (ended || connection || document.hidden) return;
    connection = connect(url, identity(), {
      event(name, data, id) {
        last = id;
        follower.event(name, data);
      },
      link: (link) => follower.link(link),
      refused(status) {
        connection = null;
        void goesOn(status).then((may) => {
          if (may) return begin();
          ended = true;
          follower.refused?.(status);
        });
      },
    }, last);
  }
  function visibility() {
    if (!document.hidden) return connection ? connection.wake() : begin();
    connection?.end();
    connection = null;
    follower.link('waiting');
  }
  const online = () => connection?.wake();

  document.addEventListener('visibilitychange', visibility);
  addEventListener('online', online);
  if (document.hidden) follower.link('waiting');
  begin();
  return () => {
    ended = true;
    document.removeEventListener('visibilitychange', visibility);
    removeEventListener('online', online);
    connection?.end();
  };
}

let port: MessagePort | null = null;
let next = 1;
const shared = new Map<number, (notice: Notice) => void>();
const ask = (request: Request) => port?.postMessage(request);

/** Where a browser has no shared workers (Chrome on Android, above all) each tab has connections of its own. */
function hub(): boolean {
  if (port) return true;
  if (typeof SharedWorker === 'undefined') return false;
  port = new SharedWorker(STREAMS_WORKER).port;
  port.onmessage = ({ data }: MessageEvent<Notice>) => shared.get(data.id)?.(data);
  addEventListener('pagehide', () => shared.forEach((_, id) => ask({ kind: 'end', id })));
  addEventListener('online', () => ask({ kind: 'wake' }));
  document.addEventListener('visibilitychange', () => document.hidden || ask({ kind: 'wake' }));
  return true;
}

/** Follows in the one connection that the browser's tabs have together, also while this tab is hidden. A stream that is joined begins with `hello`. */
export function followShared(url: string, follower: Follower): () => void {
  if (!hub()) return follow(url, follower);
  const id = next++;
  const begin = () => ask({ kind: 'follow', id, url, headers: identity(), who: account.state.user?.id ?? '' });
  shared.set(id, (notice) => {
    if (notice.kind === 'event') return follower.event(notice.name, notice.data);
    if (notice.kind === 'link') return follower.link(notice.link);
    void goesOn(notice.status).then((may) => {
      if (!shared.has(id)) return;
      if (may) begin();
      else follower.refused?.(notice.status);
    });
  });
  begin();
  return () => {
    shared.delete(id);
    ask({ kind: 'end', id });
  };
}
