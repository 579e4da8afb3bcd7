import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readStanding } from '../../../bench/cost/template.ts';

test('the bench has a price for every type of resource in the template of a stack', () => {
  const { unknown, alarms, polledQueues, sweeps } = readStanding();

  assert.deepEqual(unknown, []);
  assert.ok(alarms > 0 && polledQueues > 0 && sweeps > 0);
});
