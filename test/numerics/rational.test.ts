import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Rational } from '../../lib/numerics/rational.ts';
import {
  ceil,
  divide,
  floor,
  multiply,
  roundHalfUp,
  toDouble,
  toRational,
} from '../../lib/numerics/rational.ts';

const natural = fc.bigInt({ min: 0n, max: 10n ** 40n });
const positive = fc.bigInt({ min: 1n, max: 10n ** 40n });
const rational = fc.record({ top: natural, bottom: positive });

const areEqual = (a: Rational, b: Rational): boolean => a.top * b.bottom === b.top * a.bottom;

const WRITTEN: readonly (readonly [number, Rational])[] = [
  [0, { top: 0n, bottom: 1n }],
  [3, { top: 3n, bottom: 1n }],
  [2.9, { top: 29n, bottom: 10n }],
  [1.1, { top: 11n, bottom: 10n }],
  [1e-1, { top: 1n, bottom: 10n }],
  [1e21, { top: 10n ** 21n, bottom: 1n }],
  [1.5e-7, { top: 15n, bottom: 10n ** 8n }],
  [1.618033988, { top: 1618033988n, bottom: 10n ** 9n }],
  [1.1000000000000003, { top: 11000000000000003n, bottom: 10n ** 16n }],
  [5e-324, { top: 5n, bottom: 10n ** 324n }],
];

for (const [x, expected] of WRITTEN) {
  test(`the number ${x} is the fraction that was written`, () => {
    assert.ok(areEqual(toRational(x), expected));
  });
}

test('a fraction that is read from a double names that double', () => {
  const ordinary = fc.double({ min: 2 ** -900, max: 2 ** 900, noNaN: true });
  fc.assert(
    fc.property(ordinary, (x) => {
      assert.equal(toDouble(toRational(x)), x);
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test('the integers around a fraction are the nearest ones, halves going up', () => {
  fc.assert(
    fc.property(rational, ({ top, bottom }) => {
      const [low, high] = [floor({ top, bottom }), ceil({ top, bottom })];
      const twice = 2n * (top - low * bottom);

      assert.ok(low * bottom <= top && top < (low + 1n) * bottom);
      assert.ok(high * bottom >= top && top > (high - 1n) * bottom);
      assert.equal(roundHalfUp({ top, bottom }), twice >= bottom ? low + 1n : low);
    }),
    { seed: 2, numRuns: 500 },
  );
});

for (const [top, bottom, expected] of [
  [5n, 2n, 3n],
  [7n, 2n, 4n],
  [49n, 20n, 2n],
  [51n, 20n, 3n],
  [1n, 3n, 0n],
] as const) {
  test(`${top}/${bottom} rounds to ${expected}`, () => {
    assert.equal(roundHalfUp({ top, bottom }), expected);
  });
}

test('division undoes multiplication', () => {
  fc.assert(
    fc.property(rational, positive, positive, (a, top, bottom) => {
      const b = { top, bottom };

      assert.ok(areEqual(divide(multiply(a, b), b), a));
    }),
    { seed: 3, numRuns: 200 },
  );
});

test('a fraction becomes the nearest double, and half way between two the even one', () => {
  const mantissa = fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 1n });
  const eighths = fc.bigInt({ min: -4n, max: 4n });
  const exponent = fc.bigInt({ min: 0n, max: 800n });
  fc.assert(
    fc.property(mantissa, eighths, exponent, positive, (m, part, power, factor) => {
      // Just above 2^52 the doubles below lie twice as dense.
      fc.pre(m > 2n ** 52n || part >= 0n);
      const top = (8n * m + part) * factor * 2n ** power;
      const bottom = 8n * factor * 2n ** 400n;
      const isTieToOdd = m % 2n === 1n && (part === 4n || part === -4n);
      const nearest = isTieToOdd ? m + part / 4n : m;

      assert.equal(toDouble({ top, bottom }), Number(nearest) * 2 ** (Number(power) - 400));
    }),
    { seed: 4, numRuns: 2000 },
  );
});

test('a remainder of any size decides what would be a tie', () => {
  const half = { top: 2n ** 54n + 2n, bottom: 2n };
  const tiny = 10n ** 60n;

  assert.equal(toDouble(half), 2 ** 53);
  assert.equal(toDouble({ top: half.top * tiny + 1n, bottom: half.bottom * tiny }), 2 ** 53 + 2);
});
