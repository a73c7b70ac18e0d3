import assert from 'node:assert/strict';
import test from 'node:test';
import { EventParser } from '../src/api/events';

const text = ':\n\nid: 7\nevent: store\ndata: {"name":"Ä"}\n\nevent: hello\ndata: {}\n\n';
const events = [
  { name: '', id: null, data: '' },
  { name: 'store', id: '7', data: '{"name":"Ä"}' },
  { name: 'hello', id: null, data: '{}' },
];

test('a piece can have several events', () => {
  assert.deepEqual(new EventParser().push(text), events);
});

test('a piece may end anywhere', () => {
  for (let cut = 0; cut <= text.length; cut++) {
    const parser = new EventParser();
    assert.deepEqual([...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))], events, `cut at ${cut}`);
  }
  const parser = new EventParser();
  assert.deepEqual([...text].flatMap((character) => parser.push(character)), events);
});

test('an event that has not ended is not given out', () => {
  const parser = new EventParser();
  assert.deepEqual(parser.push('event: store\ndata: {}\n'), []);
  assert.deepEqual(parser.push('\n'), [{ name: 'store', id: null, data: '{}' }]);
});

test('data of several lines is one text', () => {
  assert.deepEqual(new EventParser().push('event: log\ndata: {"a":\ndata: 1}\n\n'), [{ name: 'log', id: null, data: '{"a":\n1}' }]);
});

test('a comment and a field that nobody knows are passed over', () => {
  assert.deepEqual(new EventParser().push(': 15 s\nretry: 5\nevent: a\n\n'), [{ name: 'a', id: null, data: '' }]);
});

test('an empty id forgets the one before', () => {
  assert.deepEqual(new EventParser().push('id: \nevent: reset\n\n'), [{ name: 'reset', id: '', data: '' }]);
});
