import assert from 'node:assert/strict';
import test from 'node:test';
import type { OperatedJob } from '../src/api/schema';
import { byCause, inState, longestWait } from '../src/text/jobs';
import { search } from '../src/text/palette';

const job = (id: number, cause: string | null) => ({ id, cause }) as OperatedJob;
const line = { kind: 'provision', class: 'interactive' } as const;

test('failed jobs stand together by cause, the largest group first, each in its order', () => {
  const groups = byCause([job(5, 'quota'), job(4, 'image-pull'), job(3, null), job(2, 'image-pull')]);
  assert.deepEqual(groups.map(({ cause, jobs }) => [cause, jobs.map((one) => one.id)]), [['image-pull', [4, 2]], ['quota', [5]], ['', [3]]]);
  assert.deepEqual(byCause([]), []);
});

test('a queue is counted by state, and its longest wait is of what waits', () => {
  const queue = { users: [], dead: 0, living: [{ ...line, state: 'queued', count: 2, oldestSeconds: 7 }, { ...line, state: 'running', count: 3, oldestSeconds: 90 }, { ...line, kind: 'delete', state: 'queued', count: 1, oldestSeconds: 9 }] };
  assert.deepEqual([inState(queue, 'queued'), inState(queue, 'running'), longestWait(queue)], [3, 3, 9]);
  assert.equal(longestWait({ ...queue, living: [] }), 0);
});

test('the palette finds what has all words, and what begins with them first', () => {
  const items = ['Old Books', 'Books', 'Games'].map((title) => ({ key: title, title, about: `${title.toLowerCase()} · Ready` }));
  const titles = (query: string, most = 9) => search(items, query, most).map((item) => item.title);
  assert.deepEqual(titles('bo'), ['Books', 'Old Books']);
  assert.deepEqual(titles('ready old'), ['Old Books']);
  assert.deepEqual(titles('', 2), ['Old Books', 'Books']);
  assert.deepEqual(titles('shoes'), []);
});
