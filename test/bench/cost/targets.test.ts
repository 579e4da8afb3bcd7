import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reached, TARGETS } from '../../../bench/cost/targets.ts';

test('a figure reaches the furthest step that it is as good as', () => {
  const units = [6.01, 6, 3, 1.1].map((value) => reached(TARGETS.writeUnits, value));
  const pairs = [59, 60, 500, 8_000].map((value) => reached(TARGETS.pairsPerSecond, value));

  assert.deepEqual(units, ['missed', 'first', 'strong', 'moonshot']);
  assert.deepEqual(pairs, ['missed', 'first', 'strong', 'moonshot']);
});
