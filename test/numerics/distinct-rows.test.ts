import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createDistinctRows } from '../../lib/numerics/distinct-rows.ts';
import { createStream } from '../../lib/numerics/stream.ts';

/** Rows of small integers, with many repeats among them. */
const createFill = (seed: number, values: number) => {
  const stream = createStream({ seed, purpose: 1 });
  return (n: number, out: Float64Array): void => {
    stream.fill(n, out);
    for (const [i, u] of out.entries()) out[i] = Math.floor(u * values);
  };
};

test('the distinct rows are those that a set of all rows seen before does not hold', () => {
  fc.assert(
    fc.property(
      fc.maxSafeNat(),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 12 }),
      (seed, width, values) => {
        const fill = createFill(seed, values);
        const seen = new Set<string>();
        const expected: number[] = [];
        const row = new Float64Array(width);
        for (let n = 0; n < 400; n++) {
          fill(n, row);
          if (!seen.has(row.join())) expected.push(n);
          seen.add(row.join());
        }

        const rows = createDistinctRows({ width, fill, repeats: 10_000 });
        const actual = expected.map((_, k) => rows.at(k));

        assert.deepEqual(actual, expected);
      },
    ),
    { seed: 6 },
  );
});

test('an earlier row is the same when it is asked for after a later one', () => {
  const inOrder = createDistinctRows({ width: 2, fill: createFill(1, 50), repeats: 1000 });
  const backwards = createDistinctRows({ width: 2, fill: createFill(1, 50), repeats: 1000 });
  const ranks = Array.from({ length: 300 }, (_, k) => k);

  const late = ranks.toReversed().map((k) => backwards.at(k));

  assert.deepEqual(
    late.reverse(),
    ranks.map((k) => inOrder.at(k)),
  );
});

test('a limit of repeats in a row ends the search for good', () => {
  const fill = (n: number, out: Float64Array): void => {
    out[0] = n < 5 ? 0 : n;
  };

  const patient = createDistinctRows({ width: 1, fill, repeats: 4 });
  assert.deepEqual([patient.at(0), patient.at(1), patient.at(2)], [0, 5, 6]);

  const impatient = createDistinctRows({ width: 1, fill, repeats: 3 });
  assert.deepEqual([impatient.at(0), impatient.at(1), impatient.at(2)], [0, null, null]);
  assert.equal(impatient.at(0), 0);
});

test('rows that differ in one bit are different', () => {
  const fill = (n: number, out: Float64Array): void => {
    out[0] = 1 + n * 2 ** -52;
  };

  const rows = createDistinctRows({ width: 1, fill, repeats: 0 });

  assert.equal(rows.at(5000), 5000);
});
