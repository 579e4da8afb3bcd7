import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  logExpectedImprovement,
  logExpectedImprovementSlope,
  normalCdf,
  normalFromUniform,
  normalLogCdf,
  normalLogCdfSlope,
  normalLogDensity,
  normalQuantile,
} from '../../lib/numerics/normal.ts';
import { relativeError } from '../helpers/relative-error.ts';
import tables from '../oracles/normal.oracle.json' with { type: 'json' };

/** Below this, doubles have fewer digits than the tolerance asks for. */
const SUBNORMAL = 1e-307;

test('the normal distribution function agrees with 50-digit values to 1e-15', () => {
  for (const [x = Number.NaN, expected = Number.NaN] of tables.cdf) {
    const tolerance = expected < SUBNORMAL ? 1e-3 : 1e-15;
    assert.ok(relativeError(normalCdf(x), expected) < tolerance, `Phi(${x})`);
  }
});

test('the normal quantile agrees with 50-digit values to 1e-15', () => {
  for (const [p = Number.NaN, expected = Number.NaN] of tables.quantile) {
    assert.ok(relativeError(normalQuantile(p), expected) < 1e-15, `quantile(${p})`);
  }
});

test('the normal distribution function and the quantile have their limits at the ends', () => {
  assert.equal(normalCdf(Number.NEGATIVE_INFINITY), 0);
  assert.equal(normalCdf(Number.POSITIVE_INFINITY), 1);
  assert.equal(normalCdf(Number.NaN), Number.NaN);
  assert.equal(normalQuantile(0), Number.NEGATIVE_INFINITY);
  assert.equal(normalQuantile(1), Number.POSITIVE_INFINITY);
});

test('the normal distribution function rises without jumps', () => {
  let before = 0;
  for (let i = -4100; i <= 4100; i++) {
    const now = normalCdf(i / 100);
    assert.ok(now >= before, `at ${i / 100}`);
    before = now;
  }
});

test('a normal variable from a uniform one is finite, rises and is symmetric', () => {
  const uniforms = [0, 2 ** -53, 1e-9, 0.1, 0.25, 0.4999, 0.5].map((u) => Math.floor(u * 2 ** 53));
  let before = Number.NEGATIVE_INFINITY;
  for (const cell of uniforms) {
    const value = normalFromUniform(cell / 2 ** 53);
    const mirrored = normalFromUniform((2 ** 53 - 1 - cell) / 2 ** 53);

    assert.ok(Number.isFinite(value) && value > before);
    assert.equal(mirrored, -value);
    before = value;
  }
});

/** What has no more digits than a subnormal double is left out. */
const rowsOf = (table: readonly (readonly number[])[]): readonly (readonly [number, number])[] =>
  table
    .map(([z = Number.NaN, expected = Number.NaN]) => [z, expected] as const)
    .filter(([, expected]) => expected === 0 || Math.abs(expected) > SUBNORMAL);

test('log phi agrees with 50-digit values to 1e-15', () => {
  for (const [z, expected] of rowsOf(tables.logDensity)) {
    assert.ok(relativeError(normalLogDensity(z), expected) < 1e-15, `log phi(${z})`);
  }
});

test('log Phi agrees with 50-digit values to 1e-15, far below 0 too', () => {
  for (const [z, expected] of rowsOf(tables.logCdf)) {
    assert.ok(relativeError(normalLogCdf(z), expected) < 1e-15, `log Phi(${z})`);
  }
  assert.ok(relativeError(normalLogCdf(-10), -53.2312851505125) < 1e-14);
  assert.ok(relativeError(normalLogCdf(-40), -804.608442013754) < 1e-14);
});

test('the derivative of log Phi agrees with 50-digit values to 1e-15', () => {
  for (const [z, expected] of rowsOf(tables.logCdfSlope)) {
    assert.ok(relativeError(normalLogCdfSlope(z), expected) < 1e-15, `phi/Phi(${z})`);
  }
});

test('the logarithm of the expected improvement agrees with 50-digit values to 1e-15', () => {
  for (const [z, expected] of rowsOf(tables.logExpectedImprovement)) {
    // Relative where it is large; it passes through 0 near z = 0.9.
    const error = Math.abs(logExpectedImprovement(z) - expected) / Math.max(1, Math.abs(expected));
    assert.ok(error < 1e-15, `log EI(${z})`);
  }
});

test('the derivative of the logarithm of the expected improvement agrees with 50-digit values to 1e-15', () => {
  for (const [z, expected] of rowsOf(tables.logExpectedImprovementSlope)) {
    assert.ok(relativeError(logExpectedImprovementSlope(z), expected) < 1e-15, `at ${z}`);
  }
});

test('logarithms and their derivatives have their limits at the ends, and pass NaN on', () => {
  const cases = [
    { f: normalLogDensity, below: Number.NEGATIVE_INFINITY, above: Number.NEGATIVE_INFINITY },
    { f: normalLogCdf, below: Number.NEGATIVE_INFINITY, above: 0 },
    { f: normalLogCdfSlope, below: Number.POSITIVE_INFINITY, above: 0 },
    {
      f: logExpectedImprovement,
      below: Number.NEGATIVE_INFINITY,
      above: Number.POSITIVE_INFINITY,
    },
    { f: logExpectedImprovementSlope, below: Number.POSITIVE_INFINITY, above: 0 },
  ];
  for (const { f, below, above } of cases) {
    assert.equal(f(Number.NEGATIVE_INFINITY), below, f.name);
    // Neither zero is minded.
    assert.ok(f(Number.POSITIVE_INFINITY) === above, f.name);
    assert.equal(f(Number.NaN), Number.NaN, f.name);
  }
});

test('logarithms rise, and their derivatives are never NaN or below 0, over all doubles', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];

      for (const f of [normalLogCdf, logExpectedImprovement]) {
        // Rounding may swap two that are near each other.
        const isNear = relativeError(f(low), f(high)) < 1e-14;
        assert.ok(f(low) <= f(high) || isNear, f.name);
      }
      for (const f of [normalLogCdfSlope, logExpectedImprovementSlope]) assert.ok(f(a) >= 0);
    }),
    { seed: 1, numRuns: 1_000 },
  );
});

test('the logarithms pass through 0, where their forms change, without a jump', () => {
  const functions = [
    normalLogCdf,
    normalLogCdfSlope,
    logExpectedImprovement,
    logExpectedImprovementSlope,
  ];
  for (const f of functions) assert.ok(relativeError(f(1e-300), f(-1e-300)) < 1e-15, f.name);
});
