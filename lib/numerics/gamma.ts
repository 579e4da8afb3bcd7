import assert from 'node:assert/strict';

/**
 * The gamma function.
 *
 * | symbol | meaning |
 * |---|---|
 * | x | the argument, > 0 |
 * | z | x less the nearest of 0, 1 and 2; \|z\| ≤ 1/2 |
 * | c_k | Taylor coefficients: 1 / Gamma(1 + z) = c_0 + c_1 z + c_2 z² + … |
 */

/** c_k, as test/oracles/bessel.py derives them. */
const RECIPROCAL = Float64Array.of(
  1.0,
  0.5772156649015329,
  -0.6558780715202539,
  -0.04200263503409524,
  0.16653861138229148,
  -0.04219773455554433,
  -0.009621971527876973,
  0.0072189432466631,
  -0.0011651675918590652,
  -0.00021524167411495098,
  0.0001280502823881162,
  -2.013485478078824e-5,
  -1.2504934821426706e-6,
  1.133027231981696e-6,
  -2.056338416977607e-7,
  6.116095104481416e-9,
  5.002007644469223e-9,
  -1.18127457048702e-9,
  1.0434267116911005e-10,
  7.782263439905071e-12,
  -3.696805618642206e-12,
);

/** c_first + c_(first + step) y + c_(first + 2 step) y² + …. */
function series(first: number, step: 1 | 2, y: number): number {
  let sum = 0;
  const last = RECIPROCAL.length - 1;
  for (let k = last - ((last - first) % step); k >= first; k -= step)
    sum = sum * y + RECIPROCAL[k]!;
  return sum;
}

/** The even and the odd part of a function around 0. */
export interface Parts {
  /** (f(z) + f(−z)) / 2 */
  readonly even: number;
  /** (f(z) − f(−z)) / (2 z), which has a limit at 0 */
  readonly odd: number;
}

/**
 * Returns the parts of f(z) = 1 / Gamma(1 + z), so that 1 / Gamma(1 ± z) = even ± z odd.
 *
 * @param z - |z| ≤ 1/2
 * *Range* relative error below 1e-15.
 */
export const reciprocalGammaParts = (z: number): Parts => ({
  even: series(0, 2, z * z),
  odd: series(1, 2, z * z),
});

/** log Gamma(1 + z) for |z| ≤ 1/2. */
const logGammaNearOne = (z: number): number => -Math.log1p(z * series(1, 1, z));

/** Coefficients of Stirling's series: B_2k / (2k (2k − 1)) with the numbers of Bernoulli. */
const STIRLING = Float64Array.of(
  1 / 12,
  -1 / 360,
  1 / 1260,
  -1 / 1680,
  1 / 1188,
  -691 / 360_360,
  1 / 156,
);
/** From here on the term after the last is below 1e-17. */
const STIRLING_FROM = 12;
const HALF_LOG_TWO_PI = 0.9189385332046728;

/**
 * Returns what Stirling's formula lacks: log Gamma(x) − (x − 1/2) log x + x − log(2 pi) / 2.
 *
 * @param x - from 12 on
 * *Range* absolute error below 1e-17.
 */
export function stirlingRest(x: number): number {
  const square = 1 / x / x;
  let sum = 0;
  for (let k = STIRLING.length - 1; k >= 0; k--) sum = sum * square + STIRLING[k]!;
  return sum / x;
}

/**
 * Returns log Gamma(x).
 *
 * @param x - above 0
 * *Asserts* that x is above 0.
 * *Range* relative error below 2e-15, near the zeros at 1 and 2 too; Infinity above 2.5e305.
 */
export function logGamma(x: number): number {
  assert(x > 0, 'log-gamma is of a number above 0');
  if (x < 0.5) return logGammaNearOne(x) - Math.log(x);
  if (x < 1.5) return logGammaNearOne(x - 1);
  if (x >= STIRLING_FROM) {
    // One product, so that a large x overflows only where the result does.
    return (x - 0.5) * (Math.log(x) - 1) + (HALF_LOG_TWO_PI - 0.5 + stirlingRest(x));
  }
  // Gamma(x) = (x − 1) (x − 2) … (2 + z) · Gamma(2 + z), and Gamma(2 + z) = (1 + z) Gamma(1 + z).
  let product = 1;
  let y = x;
  while (y >= 2.5) product *= --y;
  return Math.log(product) + Math.log1p(y - 2) + logGammaNearOne(y - 2);
}
