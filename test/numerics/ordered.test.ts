import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { upperBound } from '../../lib/numerics/ordered.ts';

test('the upper bound is the number of items that are not above', () => {
  const small = fc.integer({ min: 0, max: 9 });
  fc.assert(
    fc.property(fc.array(small), small, (items, x) => {
      const sorted = Float64Array.from(items).sort();

      assert.equal(upperBound(sorted, x), items.filter((item) => item <= x).length);
    }),
    { seed: 4 },
  );
});
