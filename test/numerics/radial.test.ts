import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { besselK } from '../../lib/numerics/bessel.ts';
import { logGamma } from '../../lib/numerics/gamma.ts';
import { createMatern, createRbf } from '../../lib/numerics/radial.ts';
import { relativeError } from '../helpers/relative-error.ts';
import tables from '../oracles/bessel.oracle.json' with { type: 'json' };

/** Doubles below this have fewer digits than the tolerances ask for. */
const SUBNORMAL = 1e-307;

const smoothness = fc.oneof(
  fc.double({ min: 1e-3, max: 60, noNaN: true }),
  fc.double({ min: 40, max: 1e6, noNaN: true }),
  fc.constantFrom(0.5, 1, 1.5, 2, 2.5, 50, Number.MAX_VALUE, Number.POSITIVE_INFINITY),
);
const anyDistance = fc.double({ min: 0, noNaN: true });

test('Matérn covariances agree with 60-digit values to 1e-13', () => {
  for (const [nu, r, expected] of tables.radial) {
    assert.ok(r != null && expected != null);
    const actual = createMatern(nu ?? Number.POSITIVE_INFINITY).value(r);
    const error =
      expected < SUBNORMAL ? Math.abs(actual - expected) : relativeError(actual, expected);

    assert.ok(error < 1e-13, `k(${r}) of nu ${nu}`);
  }
});

test('slopes of Matérn covariances agree with 60-digit values to 3e-13', () => {
  for (const [nu, r, , expected] of tables.radial) {
    // So near 0 a slope that diverges counts as 0, which has a test of its own.
    if (r != null && r <= 1e-150 && nu != null && nu <= 1) continue;
    assert.ok(r != null && expected != null);
    const actual = createMatern(nu ?? Number.POSITIVE_INFINITY).slope(r);
    const error =
      expected > -SUBNORMAL ? Math.abs(actual - expected) : relativeError(actual, expected);

    assert.ok(error < 3e-13, `k'(${r})/${r} of nu ${nu}`);
  }
});

test('a table agrees with the formula to 1e-13 wherever r falls', () => {
  const order = fc.double({ min: 0.05, max: 9, noNaN: true });
  const distance = fc.double({ min: 1e-3, max: 20, noNaN: true });
  fc.assert(
    fc.property(order, fc.array(distance, { minLength: 1 }), (nu, distances) => {
      const { value, slope } = createMatern(nu);
      for (const r of distances) {
        const z = Math.sqrt(2 * nu) * r;
        const scale = (2 * (z / 2) ** nu) / Math.exp(logGamma(nu));

        assert.ok(relativeError(value(r), scale * besselK(nu, z)) < 1e-13);
        assert.ok(
          relativeError(slope(r), ((-2 * nu * scale) / z) * besselK(Math.abs(nu - 1), z)) < 1e-13,
        );
      }
    }),
    { seed: 1 },
  );
});

test('closed forms agree with their neighbours in nu', () => {
  for (const nu of [0.5, 1.5, 2.5]) {
    for (const r of [1e-6, 0.1, 1, 4]) {
      const closed = createMatern(nu);
      const beside = createMatern(nu + 1e-12);

      assert.ok(relativeError(beside.value(r), closed.value(r)) < 1e-10);
      assert.ok(relativeError(beside.slope(r), closed.slope(r)) < 1e-10);
    }
  }
});

test('with growing nu the covariance tends to exp(−r² / 2)', () => {
  const limit = createRbf();
  let distanceBefore = Number.POSITIVE_INFINITY;
  for (const nu of [10, 49, 51, 1e3, 1e5, 1e7]) {
    const { value } = createMatern(nu);
    const distance = Math.max(
      ...[0.1, 0.5, 1, 1.7, 3].map((r) => Math.abs(value(r) - limit.value(r))),
    );

    assert.ok(distance < 0.3 / nu && distance < distanceBefore, `nu ${nu}`);
    distanceBefore = distance;
  }
});

test('of any smoothness a covariance is 1 at 0 and within [0, 1], its slope at most 0 and finite', () => {
  fc.assert(
    fc.property(smoothness, anyDistance, (nu, r) => {
      const { value, slope } = createMatern(nu);

      assert.equal(value(0), 1);
      assert.ok(value(r) >= 0 && value(r) <= 1);
      for (const each of [slope(0), slope(r)]) assert.ok(each <= 0 && Number.isFinite(each));
    }),
    { seed: 2, numRuns: 300 },
  );
});

test('a covariance falls with the distance', () => {
  const distance = fc.double({ min: 0, max: 50, noNaN: true });
  fc.assert(
    fc.property(smoothness, distance, distance, (nu, a, b) => {
      const { value } = createMatern(nu);

      // Rounding may lift the farther of two that are near each other.
      assert.ok(value(Math.max(a, b)) <= value(Math.min(a, b)) * (1 + 1e-12));
    }),
    { seed: 3 },
  );
});

test('the slope is the derivative over r', () => {
  const step = 1e-4;
  for (const nu of [0.01, 0.3, 0.5, 0.9, 1, 1.3, 1.5, 1.9, 2.5, 7.7, 49, 51, 1e4, 1e300]) {
    const { value, slope } = createMatern(nu);
    for (const r of [0.05, 0.4, 1, 2.5]) {
      const difference = (value(r + step) - value(r - step)) / (2 * step * r);

      assert.ok(Math.abs(slope(r) - difference) < 1e-4 * (1 + Math.abs(difference)), `nu ${nu}`);
    }
  }
});

test('the slope at 0 is its limit where nu is above 1', () => {
  for (const nu of [1.1, 1.5, 1.9, 2.5, 4.4, 49, 51, 1e9]) {
    const { slope } = createMatern(nu);

    assert.ok(relativeError(slope(0), -nu / (nu - 1)) < 1e-14, `nu ${nu}`);
    assert.ok(nu < 1.5 || relativeError(slope(1e-9), slope(0)) < 1e-8, `nu ${nu}`);
  }
  assert.equal(createRbf().slope(0), -1);
});

test('a slope that diverges at 0 counts as 0 there, and leaves no trace at tiny distances', () => {
  for (const nu of [0.01, 0.3, 0.5, 0.9, 1]) {
    const { slope } = createMatern(nu);

    assert.equal(slope(0), 0);
    assert.equal(slope(1e-200), 0);
    assert.ok(slope(1e-140) * 1e-280 > -1e-2);
  }
});

test('a covariance that no number has is refused', () => {
  for (const nu of [0, -1, Number.NaN]) assert.throws(() => createMatern(nu));
});
