import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logGamma, reciprocalGammaParts, stirlingRest } from '../../lib/numerics/gamma.ts';
import { relativeError } from '../helpers/relative-error.ts';
import tables from '../oracles/bessel.oracle.json' with { type: 'json' };

test('log-gamma agrees with 60-digit values to 2e-15, near its zeros too', () => {
  for (const [x = Number.NaN, expected = Number.NaN] of tables.logGamma) {
    assert.ok(relativeError(logGamma(x), expected) < 2e-15, `log Gamma(${x})`);
  }
});

test('log-gamma of a whole number is the logarithm of a factorial', () => {
  let factorial = 1;
  for (let n = 1; n <= 170; n++) {
    assert.ok(relativeError(logGamma(n), Math.log(factorial)) < 2e-15, `log Gamma(${n})`);
    factorial *= n;
  }
});

test('log-gamma is infinite only where the result is above the largest double', () => {
  assert.ok(Number.isFinite(logGamma(Number.MIN_VALUE)));
  assert.ok(Number.isFinite(logGamma(2.5e305)));
  assert.equal(logGamma(Number.MAX_VALUE), Number.POSITIVE_INFINITY);
  assert.equal(logGamma(Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY);
});

test('log-gamma is of numbers above 0', () => {
  for (const x of [0, -1, Number.NaN]) assert.throws(() => logGamma(x));
});

test('the parts of 1 / Gamma(1 + z) give both it and 1 / Gamma(1 − z)', () => {
  for (const z of [1e-9, 0.1, 0.3, 0.5]) {
    const { even, odd } = reciprocalGammaParts(z);

    assert.ok(relativeError(even + z * odd, Math.exp(-logGamma(1 + z))) < 1e-15);
    assert.ok(relativeError(even - z * odd, Math.exp(-logGamma(1 - z))) < 1e-15);
  }
});

test('Stirling’s formula and what it lacks give log-gamma', () => {
  for (const x of [12, 30.5, 170]) {
    const formula = (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2;

    assert.ok(relativeError(formula + stirlingRest(x), logGamma(x)) < 1e-15);
  }
});
