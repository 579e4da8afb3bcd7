import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Prior } from '../../../lib/optimizers/bayes/priors.ts';
import { aroundPrior, gammaPrior, WEAK_PRIOR } from '../../../lib/optimizers/bayes/priors.ts';

const PRIORS: Readonly<Record<string, Prior>> = {
  'around a length scale': aroundPrior(Math.log(0.4), 1),
  weak: WEAK_PRIOR,
  'of a signal variance': gammaPrior(2, 1),
  'of a noise variance': gammaPrior(1.1, 30),
};

function assertClose(actual: number, expected: number, tolerance: number): void {
  const error = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  assert.ok(error <= tolerance, `${actual} instead of ${expected}`);
}

for (const [name, { at, slope }] of Object.entries(PRIORS)) {
  test(`the slope of the prior ${name} is the one of its logarithm`, () => {
    const step = 1e-5;
    fc.assert(
      fc.property(fc.double({ min: -5, max: 5, noNaN: true }), (x) => {
        assertClose(slope(x), (at(x + step) - at(x - step)) / (2 * step), 1e-6);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test(`the prior ${name} has one peak`, () => {
    const slopes = Array.from({ length: 401 }, (_, i) => slope(-10 + i / 20));
    const turns = slopes.slice(1).filter((one, i) => one > 0 !== (slopes[i] ?? 0) > 0);

    assert.equal(turns.length, 1);
    assert.ok((slopes[0] ?? 0) > 0);
  });
}

test('the prior around a length scale is normal in the logarithm', () => {
  const { at } = aroundPrior(2, 0.5);

  assertClose(at(2), 0, 1e-15);
  assertClose(at(3), -2, 1e-15);
  assertClose(at(1), -2, 1e-15);
});

test('the weak prior is symmetric around a length scale of 1 and falls to both ends', () => {
  const { at } = WEAK_PRIOR;

  assertClose(at(0), -0.2, 1e-15);
  assertClose(at(1.5), at(-1.5), 1e-15);
  assert.ok(at(Math.log(0.01)) < -900 && at(Math.log(100)) < -900);
});

/** The logarithm of a density, compared with that at 1, which takes the constant away. */
const TABLES = [
  {
    name: 'Gamma(2, 1) of a variance',
    prior: gammaPrior(2, 1),
    density: (v: number) => v * Math.exp(-v),
  },
  {
    name: 'Gamma(1.1, 30) of a variance',
    prior: gammaPrior(1.1, 30),
    density: (v: number) => v ** 0.1 * Math.exp(-30 * v),
  },
];

for (const { name, prior, density } of TABLES) {
  test(`the density is ${name}`, () => {
    for (const value of [0.01, 0.1, 0.5, 2, 5, 12]) {
      const expected = Math.log(density(value) / density(1));
      assertClose(prior.at(Math.log(value)) - prior.at(0), expected, 1e-12);
    }
  });
}
