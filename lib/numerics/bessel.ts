import assert from 'node:assert/strict';
import { reciprocalGammaParts } from './gamma.ts';

/**
 * Modified Bessel functions of the second kind, K.
 *
 * | symbol | meaning |
 * |---|---|
 * | nu | the order, ≥ 0 |
 * | mu | nu less the nearest integer, \|mu\| ≤ 1/2 |
 * | x | the argument, > 0 |
 */

/** Two functions whose orders differ by 1. Neither overflows for |mu| ≤ 1/2. */
export interface Neighbours {
  /** e^x K_mu(x) */
  readonly lower: number;
  /** e^x x K_(mu + 1)(x) */
  readonly upper: number;
}

/** Where the series converges as fast as the continued fraction. */
const SERIES_TO = 2;
/** More than either needs for any mu and x: the series takes 13, the fraction 83. */
const TERMS_MAX = 500;
const PRECISION = 2 ** -54;
/** Beyond this the fraction's part of the result is below that, and rounding would make more of it. */
const FRACTION_TO = 2 ** 54;

/**
 * The neighbours for x ≤ 2, by a series in x² / 4.
 *
 * | symbol | meaning |
 * |---|---|
 * | sigma | mu log(2 / x) |
 * | c, f, p, q | of term k: c f adds to K_mu, c (p − k f) to x K_(mu + 1) / 2 |
 *
 * *Source* N. Temme, "On the numerical evaluation of the modified Bessel function of the third
 * kind", Journal of Computational Physics 19 (1975).
 */
function bySeries(mu: number, x: number): Neighbours {
  const { even, odd } = reciprocalGammaParts(mu);
  // Not the logarithm of 2 / x, which overflows where x is subnormal.
  const log = Math.LN2 - Math.log(x);
  const sigma = mu * log;
  const sine = mu === 0 ? 1 : (Math.PI * mu) / Math.sin(Math.PI * mu);
  const sinh = sigma === 0 ? 1 : Math.sinh(sigma) / sigma;
  let f = sine * (even * sinh * log - odd * Math.cosh(sigma));
  // e^sigma, to the last digit where sigma is large.
  const power = 2 ** mu * x ** -mu;
  let p = power / (2 * (even + mu * odd));
  let q = 1 / (power * 2 * (even - mu * odd));
  let c = 1;
  let lower = f;
  let upper = p;
  for (let k = 1; k < TERMS_MAX; k++) {
    f = (k * f + p + q) / (k * k - mu * mu);
    p /= k - mu;
    q /= k + mu;
    c *= (x * x) / (4 * k);
    lower += c * f;
    upper += c * (p - k * f);
    if (!(c * f > lower * PRECISION)) break;
  }
  const scale = Math.exp(x);
  return { lower: lower * scale, upper: 2 * upper * scale };
}

/**
 * The neighbours for x > 2, by Steed's way of summing a continued fraction from its front.
 *
 * | symbol | meaning |
 * |---|---|
 * | a, b | coefficients of the fraction a_1 / (b_1 + a_2 / (b_2 + …)) |
 * | h, step | the fraction so far and what its next convergent adds |
 * | s | Temme's sum, 1 + Q_1 h_1 + Q_2 (h_2 − h_1) + … |
 * | q1, q2 | two successive solutions of the recurrence that makes the Q |
 *
 * *Source* I. Thompson, A. Barnett, "Coulomb and Bessel functions of complex arguments and order",
 * Journal of Computational Physics 64 (1986), the second continued fraction.
 */
function byFraction(mu: number, x: number): Neighbours {
  const limit = Math.sqrt(Math.PI / 2 / x);
  if (x > FRACTION_TO) return { lower: limit, upper: limit * x };
  const first = 0.25 - mu * mu;
  let a = -first;
  let b = 2 * (1 + x);
  let d = 1 / b;
  let h = d;
  let step = d;
  let q1 = 0;
  let q2 = 1;
  let c = first;
  let q = first;
  let s = 1 + q * step;
  for (let k = 2; k < TERMS_MAX; k++) {
    a -= 2 * (k - 1);
    c = (-a * c) / k;
    const next = (q1 - b * q2) / a;
    q1 = q2;
    q2 = next;
    q += c * next;
    b += 2;
    d = 1 / (b + a * d);
    step *= b * d - 1;
    h += step;
    s += q * step;
    if (!(Math.abs(q * step) > s * PRECISION)) break;
  }
  const lower = limit / s;
  return { lower, upper: lower * (mu + x + 0.5 - first * h) };
}

/**
 * Returns the neighbours of one order and argument.
 *
 * @param mu - |mu| ≤ 1/2
 * @param x - above 0, finite
 * *Range* relative error below 4e-15.
 */
export const besselNeighbours = (mu: number, x: number): Neighbours =>
  x <= SERIES_TO ? bySeries(mu, x) : byFraction(mu, x);

/** No normal double is smaller than e to the minus this. */
const DECAY_STEP = 700;
/** Beyond this the recurrence takes in what decay is left, so that it overflows only where K does. */
const LARGE = 1e250;

/** e^(x − decay) K_nu(x). */
function decayed(nu: number, x: number, decay: number): number {
  assert(nu >= 0 && nu < Number.POSITIVE_INFINITY, 'the order of a Bessel function is from 0 on');
  assert(x > 0, 'the argument of a Bessel function is above 0');
  if (x === Number.POSITIVE_INFINITY) return 0;
  const steps = Math.floor(nu + 0.5);
  const mu = nu - steps;
  const pair = besselNeighbours(mu, x);
  const start = Math.exp(-Math.min(decay, DECAY_STEP));
  let rest = Math.max(decay - DECAY_STEP, 0);
  let lower = pair.lower * start;
  let upper = (pair.upper * start) / x;
  // K_(mu + k + 1) = K_(mu + k − 1) + 2 (mu + k) / x · K_(mu + k), which is stable upwards.
  for (let k = 1; k <= steps; k++) {
    const next = lower + ((2 * (mu + k)) / x) * upper;
    lower = upper;
    upper = next;
    if (upper > LARGE && rest > 0) {
      const taken = Math.min(rest, DECAY_STEP / 2);
      lower *= Math.exp(-taken);
      upper *= Math.exp(-taken);
      rest -= taken;
    }
  }
  return lower * Math.exp(-rest);
}

/**
 * Returns e^x K_nu(x).
 *
 * @param nu - from 0 on
 * @param x - above 0
 * *Asserts* that both are in their range.
 * *Cost* O(nu).
 * *Range* relative error below 1e-14 for nu up to 50; Infinity where the result is above the
 * largest double.
 */
export const besselKScaled = (nu: number, x: number): number => decayed(nu, x, 0);

/**
 * Returns K_nu(x).
 *
 * @param nu - from 0 on
 * @param x - above 0
 * *Asserts* that both are in their range.
 * *Cost* O(nu).
 * *Range* relative error below 1e-14 for nu up to 50, where the result is not subnormal; 0 and
 * Infinity where it is below the smallest or above the largest double.
 */
export const besselK = (nu: number, x: number): number => decayed(nu, x, x);
