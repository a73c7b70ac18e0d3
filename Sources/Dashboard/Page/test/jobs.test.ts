import assert from 'node:assert/strict';
import test from 'node:test';
import type { OperatedJob } from '../src/api/schema';
import { byCause, changeText, inState, isOver, longestWait } from '../src/text/jobs';
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

test('what became of a job is told change by change', () => {
  const change = { at: '2026-01-01T00:00:00Z', worker: null, fence: null, attempt: 1, reclaims: 0, error: null };
  const told = [[null, 'queued'], ['queued', 'running'], ['running', 'queued'], ['running', 'succeeded'], ['running', 'failed'], ['queued', 'cancelled']] as const;
  assert.deepEqual(told.map(([from, to]) => changeText({ ...change, from, to })), ['Accepted', 'Attempt 1 began', 'Back in the queue', 'Done', 'Failed for good', 'Cancelled']);
  assert.equal(changeText({ ...change, from: 'running', to: 'running', reclaims: 1 }), 'Taken from a worker that vanished');
  assert.deepEqual(['queued', 'running', 'succeeded', 'failed', 'cancelled'].map((state) => isOver({ ...job(1, null), state })), [false, false, true, true, true]);
});

test('the palette finds what has all words, and what begins with them first', () => {
  const items = ['Old Books', 'Books', 'Games'].map((title) => ({ key: title, title, about: `${title.toLowerCase()} · Ready` }));
  const titles = (query: string, most = 9) => search(items, query, most).map((item) => item.title);
  assert.deepEqual(titles('bo'), ['Books', 'Old Books']);
  assert.deepEqual(titles('ready old'), ['Old Books']);
  assert.deepEqual(titles('', 2), ['Old Books', 'Books']);
  assert.deepEqual(titles('shoes'), []);
});
