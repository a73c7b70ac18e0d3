import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { devServer, RELOAD } from '../tools/server.mjs';

/** Lends a dev server's address, its folder, and what arrived at the API behind it. */
async function withServer(answer, body) {
  const folder = mkdtempSync(join(tmpdir(), 'dev-server-'));
  writeFileSync(join(folder, 'index.html'), '<p>page</p>');
  writeFileSync(join(folder, 'app.js'), 'one()');
  const api = createServer(answer);
  const apiURL = await listen(api);
  const server = devServer({ folder, api: new URL(apiURL) });
  try {
    await body(await listen(server), { folder, api, apiURL });
  } finally {
    for (const one of [server, api]) {
      one.closeAllConnections();
      one.close();
    }
    rmSync(folder, { recursive: true });
  }
}

async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}`;
}

const nothing = (_, response) => response.writeHead(500).end();
const deadline = () => AbortSignal.timeout(20_000);

test('the page and its files come from the folder, and nobody keeps them', () =>
  withServer(nothing, async (url, { folder }) => {
    for (const path of ['/', '/operator', '/stores/acme', '/?q=a']) assert.equal(await (await fetch(url + path)).text(), '<p>page</p>', path);
    for (const text of ['one()', 'two()']) {
      writeFileSync(join(folder, 'app.js'), text);
      const response = await fetch(`${url}/assets/app.js`);
      assert.equal(await response.text(), text);
      assert.deepEqual([response.headers.get('content-type'), response.headers.get('cache-control')], ['text/javascript; charset=utf-8', 'no-store']);
    }
    assert.equal((await fetch(`${url}/assets/none.js`)).status, 404);
    assert.equal((await fetch(`${url}/assets/..%2f..%2fetc%2fpasswd`)).status, 404);
  }));

test('a request goes to the API with its body and headers, and the answer comes back as it is', () =>
  withServer(
    async (request, response) => {
      let body = '';
      for await (const piece of request) body += piece;
      response.writeHead(418, { 'X-Answer': 'yes', 'Set-Cookie': ['a=1', 'b=2'] });
      response.end(JSON.stringify([request.method, request.url, request.headers.host, request.headers['x-user-id'], body]));
    },
    async (url, { apiURL }) => {
      const response = await fetch(`${url}/api/stores?limit=1`, { method: 'POST', headers: { 'X-User-Id': 'ada' }, body: '{"name":"Ä"}' });
      assert.deepEqual([response.status, response.headers.get('x-answer'), response.headers.getSetCookie?.() ?? ['a=1', 'b=2']], [418, 'yes', ['a=1', 'b=2']]);
      assert.deepEqual(await response.json(), ['POST', '/api/stores?limit=1', new URL(apiURL).host, 'ada', '{"name":"Ä"}']);
    },
  ));

test('events of a stream pass one by one, and the stream at the API ends when the page leaves', () => {
  let stream;
  return withServer(
    (_, response) => {
      stream = response;
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write('data: 1\n\n');
    },
    async (url) => {
      const leaving = new AbortController();
      const response = await fetch(`${url}/api/stores/events`, { signal: AbortSignal.any?.([leaving.signal, deadline()]) ?? leaving.signal });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      assert.equal((await reader.read()).value, 'data: 1\n\n');
      stream.write('data: 2\n\n');
      assert.equal((await reader.read()).value, 'data: 2\n\n');
      const closed = once(stream, 'close', { signal: deadline() });
      leaving.abort();
      await closed;
    },
  );
});

test('a request that the page gives up ends at the API before it is answered', () => {
  let asked;
  const arrived = new Promise((resolve) => (asked = resolve));
  return withServer(
    (_, response) => asked(response),
    async (url) => {
      const leaving = new AbortController();
      const answer = fetch(`${url}/api/stores`, { signal: leaving.signal }).catch(() => 'given up');
      const closed = once(await arrived, 'close', { signal: deadline() });
      leaving.abort();
      assert.equal(await answer, 'given up');
      await closed;
    },
  );
});

test('an API that is away is told by name', () =>
  withServer(nothing, async (url, { api, apiURL }) => {
    api.close();
    await once(api, 'close');
    const response = await fetch(`${url}/api/stores`);
    assert.equal(response.status, 502);
    assert.deepEqual(await response.json(), { error: `The API at ${apiURL} does not answer: ECONNREFUSED` });
  }));

test('an open page is told when a file of the folder changes', () =>
  withServer(nothing, async (url, { folder }) => {
    const response = await fetch(url + RELOAD, { signal: deadline() });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    assert.equal((await reader.read()).value, ':\n\n');
    writeFileSync(join(folder, 'app.js'), 'two()');
    assert.equal((await reader.read()).value, 'data: changed\n\n');
  }));
