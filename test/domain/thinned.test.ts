import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { thinned } from '../../lib/domain/thinned.ts';

test('few numbers stay as they are', () => {
  assert.deepEqual(thinned([], 2), []);
  assert.deepEqual(thinned([5], 2), [0]);
  assert.deepEqual(thinned([1, 2, 4], 3), [0, 1, 2]);
});

test('of more the first, the last and those nearest to evenly spaced ones are kept', () => {
  assert.deepEqual(thinned([0, 1, 2, 3, 4, 5, 6, 7, 8], 3), [0, 4, 8]);
  assert.deepEqual(thinned([0, 1, 2, 3, 100], 3), [0, 3, 4]);

  const ascending = fc
    .uniqueArray(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 60 })
    .map((numbers) => numbers.toSorted((a, b) => a - b));
  fc.assert(
    fc.property(ascending, fc.integer({ min: 2, max: 20 }), (numbers, most) => {
      const places = thinned(numbers, most);

      assert.ok(places.length <= most);
      assert.equal(places[0], 0);
      assert.equal(places.at(-1), numbers.length - 1);
      assert.deepEqual(
        places,
        [...new Set(places)].toSorted((a, b) => a - b),
      );
    }),
    { seed: 2 },
  );
});
