// One connection to an event stream, over fetch: unlike EventSource it sends headers, outlives error answers, and notices a dead connection. It knows
// neither page nor account, so that a worker can hold it.
import { EventParser } from './events';

/** `waiting`: the page is hidden, or the stream has not begun. */
export type Link = 'waiting' | 'connecting' | 'live' | 'offline';

export interface Sink {
  event(name: string, data: unknown, id: string | null): void;
  link(link: Link): void;
  /** The API refused for good; the connection has ended. */
  refused(status: number): void;
}

export interface Connection {
  end(): void;
  /** Tries again now, where it waits to. */
  wake(): void;
}

/** The server writes at least a comment every 15 s. */
const SILENCE = 40_000;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 8_000;

/** Missed events are asked for by the last id; `since`: that of an earlier connection. */
export function connect(url: string, headers: Record<string, string>, sink: Sink, since: string | null = null): Connection {
  let ended = false;
  let last = since;
  let connection: AbortController | null = null;
  let pause = FIRST_PAUSE;
  let wake: (() => void) | null = null;

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
      const asked = { ...headers, Accept: 'text/event-stream', ...(last === null ? {} : { 'Last-Event-ID': last }) };
      const response = await fetch(url, { headers: asked, signal: controller.signal, cache: 'no-store' });
      if (!response.ok || !response.body) {
        if (response.status === 400) last = null;
        if ([401, 403, 404].includes(response.status) && !ended) {
          ended = true;
          sink.refused(response.status);
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
        sink.link('live');
        for (const event of parser.push(value)) {
          last = event.id ?? last;
          if (event.name && !ended) sink.event(event.name, JSON.parse(event.data || 'null'), last);
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
      sink.link(pause === FIRST_PAUSE ? 'connecting' : 'offline');
      await read();
      if (ended) return;
      sink.link('offline');
      await sleep(pause * (0.75 + Math.random() / 2));
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }

  void run();
  return {
    end() {
      ended = true;
      connection?.abort();
      wake?.();
    },
    wake() {
      pause = FIRST_PAUSE;
      wake?.();
    },
  };
}
