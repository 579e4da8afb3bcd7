import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Optimization } from '../../../lib/domain/hptuning.ts';
import type { Outcomes } from '../../../lib/optimizers/bayes/outcomes.ts';
import { standardised, warped } from '../../../lib/optimizers/bayes/outcomes.ts';

type Transform = (objectives: Float64Array, optimization: Optimization) => Outcomes;

const TRANSFORMS: Readonly<Record<string, Transform>> = { standardised, warped };
const OPTIMIZATIONS: readonly Optimization[] = ['maximize', 'minimize'];

const momentsOf = (z: Float64Array): { readonly mean: number; readonly sd: number } => {
  const mean = z.reduce((sum, one) => sum + one / z.length, 0);
  return { mean, sd: Math.sqrt(z.reduce((sum, one) => sum + (one - mean) ** 2 / z.length, 0)) };
};

function assertNear(actual: number, expected: number, tolerance: number, what = ''): void {
  const error = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  assert.ok(error <= tolerance, `${what}: ${actual} instead of ${expected}`);
}

/** Three-digit numbers at a common scale, at least two of them different. */
const objectives = fc
  .tuple(
    fc.array(fc.integer({ min: -999, max: 999 }), { minLength: 2, maxLength: 40 }),
    fc.integer({ min: -290, max: 290 }),
  )
  .filter(([digits]) => new Set(digits).size > 1)
  .map(([digits, exponent]) => Float64Array.from(digits, (one) => Number(`${one}e${exponent}`)));
const optimizations = fc.constantFrom(...OPTIMIZATIONS);

