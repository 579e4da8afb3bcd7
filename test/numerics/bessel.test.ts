import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { besselK, besselKScaled } from '../../lib/numerics/bessel.ts';
import { relativeError } from '../helpers/relative-error.ts';
import tables from '../oracles/bessel.oracle.json' with { type: 'json' };

test('e^x K agrees with 60-digit values to 1e-14', () => {
  for (const [nu = Number.NaN, x = Number.NaN, expected = Number.NaN] of tables.scaled) {
    assert.ok(relativeError(besselKScaled(nu, x), expected) < 1e-14, `K_${nu}(${x})`);
  }
});

test('K agrees with 60-digit values to 1e-14', () => {
  for (const [nu = Number.NaN, x = Number.NaN, expected = Number.NaN] of tables.plain) {
    assert.ok(relativeError(besselK(nu, x), expected) < 1e-14, `K_${nu}(${x})`);
  }
});

test('K_1.9 agrees with the values of SciPy to 1e-13', () => {
  const known = [
    [0.1, 142.1679969264754],
    [1, 1.436076074798254],
    [2, 0.2352256194859452],
    [5, 0.00512550423749525],
  ] as const;
  for (const [x, expected] of known) assert.ok(relativeError(besselK(1.9, x), expected) < 1e-13);
});

test('K of half-integer orders agrees with its closed forms', () => {
  for (const x of [1e-3, 0.7, 2, 2.5, 40, 600]) {
    const half = Math.sqrt(Math.PI / (2 * x));

    assert.ok(relativeError(besselKScaled(0.5, x), half) < 1e-14);
    assert.ok(relativeError(besselKScaled(1.5, x), half * (1 + 1 / x)) < 1e-14);
    assert.ok(relativeError(besselKScaled(2.5, x), half * (1 + 3 / x + 3 / x ** 2)) < 1e-14);
  }
});

test('three orders that follow each other satisfy the recurrence', () => {
  const order = fc.double({ min: 1, max: 50, noNaN: true });
  const argument = fc.double({ min: 0.01, max: 500, noNaN: true });
  fc.assert(
    fc.property(order, argument, (nu, x) => {
      const [below, at, above] = [nu - 1, nu, nu + 1].map((order) => besselKScaled(order, x));

      assert.ok(below !== undefined && at !== undefined && above !== undefined);
      assert.ok(relativeError(below + ((2 * nu) / x) * at, above) < 1e-13);
    }),
    { seed: 1 },
  );
});

test('K passes through 2, where the series ends, without a jump', () => {
  for (const nu of [0, 0.3, 0.5, 1, 1.5, 20.4]) {
    const before = besselKScaled(nu, 2);
    const after = besselKScaled(nu, 2 + 2 ** -51);

    assert.ok(relativeError(after, before) < 1e-13, `nu ${nu}`);
  }
});

test('K is infinite, or 0, only where it is above the largest or below the smallest double', () => {
  assert.equal(besselK(50, 1e-8), Number.POSITIVE_INFINITY);
  assert.equal(besselK(1, Number.MIN_VALUE), Number.POSITIVE_INFINITY);
  assert.ok(relativeError(besselK(0, Number.MIN_VALUE), 744.5560034370397) < 1e-14);
  assert.equal(besselK(0, 800), 0);
  assert.equal(besselK(3.3, Number.MAX_VALUE), 0);
  for (const x of [1e9, 1e16, 1e17, 1e20, Number.MAX_VALUE]) {
    assert.ok(relativeError(besselKScaled(0.3, x), Math.sqrt(Math.PI / 2 / x)) < 1e-9);
  }
  assert.equal(besselK(3.3, Number.POSITIVE_INFINITY), 0);
  assert.ok(besselK(0, 740) > 0);
  // e^x K is above the largest double here, e^(-x) below the smallest, and K is neither.
  assert.ok(relativeError(besselK(1300, 800), 1.50641119778186e48) < 1e-12);
});

test('an order below 0 and an argument not above 0 are refused', () => {
  const refused = [
    [-0.1, 1],
    [Number.POSITIVE_INFINITY, 1],
    [Number.NaN, 1],
    [1, 0],
    [1, -1],
    [1, Number.NaN],
  ] as const;
  for (const [nu, x] of refused) {
    assert.throws(() => besselK(nu, x));
    assert.throws(() => besselKScaled(nu, x));
  }
});
