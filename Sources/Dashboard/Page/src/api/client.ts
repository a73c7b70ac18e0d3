// Requests to the API, typed by its document.
import { account } from './account';
import { routes, type Answers } from './schema';

/** What the API refused, in its own words; `status` 0: it could not be reached. `code` is a word for programs. */
export class ApiError extends Error {
  constructor(message: string, readonly status: number, readonly code?: string) {
    super(message);
  }
}

interface Options {
  path?: Record<string, string | number>;
  query?: Record<string, string | number | undefined>;
  /** A file goes as it is, anything else as JSON. */
  body?: object | File;
  /** The same key with the same body is the same wish: a second click, or a second try after a broken connection. */
  idempotencyKey?: string;
  /** The generation that a store must have for it to be changed. */
  ifMatch?: number;
  signal?: AbortSignal;
}

export function address(name: keyof typeof routes, { path = {}, query = {} }: Options = {}): string {
  const filled = routes[name][1].replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(String(path[key])));
  const rest = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]));
  return rest.length ? `${filled}?${new URLSearchParams(rest)}` : filled;
}

const send = (name: keyof typeof routes, options: Options) =>
  fetch(address(name, options), {
    method: routes[name][0],
    headers: {
      ...account.headers(),
      ...(options.body ? { 'Content-Type': options.body instanceof File ? 'application/x-tar' : 'application/json' } : {}),
      ...(options.ifMatch ? { 'If-Match': `"${options.ifMatch}"` } : {}),
      ...(options.idempotencyKey ? { 'Idempotency-Key': options.idempotencyKey } : {}),
    },
    body: options.body instanceof File ? options.body : options.body && JSON.stringify(options.body),
    signal: options.signal,
  });

/** What broke off may have been taken: that nothing was changed is said only where nothing was sent. */
function unreached(method: string): string {
  if (method === 'GET') return 'The server cannot be reached. Try again when the page is live.';
  if (!navigator.onLine) return 'You are offline: the server cannot be reached, and nothing was changed. Try again when the page is live.';
  return 'The server cannot be reached. It may have taken this or not: look again when the page is live.';
}

/** Throws `ApiError`, or the signal's reason. */
export async function call<Name extends keyof Answers>(name: Name, options: Options = {}): Promise<Answers[Name]> {
  let response: Response;
  try {
    response = await send(name, options);
    // Asleep for a while: the session goes on, its access token was over.
    if (response.status === 401 && account.state.mode === 'accounts' && (await account.renew())) response = await send(name, options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(unreached(routes[name][0]), 0);
  }
  const answer: unknown = await response.json().catch(() => undefined);
  // What was cut off is no answer, whatever its beginning said.
  options.signal?.throwIfAborted();
  if (response.ok && answer !== undefined) return answer as Answers[Name];
  const told = (answer ?? {}) as { error?: unknown; code?: string };
  throw new ApiError(typeof told.error === 'string' ? told.error : `The server answered ${response.status}.`, response.status, told.code);
}

export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
