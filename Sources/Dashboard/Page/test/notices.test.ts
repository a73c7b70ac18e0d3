import assert from 'node:assert/strict';
import test from 'node:test';
import type { Channel, Delivery } from '../src/api/schema';
import { addressProblem, eventName, outcome, stateName } from '../src/text/notices';

const delivery: Delivery = {
  id: 'd', event: 'store.failed', store: null, status: 'waiting', attempts: 0, nextAt: null, code: null, error: null, createdAt: '', finishedAt: null,
};

test('how a delivery went is said with what came back', () => {
  assert.equal(outcome(delivery), 'On its way');
  assert.equal(outcome({ ...delivery, attempts: 1, error: 'It answered 502' }), 'Tried once, and again later: It answered 502');
  assert.equal(outcome({ ...delivery, attempts: 3, error: 'No answer in time' }), 'Tried 3 times, and again later: No answer in time');
  assert.equal(outcome({ ...delivery, status: 'delivered', code: 204 }), 'Delivered; the answer was 204');
  assert.equal(outcome({ ...delivery, status: 'failed', error: 'The channel was paused.' }), 'Not delivered: The channel was paused.');
});

test('an address that cannot be is said to be none before it is sent', () => {
  for (const text of ['', 'hooks.example.com', 'ftp://hooks.example.com', 'https://a@hooks.example.com/', 'https:// x']) assert.ok(addressProblem(text), text);
  for (const text of ['https://hooks.example.com', ' https://hooks.example.com/a?b=c ', 'HTTPS://hooks.example.com:8443/a@b']) assert.equal(addressProblem(text), null);
});

test('events and states have words, and an event of a newer server its own', () => {
  assert.equal(eventName('test'), 'A test');
  assert.equal(eventName('store.sold'), 'store.sold');
  const channel = { state: 'active', failingSince: null } as Channel;
  assert.deepEqual([stateName(channel), stateName({ ...channel, failingSince: 'x' }), stateName({ ...channel, state: 'paused' })], ['Active', 'Failing', 'Paused']);
});
