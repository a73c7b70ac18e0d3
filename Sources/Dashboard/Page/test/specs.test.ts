import assert from 'node:assert/strict';
import test from 'node:test';
import type { Version } from '../src/api/schema';
import { formatSchedule, parseSchedule, scheduleProblem } from '../src/text/schedule';
import { compareVersions, upgradesOf } from '../src/text/versions';

test('versions are numbers, not text', () => {
  assert.deepEqual(['1.10.0', '1.2.0', '1.2.1'].sort(compareVersions), ['1.2.0', '1.2.1', '1.10.0']);
  assert.equal(compareVersions('1.2.0', '1.2.0'), 0);
  assert.ok(compareVersions('1.2.0-rc1', '1.2.0') < 0);
});

test('only newer versions of its engine are offered, newest first', () => {
  const version = (engine: Version['engine'], version: string): Version => ({ engine, version, appVersion: '1', current: false });
  const all = [version('woocommerce', '1.1.0'), version('woocommerce', '1.3.0'), version('medusa', '9.0.0'), version('woocommerce', '1.20.0')];
  assert.deepEqual(upgradesOf({ engine: 'woocommerce', version: '1.1.0' }, all).map((one) => one.version), ['1.20.0', '1.3.0']);
  assert.deepEqual(upgradesOf({ engine: 'woocommerce', version: null }, all), []);
});

test('a schedule is the same after a form', () => {
  const week = parseSchedule('Mo-Fr 08:00-20:00 Europe/Berlin')!;
  assert.deepEqual([...week.days], ['Mo', 'Tu', 'We', 'Th', 'Fr']);
  assert.equal(formatSchedule(week), 'Mo,Tu,We,Th,Fr 08:00-20:00 Europe/Berlin');
  assert.deepEqual([...parseSchedule('Sa-Mo,We 22:00-06:00 UTC')!.days], ['Sa', 'Su', 'Mo', 'We']);
  for (const wrong of ['', 'Mo', 'Mo 8-20 UTC', 'Xx 08:00-20:00 UTC', 'Mo 08:00-20:00', 'Mo 08:00-20:00 Europe/Berlin now']) assert.equal(parseSchedule(wrong), null);
});

test('a schedule that cannot be is told before it is asked for', () => {
  const good = parseSchedule('Mo 08:00-20:00 UTC')!;
  assert.equal(scheduleProblem(good), null);
  for (const wrong of [{ days: new Set<never>() }, { start: '' }, { end: '08:00' }, { zone: 'CET' }]) assert.ok(scheduleProblem({ ...good, ...wrong }));
});
