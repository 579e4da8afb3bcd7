import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Prior } from '../../../lib/optimizers/bayes/priors.ts';
import {
  aroundPrior,
  gammaPrior,
  jointPrior,
  WEAK_PRIOR,
  wideningPrior,
} from '../../../lib/optimizers/bayes/priors.ts';

const PRIORS: Readonly<Record<string, Prior>> = {
  'around a length scale': aroundPrior(Math.log(0.4), 1),
  weak: WEAK_PRIOR,
  'that widens with 16 dimensions': wideningPrior(16),
  'that widens with 100 dimensions': wideningPrior(100),
  'of one length scale for three parameters': jointPrior([
    { prior: WEAK_PRIOR },
    { prior: WEAK_PRIOR },
    { prior: wideningPrior(16) },
  ]),
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
  {
    name: 'the log-normal one of a length scale in 25 dimensions',
    prior: wideningPrior(25),
    density: (l: number) => Math.exp(-((Math.log(l) - Math.SQRT2 - Math.log(5)) ** 2) / 6) / l,
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

test('length scales are expected to grow with the square root of the dimensions', () => {
  const peakOf = (dimensions: number): number => {
    const { slope } = wideningPrior(dimensions);
    let [low, high] = [-20, 20];
    while (high - low > 1e-10) {
      const middle = (low + high) / 2;
      [low, high] = slope(middle) > 0 ? [middle, high] : [low, middle];
    }
    return Math.exp(low);
  };

  assertClose(peakOf(64) / peakOf(16), 2, 1e-8);
});
