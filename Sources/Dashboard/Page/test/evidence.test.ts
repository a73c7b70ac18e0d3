import assert from 'node:assert/strict';
import test from 'node:test';
import { plainText, sections } from '../src/text/evidence';

const evidence = {
  log: [], namespace: [], volumes: { data: 'Bound' }, workloads: ['mysql: 0 of 1 ready'],
  pods: [{ name: 'mysql-0', phase: 'Pending', conditions: ['Ready=False : '], containers: ['mysql: 0 restarts, waiting: ImagePullBackOff'] }, { name: 'web', conditions: [], containers: [] }],
  warnings: ['2026-01-31T12:00:00Z Pod mysql-0 Failed: no such image'],
};

test('what the cluster said stands in lines, under headings, without what is empty', () => {
  assert.deepEqual(sections(evidence), [
    { title: 'Pods', lines: ['mysql-0: Pending', '  Ready=False : ', '  mysql: 0 restarts, waiting: ImagePullBackOff', 'web'] },
    { title: 'Workloads', lines: ['mysql: 0 of 1 ready'] },
    { title: 'Volumes', lines: ['data: Bound'] },
    { title: 'Warnings', lines: ['2026-01-31T12:00:00Z Pod mysql-0 Failed: no such image'] },
  ]);
  assert.equal(plainText(sections({ workloads: ['a', 'b'], log: ['x'] })), 'Workloads\n  a\n  b\n\nLast lines of its log\n  x\n');
});

test('evidence of another form is no reason to fail', () => {
  assert.deepEqual(sections({}), []);
  assert.deepEqual(sections({ pods: 'x', volumes: null, log: [null, 3] }), []);
});
