// The server of `npm run dev`: the page from a folder, everything else from a running API, and word to open pages when the folder changes.
import { createReadStream, watch } from 'node:fs';
import { createServer, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { basename, extname, join } from 'node:path';
import { pipeline } from 'node:stream';

/** Where open pages wait for a change; the bundle's first line listens there. */
export const RELOAD = '/dev/reload';
/** esbuild writes several files at once: the page is told when it is done. */
const QUIET = 50;
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8' };

/** `folder` has index.html and what it loads from /assets; `api` is a URL, of which the origin counts. Not listening yet. */
export function devServer({ folder, api }) {
  const pages = new Set();
  let timer;
  const watcher = watch(folder, () => {
    clearTimeout(timer);
    timer = setTimeout(() => pages.forEach((page) => page.write('data: changed\n\n')), QUIET);
  });
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    if (pathname === RELOAD) follow(response);
    else if (pathname === '/' || pathname === '/operator' || pathname.startsWith('/stores/')) send(join(folder, 'index.html'), response);
    else if (pathname.startsWith('/assets/')) send(join(folder, basename(pathname)), response);
    else pass(request, response, api);
  });
  server.on('close', () => {
    clearTimeout(timer);
    watcher.close();
  });
  return server;

  function follow(response) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.write(':\n\n');
    pages.add(response);
    response.on('close', () => pages.delete(response));
  }
}

function send(path, response) {
  const file = createReadStream(path);
  file.on('error', () => response.writeHead(404).end('No such file\n'));
  file.on('open', () => {
    response.writeHead(200, { 'Content-Type': types[extname(path)] ?? 'application/octet-stream', 'Cache-Control': 'no-store' });
    file.pipe(response);
  });
}

/** Each piece goes on at once, so that event streams live; an end on one side ends the other. */
function pass(request, response, api) {
  const ask = api.protocol === 'https:' ? secureRequest : plainRequest;
  const upstream = ask(new URL(request.url, api), { method: request.method, headers: { ...request.headers, host: api.host } }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    pipeline(answer, response, () => undefined);
  });
  upstream.on('error', (error) => {
    if (response.headersSent) return response.destroy();
    response.writeHead(502, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ error: `The API at ${api.origin} does not answer: ${error.code ?? error.message}` }));
  });
  response.on('close', () => upstream.destroy());
  pipeline(request, upstream, () => undefined);
}
