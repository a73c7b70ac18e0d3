// Server-sent events over fetch: unlike EventSource it sends headers, outlives error answers, and notices a dead connection.
import { account } from './account';
import { EventParser } from './events';

/** `waiting`: the page is hidden, or the stream has not begun. */
export type Link = 'waiting' | 'connecting' | 'live' | 'offline';

export interface Follower {
  event(name: string, data: unknown): void;
  link(link: Link): void;
  /** The API refused for good; 404 above all. The stream has ended. */
  refused?(status: number): void;
}

/** The server writes at least a comment every 15 s. */
const SILENCE = 40_000;
/** A hidden page gives its connection back: browsers have six for all tabs together. */
const HIDDEN = 20_000;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8_000;

/** Follows until the returned function is called. Missed events are asked for by the last id. */
export function follow(url: string, follower: Follower): () => void {
  let ended = false;
  let last: string | null = null;
  let connection: AbortController | null = null;
  let pause = FIRST_PAUSE;
  let wake: (() => void) | null = null;
  let hiding = 0;

  const sleep = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(done, milliseconds);
      function done() {
        clearTimeout(timer);
        wake = null;
        resolve();
      }
      wake = done;
    });

  async function read() {
    const controller = (connection = new AbortController());
    let guard = setTimeout(() => controller.abort(), SILENCE);
    try {
      const headers = { ...account.headers(), Accept: 'text/event-stream', ...(last === null ? {} : { 'Last-Event-ID': last }) };
      const response = await fetch(url, { headers, signal: controller.signal, cache: 'no-store' });
      if (!response.ok || !response.body) {
        if (response.status === 400) last = null;
        if (response.status === 401 && account.state.mode === 'accounts' && (await account.renew())) return;
        if ([401, 403, 404].includes(response.status)) {
          ended = true;
          follower.refused?.(response.status);
        }
        return;
      }
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const parser = new EventParser();
      for (;;) {
        const { done, value } = await reader.read();
        if (done || ended) return;
        clearTimeout(guard);
        guard = setTimeout(() => controller.abort(), SILENCE);
        pause = FIRST_PAUSE;
        follower.link('live');
        for (const event of parser.push(value)) {
          last = event.id ?? last;
          if (event.name && !ended) follower.event(event.name, JSON.parse(event.data || 'null'));
        }
      }
    } catch {
      // Whatever broke, the loop tries again.
    } finally {
      clearTimeout(guard);
      controller.abort();
    }
  }

  async function run() {
    while (!ended) {
      if (hiding && document.hidden) {
        follower.link('waiting');
        await sleep(3_600_000);
        continue;
      }
      follower.link(pause === FIRST_PAUSE ? 'connecting' : 'offline');
      await read();
      if (ended) return;
      if (document.hidden && hiding) continue;
      follower.link('offline');
      await sleep(pause * (0.75 + Math.random() / 2));
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }

  function visibility() {
    clearTimeout(hiding);
    hiding = 0;
    if (document.hidden) hiding = window.setTimeout(() => connection?.abort(), HIDDEN);
    else retry();
  }
  function retry() {
    pause = FIRST_PAUSE;
    wake?.();
  }

  document.addEventListener('visibilitychange', visibility);
  addEventListener('online', retry);
  void run();
  return () => {
    ended = true;
    document.removeEventListener('visibilitychange', visibility);
    removeEventListener('online', retry);
    clearTimeout(hiding);
    connection?.abort();
    wake?.();
  };
}
