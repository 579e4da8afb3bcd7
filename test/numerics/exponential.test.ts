import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decay } from '../../lib/numerics/exponential.ts';

test('the exponential of a number up to 0 is that of the engine but for the last bits', () => {
  fc.assert(
    fc.property(fc.double({ min: -707, max: 0, noNaN: true }), (x) => {
      assert.ok(Math.abs(decay(x) / Math.exp(x) - 1) <= 6e-16, `${x}`);
    }),
    { numRuns: 2_000 },
  );
});

test('the exponential of 0 is 1, and far below it is 0', () => {
  assert.deepEqual([0, -0, -709, -1e300, Number.NEGATIVE_INFINITY].map(decay), [1, 1, 0, 0, 0]);
});
