import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalCdf, normalFromUniform, normalQuantile } from '../../lib/numerics/normal.ts';
import tables from '../oracles/normal.oracle.json' with { type: 'json' };

/** Below this, doubles have fewer digits than the tolerance asks for. */
const SUBNORMAL = 1e-307;

const relativeError = (actual: number, expected: number): number =>
  expected === 0 ? Math.abs(actual) : Math.abs(actual - expected) / Math.abs(expected);

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
