import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createStream } from '../../lib/numerics/stream.ts';
import { weightedOrder } from '../../lib/numerics/weighted-order.ts';

const orderOf = (seed: number, weights: readonly number[][], take: number): number[] => {
  const stream = createStream({ seed, purpose: 1 });
  return [
    ...weightedOrder({
      weights: weights.map((axis) => Float64Array.from(axis)),
      uniform: (cell) => stream.uniform(cell, 0),
      take,
    }),
  ];
};

test('a full order holds every cell of the grid once, and a part of it is its beginning', () => {
  const axis = fc.array(fc.double({ min: 1e-300, max: 1, noNaN: true }), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.array(axis, { maxLength: 4 }), (seed, weights) => {
      const cells = weights.reduce((product, { length }) => product * length, 1);
      const order = orderOf(seed, weights, cells);

      assert.deepEqual(
        order.toSorted((a, b) => a - b),
        Array.from({ length: cells }, (_, cell) => cell),
      );
      assert.deepEqual(orderOf(seed, weights, cells >> 1), order.slice(0, cells >> 1));
    }),
    { seed: 5 },
  );
});

test('cells whose races end at the same time come in the order of their numbers', () => {
  const weights = [new Float64Array(6).fill(1)];

  const order = weightedOrder({ weights, uniform: (cell) => (cell < 2 ? 0.75 : 0.25), take: 5 });

  assert.deepEqual([...order], [2, 3, 4, 5, 0]);
});

test('orders are as likely as drawing without replacement in proportion to the weights makes them', () => {
  const weights = [0.6, 0.3, 0.1];
  const draws = 20_000;
  const counts = new Map<string, number>();
  for (let seed = 0; seed < draws; seed++) {
    const order = orderOf(seed, [weights], 3).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }

  let chiSquare = 0;
  for (const order of ['012', '021', '102', '120', '201', '210']) {
    const [a = 0, b = 0] = [...order].map((cell) => weights[Number(cell)]);
    const expected = (draws * a * b) / (1 - a);
    chiSquare += ((counts.get(order) ?? 0) - expected) ** 2 / expected;
  }

  // The 0.999 quantile of chi-square with 5 degrees of freedom.
  assert.ok(chiSquare < 20.5, `chi-square ${chiSquare}`);
});