for (const [name, transform] of Object.entries(TRANSFORMS)) {
  test(`${name} outcomes have mean 0 and standard deviation 1`, () => {
    fc.assert(
      fc.property(objectives, optimizations, (y, optimization) => {
        const { mean, sd } = momentsOf(transform(y, optimization).z);

        assertNear(mean, 0, 1e-12);
        assertNear(sd, 1, 1e-12);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test(`${name} outcomes are in the order of the objectives, the better ones above`, () => {
    fc.assert(
      fc.property(objectives, optimizations, (y, optimization) => {
        const { z } = transform(y, optimization);
        const sign = optimization === 'maximize' ? 1 : -1;

        for (const [i, one] of y.entries()) {
          for (const [j, other] of y.entries()) {
            assert.equal(
              Math.sign((z[i] ?? Number.NaN) - (z[j] ?? Number.NaN)) + 0,
              sign * Math.sign(one - other) + 0,
            );
          }
        }
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  test(`${name} outcomes lead back to the objectives`, () => {
    fc.assert(
      fc.property(objectives, optimizations, (y, optimization) => {
        const { z, toMetric } = transform(y, optimization);
        const scale = y.reduce((most, one) => Math.max(most, Math.abs(one)), 0);

        for (const [i, one] of z.entries()) {
          const { mean, sd } = toMetric(one, 0);
          assertNear(mean / scale, (y[i] ?? Number.NaN) / scale, 1e-12);
          assert.equal(sd, 0);
        }
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  test(`${name} outcomes of objectives and of their negatives, to be minimized, are the same`, () => {
    fc.assert(
      fc.property(objectives, (y) => {
        const up = transform(y, 'maximize');
        const down = transform(
          y.map((one) => -one),
          'minimize',
        );

        assert.deepEqual(down.z, up.z);
        assert.equal(down.unit, up.unit);
        assert.equal(down.toMetric(0.5, 1).mean, -up.toMetric(0.5, 1).mean);
        assert.equal(down.toMetric(0.5, 1).sd, up.toMetric(0.5, 1).sd);
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  test(`${name} outcomes do not depend on the order of the objectives`, () => {
    fc.assert(
      fc.property(objectives, optimizations, (y, optimization) => {
        const forwards = transform(y, optimization).z;
        const backwards = transform(y.slice().reverse(), optimization).z.reverse();

        for (const [i, one] of forwards.entries()) {
          assertNear(backwards[i] ?? Number.NaN, one, 1e-12);
        }
      }),
      { seed: 5, numRuns: 100 },
    );
  });

  for (const count of [1, 2, 3, 10, 1000]) {
    for (const value of [0, 0.3, -7, 1e300, 1e-300, -1e-320]) {
      test(`${name} outcomes of ${count} objectives of ${value} are all 0, in units of the metric`, () => {
        const { z, unit, toMetric } = transform(new Float64Array(count).fill(value), 'maximize');

        assert.equal(unit, 1);
        assert.ok(
          z.every((one) => Math.abs(one) < 1e-12),
          `${z[0]}`,
        );
        assertNear(toMetric(z[0] ?? 0, 0).mean, value, 1e-12);
      });
    }
  }

  test(`what is not a number is below the worst of the ${name} outcomes, for either optimization`, () => {
    for (const optimization of OPTIMIZATIONS) {
      const { z } = transform(
        Float64Array.of(3, Number.NaN, 1, 2, Number.NaN, Number.POSITIVE_INFINITY),
        optimization,
      );
      const [a = 0, bad = 0, b = 0, c = 0, ...others] = z;

      assert.ok(z.every(Number.isFinite), z.join());
      assert.ok(bad < Math.min(a, b, c), z.join());
      assert.deepEqual(others, [bad, bad]);
    }
  });

  test(`one finite objective stands out from those that are not numbers in ${name} outcomes`, () => {
    const { z, toMetric } = transform(
      Float64Array.of(Number.NaN, 5, Number.NaN, Number.NaN),
      'minimize',
    );
    const [a = 0, best = 0] = z;

    assert.ok(z.every(Number.isFinite), z.join());
    assert.ok(best > a);
    assertNear(toMetric(best, 0).mean, 5, 1e-12);
  });

  const EXTREMES = {
    'of all doubles': [-1.7e308, 0, 1.7e308],
    'of all doubles, with a gap': [-1.7e308, Number.NaN, 1.7e308, 1.6e308],
    'near the largest double': [1.7e308, 1.6e308, 1.5e308, 1.7e308],
    'of the smallest doubles': [1e-308, 2e-308, 3e-308, Number.NaN],
    'of subnormal doubles': [5e-324, 1e-323, 0, 2.5e-323],
    'of many magnitudes': [1e-300, 1, 1e300, -1e300],
    'of one outlier': [1, 2, 3, 4, 1e308],
    'of differences in the last digit': [1, 1 + Number.EPSILON, 1 - Number.EPSILON / 2],
  };

  for (const [spread, y] of Object.entries(EXTREMES)) {
    for (const optimization of OPTIMIZATIONS) {
      test(`${name} outcomes ${spread} are finite when they are to ${optimization}`, () => {
        const { z, unit, toMetric } = transform(Float64Array.from(y), optimization);
        const best = z.reduce((most, one) => Math.max(most, one));
        const { mean, sd } = toMetric(best, 0.1);

        assert.ok(z.every(Number.isFinite), z.join());
        assert.ok(Number.isFinite(mean) && Number.isFinite(sd), `${mean} ± ${sd}`);
        assert.ok(unit > 0 && Number.isFinite(unit), `${unit}`);
        for (const [i, one] of y.entries()) {
          for (const [j, other] of y.entries()) {
            const isBetter = optimization === 'maximize' ? one > other : one < other;
            if (isBetter) assert.ok((z[i] ?? 0) >= (z[j] ?? 0), z.join());
          }
        }
      });
    }
  }
}

test('a standardised unit is the standard deviation of the objectives', () => {
  const { unit, toMetric } = standardised(Float64Array.of(1, 3, 5, 7), 'minimize');

  assertNear(unit, Math.sqrt(5), 1e-14);
  assertNear(toMetric(1, 2).mean, 4 - Math.sqrt(5), 1e-14);
  assertNear(toMetric(1, 2).sd, 2 * Math.sqrt(5), 1e-14);
});

test('warping magnifies differences the more, the nearer they are to the best', () => {
  const { z } = warped(
    Float64Array.from({ length: 21 }, (_, i) => i),
    'maximize',
  );
  const better = [...z.subarray(10)];
  const gaps = better.slice(1).map((one, i) => one - (better[i] ?? 0));

  assert.equal(gaps.length, 10);
  for (const [i, gap] of gaps.slice(1).entries()) assert.ok(gap > (gaps[i] ?? 0), gaps.join());
});

test('how bad the worst is makes no difference to warped outcomes', () => {
  const bad = warped(Float64Array.of(1, 2, 3, 4, 5, -10), 'maximize').z;
  const terrible = warped(Float64Array.of(1, 2, 3, 4, 5, -1e9), 'maximize').z;

  assert.deepEqual(terrible, bad);
});

test('a standard deviation in the metric grows with that of the warped outcome', () => {
  const { z, toMetric } = warped(Float64Array.of(1, 2, 4, 8, 16, 32), 'maximize');
  const sds = [0, 0.01, 0.1, 1].map((sd) => toMetric(z[3] ?? 0, sd).sd);

  assert.equal(sds[0], 0);
  assert.deepEqual(
    sds.toSorted((a, b) => a - b),
    sds,
  );
});

test('beyond the best observation a warped mean goes on in a straight line', () => {
  const { z, toMetric } = warped(Float64Array.of(0, 1, 2), 'maximize');
  const best = z[2] ?? 0;
  const step = best - (z[1] ?? 0);

  assertNear(toMetric(best + step, 0).mean, 3, 1e-12);
});
