import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  createMultipleOf,
  createQuantise,
  MULTIPLES_MAX,
  multiplesInside,
} from '../../lib/matrix/quantise.ts';

const INSIDE = [
  { low: 0, high: 1, q: 0.1, first: 0, last: 10 },
  { low: 0.3, high: 0.7, q: 0.1, first: 3, last: 7 },
  { low: -0.3, high: 0.3, q: 0.1, first: -3, last: 3 },
  { low: 0.31, high: 0.69, q: 0.1, first: 4, last: 6 },
  { low: 1, high: 2, q: 5, first: 1, last: 0 },
  { low: -0.4, high: 0.4, q: 1, first: 0, last: 0 },
  { low: 1e-300, high: 1e-299, q: 1e-300, first: 1, last: 10 },
  { low: 1e22, high: 1.1e22, q: 1e21, first: 10, last: 11 },
  { low: 0.1, high: 100, q: 1e-9, first: 1e8, last: 1e11 },
];

for (const { first, last, ...steps } of INSIDE) {
  test(`the multiples of ${steps.q} between ${steps.low} and ${steps.high} are ${first} to ${last} times it`, () => {
    assert.deepEqual(multiplesInside(steps), { first, last });
  });
}

const MULTIPLES: readonly (readonly [number, number, number])[] = [
  [3, 0.1, 0.3],
  [-7, 0.1, -0.7],
  [0, 0.1, 0],
  [-0, 0.1, 0],
  [29, 0.01, 0.29],
  [3, 1e-5, 3e-5],
  [7, 1e-25, 7e-25],
  [3, 1e21, 3e21],
  [12, 3e25, 3.6e26],
  [3, 0.12345678901234566, 0.37037036703703696],
  [5, 16, 80],
];

for (const [k, q, expected] of MULTIPLES) {
  test(`${k} times ${q} is ${expected}`, () => {
    assert.equal(createMultipleOf(q)(k), expected);
  });
}

test('a multiple is the double nearest to the product of the decimals', () => {
  const places = fc.integer({ min: 0, max: 25 });
  const k = fc.integer({ min: -(2 ** 40), max: 2 ** 40 });
  const digits = fc.integer({ min: 1, max: 999_999 });
  fc.assert(
    fc.property(k, digits, places, (count, coefficient, exponent) => {
      const q = Number(`${coefficient}e-${exponent}`);
      const expected = Number(`${BigInt(count) * BigInt(coefficient)}e-${exponent}`);

      assert.equal(createMultipleOf(q)(count), expected);
    }),
    { seed: 1, numRuns: 1000 },
  );
});

const ROUNDINGS: readonly (readonly [number, number])[] = [
  [0.24, 0],
  [0.25, 0],
  [0.26, 0.5],
  [0.75, 1],
  [1.25, 1],
  [1.9, 1.5],
  [-0.25, 0],
  [-3, -1],
];

for (const [x, expected] of ROUNDINGS) {
  test(`${x} becomes ${expected} in steps of 0.5 between -1.2 and 1.9`, () => {
    assert.equal(createQuantise({ low: -1.2, high: 1.9, q: 0.5 })(x), expected);
  });
}

test('a number whose multiples doubles cannot tell apart stays as it is', () => {
  const quantise = createQuantise({ low: 0, high: Number.MAX_VALUE, q: 1e-300 });

  assert.equal(quantise(12.5), 12.5);
  assert.equal(quantise(Number.MAX_VALUE), Number.MAX_VALUE);
});

test('the largest double is rounded to a finite multiple', () => {
  const quantise = createQuantise({ low: -Number.MAX_VALUE, high: Number.MAX_VALUE, q: 1e308 });

  assert.equal(quantise(Number.MAX_VALUE), 1e308);
  assert.equal(quantise(-Number.MAX_VALUE), -1e308);
});

test('neighbouring multiples are different doubles up to the limit', () => {
  for (const q of [0.1, 1, 1e-7, 3e20, 1.7e-300]) {
    const multipleOf = createMultipleOf(q);
    assert.ok(multipleOf(MULTIPLES_MAX) > multipleOf(MULTIPLES_MAX - 1));
    assert.ok(multipleOf(MULTIPLES_MAX - 1) > multipleOf(MULTIPLES_MAX - 2));
  }
});
