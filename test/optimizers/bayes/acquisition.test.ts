import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Acquisition } from '../../../lib/domain/hptuning.ts';
import {
  expectedImprovement,
  probabilityOfImprovement,
  promiseOf,
  upperConfidenceBound,
} from '../../../lib/optimizers/bayes/acquisition.ts';
import tables from '../../oracles/gaussian-process.oracle.json' with { type: 'json' };

/** Of numbers so small that doubles lose digits, fewer are asked for. */
const SUBNORMAL = 1e-300;

function assertClose(actual: number, expected: number, tolerance: number, what: string): void {
  if (Math.abs(expected) < SUBNORMAL) {
    assert.ok(Math.abs(actual) < 2 * SUBNORMAL, `${what}: ${actual} instead of ${expected}`);
    return;
  }
  const error = Math.abs(actual - expected) / Math.abs(expected);
  assert.ok(error <= tolerance, `${what}: ${actual} instead of ${expected}`);
}

test('acquisition functions and their gradients are those of 50-digit arithmetic', () => {
  for (const { mean, sd, best, eps, ...expected } of tables.acquisitions) {
    const outlook = { mean, sd, best };
    const what = `mean ${mean}, sd ${sd}, best ${best}, eps ${eps}`;
    // An exponential turns the absolute error of its argument into a relative one.
    const tolerance = 1e-14 * (1 + Math.abs(expected.logEi));
    const logEi = promiseOf({ kind: 'ei', eps }, outlook);
    const logPoi = promiseOf({ kind: 'poi', eps }, outlook);

    assertClose(expectedImprovement(outlook, eps), expected.ei, tolerance, `ei: ${what}`);
    assertClose(probabilityOfImprovement(outlook, eps), expected.poi, tolerance, `poi: ${what}`);
    assertClose(logEi.value, expected.logEi, 1e-13, `log ei: ${what}`);
    assertClose(logEi.byMean, expected.logEiSlopes[0] ?? 0, 1e-12, `log ei by mean: ${what}`);
    assertClose(logEi.bySd, expected.logEiSlopes[1] ?? 0, 1e-12, `log ei by sd: ${what}`);
    assertClose(logPoi.value, expected.logPoi, 1e-13, `log poi: ${what}`);
    assertClose(logPoi.byMean, expected.logPoiSlopes[0] ?? 0, 1e-12, `log poi by mean: ${what}`);
    assertClose(logPoi.bySd, expected.logPoiSlopes[1] ?? 0, 1e-12, `log poi by sd: ${what}`);
  }
});

test('a known point promises what it improves by, and an improvement for certain, by chance or never', () => {
  const known = (mean: number) => ({ mean, sd: 0, best: 1 });
  const cases = [
    { mean: 3, ei: 1.5, poi: 1 },
    { mean: 1.5, ei: 0, poi: 0.5 },
    { mean: 1, ei: 0, poi: 0 },
  ];
  for (const { mean, ei, poi } of cases) {
    assert.equal(expectedImprovement(known(mean), 0.5), ei);
    assert.equal(probabilityOfImprovement(known(mean), 0.5), poi);
    assert.equal(upperConfidenceBound(known(mean), 2), mean);
  }
});

const KINDS: readonly Acquisition[] = [
  { kind: 'ucb', kappa: 2.576 },
  { kind: 'ei', eps: 0.01 },
  { kind: 'poi', eps: 0.01 },
];

test('whatever the surrogate says, what is maximised is finite and so are its slopes', () => {
  const mean = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  const sd = fc.double({ min: 0, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(mean, sd, mean, fc.constantFrom(...KINDS), (m, s, best, acquisition) => {
      const { value, byMean, bySd } = promiseOf(acquisition, { mean: m, sd: s, best });

      assert.ok([value, byMean, bySd].every(Number.isFinite), `${value}, ${byMean}, ${bySd}`);
      assert.ok(byMean >= 0);
    }),
  );
});

test('a greater mean never promises less, not even that of a known point', () => {
  for (const acquisition of KINDS) {
    for (const sd of [0, 1e-13, 1e-9, 1e-3, 1]) {
      let before = Number.NEGATIVE_INFINITY;
      for (let mean = -4; mean <= 4; mean += 1 / 16) {
        const { value } = promiseOf(acquisition, { mean, sd, best: 1 });
        assert.ok(value >= before, `${acquisition.kind}, mean ${mean}, sd ${sd}`);
        before = value;
      }
    }
  }
});

test('known points that do not improve still rank by their means', () => {
  for (const acquisition of KINDS) {
    const heightOf = (mean: number) => promiseOf(acquisition, { mean, sd: 0, best: 1 }).value;

    assert.ok(heightOf(0.9) > heightOf(0.5));
    assert.ok(heightOf(0.5) > heightOf(-3));
  }
});

test('a bound that is far off still ranks points', () => {
  const acquisition: Acquisition = { kind: 'ei', eps: 100 };
  const near = { mean: 0.2, sd: 0.1, best: 1 };
  const nearer = { mean: 0.3, sd: 0.1, best: 1 };

  assert.equal(expectedImprovement(near, 100), 0);
  assert.equal(expectedImprovement(nearer, 100), 0);
  assert.ok(promiseOf(acquisition, nearer).value > promiseOf(acquisition, near).value);
});
