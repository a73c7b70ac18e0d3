import assert from 'node:assert/strict';
import test from 'node:test';
import type { Channel, Delivery } from '../src/api/schema';
import { addressProblem, eventName, mailProblem, mailboxOf, outcome, stateName } from '../src/text/notices';

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
  assert.equal(stateName({ ...channel, state: 'unconfirmed' }), 'Not confirmed');
  assert.deepEqual([stateName(channel), stateName({ ...channel, failingSince: 'x' }), stateName({ ...channel, state: 'paused' })], ['Active', 'Failing', 'Paused']);
});

test('an e-mail address has both its parts', () => {
  for (const text of ['', 'ada', 'ada@localhost', 'a b@example.com', '@example.com']) assert.ok(mailProblem(text), text);
  assert.equal(mailProblem(' ada@example.com '), null);
});

test('a link from a mail is read whole, or not at all', () => {
  const token = '0123456789abcdef0123456789abcdef';
  assert.deepEqual(mailboxOf(`confirm.0123456789ab.${token}`), { stops: false, channel: '0123456789ab', token });
  assert.equal(mailboxOf(`stop.0123456789ab.${token}`)?.stops, true);
  for (const link of ['', 'confirm', `keep.0123456789ab.${token}`, `confirm.0123456789ab.${token.slice(1)}`, `confirm.0123456789ab.${token}x`]) assert.equal(mailboxOf(link), null);
});
