// Streams that all tabs of a browser share, in a SharedWorker: browsers have six connections to a server over HTTP/1.1, for all tabs together.
import { connect, type Connection, type Link } from './connection';

/** What a tab asks for. `who`: whose cookies go along; another person's stream is another one. */
export type Request = { kind: 'follow'; id: number; url: string; headers: Record<string, string>; who: string } | { kind: 'end'; id: number } | { kind: 'wake' };

/** What a tab is told of what it follows. */
export type Notice = { id: number } & ({ kind: 'event'; name: string; data: unknown } | { kind: 'link'; link: Link } | { kind: 'refused'; status: number });

interface Shared {
  connection: Connection;
  link: Link;
  followers: Set<{ port: MessagePort; id: number }>;
}

const streams = new Map<string, Shared>();

function follow(port: MessagePort, { id, url, headers, who }: Request & { kind: 'follow' }) {
  const key = JSON.stringify([url, headers, who]);
  const known = streams.get(key);
  if (known) {
    known.followers.add({ port, id });
    port.postMessage({ id, kind: 'link', link: known.link });
    // It has seen no event of the stream: it reads what there is, as after any other beginning.
    if (known.link === 'live') port.postMessage({ id, kind: 'event', name: 'hello', data: { resumed: false } });
    return;
  }
  const followers: Shared['followers'] = new Set([{ port, id }]);
  const tell = (notice: (id: number) => Notice) => followers.forEach((one) => one.port.postMessage(notice(one.id)));
  const shared: Shared = { followers, link: 'connecting', connection: { end: () => undefined, wake: () => undefined } };
  streams.set(key, shared);
  shared.connection = connect(url, headers, {
    event: (name, data) => tell((id) => ({ id, kind: 'event', name, data })),
    link(link) {
      shared.link = link;
      tell((id) => ({ id, kind: 'link', link }));
    },
    refused(status) {
      streams.delete(key);
      tell((id) => ({ id, kind: 'refused', status }));
    },
  });
}

/** `id` left out: whatever the tab followed. */
function leave(port: MessagePort, id?: number) {
  for (const [key, { connection, followers }] of streams) {
    for (const one of followers) if (one.port === port && (id === undefined || one.id === id)) followers.delete(one);
    if (followers.size > 0) continue;
    connection.end();
    streams.delete(key);
  }
}

(globalThis as unknown as { onconnect: (event: MessageEvent) => void }).onconnect = ({ ports: [port] }) => {
  if (!port) return;
  port.addEventListener('close', () => leave(port));
  port.onmessage = ({ data }: MessageEvent<Request>) => {
    if (data.kind === 'follow') follow(port, data);
    else if (data.kind === 'end') leave(port, data.id);
    else streams.forEach(({ connection }) => connection.wake());
  };
};
