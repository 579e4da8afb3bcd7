import assert from 'node:assert/strict';
import { besselNeighbours } from './bessel.ts';
import { decay } from './exponential.ts';
import { reciprocalGammaParts, stirlingRest } from './gamma.ts';

/**
 * Covariance functions of a distance.
 *
 * | symbol | meaning |
 * |---|---|
 * | r | the distance in length scales, ≥ 0 |
 * | k(r) | the covariance, k(0) = 1 |
 * | nu | smoothness of the Matérn family |
 * | z | sqrt(2 nu) r |
 * | M_a(z) | 2^(1 − a) / Gamma(a) · z^a K_a(z), so that k(r) = M_nu(z) |
 * | N_a(z) | M_a(z) / a, which is finite for a = 0 and below too |
 *
 * Source: C. Rasmussen, C. Williams, "Gaussian processes for machine learning", 2006, section
 * 4.2.1. The slope follows from d/dz (z^a K_a(z)) = −z^a K_(a − 1)(z).
 */
export interface Radial {
  /** k(r), in [0, 1]. */
  readonly value: (r: number) => number;
  /**
   * k'(r) / r, at most 0 and finite: at r = 0 its limit; where that diverges it counts as 0, from
   * 0 to 1e-150, since it is there to be multiplied by squares of distances.
   */
  readonly slope: (r: number) => number;
}

/** Returns k(r) = exp(−r² / 2). */
export const createRbf = (): Radial => ({
  value: (r) => Math.exp((-r * r) / 2),
  slope: (r) => -Math.exp((-r * r) / 2),
});

/** Up to here a slope that diverges counts as 0. */
const TOUCHING = 1e-150;

const SQRT_3 = Math.sqrt(3);
const SQRT_5 = Math.sqrt(5);
/** Polynomials at an infinite distance would be infinity times 0. */
const FAR = 1e3;

/** The Matérn covariance of smoothness 5/2, with the arithmetic of the kernels. */
export const MATERN_5_2: Radial = {
  value: (r) => (r > FAR ? 0 : (1 + SQRT_5 * r + (5 / 3) * r * r) * decay(-SQRT_5 * r)),
  slope: (r) => (r > FAR ? 0 : (-5 / 3) * (1 + SQRT_5 * r) * decay(-SQRT_5 * r)),
};

/** The members of the family that need no Bessel function. */
const CLOSED: ReadonlyMap<number, () => Radial> = new Map([
  [
    0.5,
    () => ({
      value: (r: number) => Math.exp(-r),
      slope: (r: number) => (r <= TOUCHING ? 0 : -Math.exp(-r) / r),
    }),
  ],
  [
    1.5,
    () => ({
      value: (r: number) => (r > FAR ? 0 : (1 + SQRT_3 * r) * Math.exp(-SQRT_3 * r)),
      slope: (r: number) => -3 * Math.exp(-SQRT_3 * r),
    }),
  ],
  [2.5, () => MATERN_5_2],
  [Number.POSITIVE_INFINITY, createRbf],
]);

/**
 * Returns the Matérn covariance k(r) = 2^(1 − nu) / Gamma(nu) · z^nu K_nu(z), as scikit-learn
 * defines it.
 *
 * @param nu - above 0; Infinity gives exp(−r² / 2)
 * *Asserts* that nu is above 0.
 * *Cost* below 100 ns for a value or a slope. For a nu below 50 without a closed form the first one
 * of a stretch of r fills a table for it, 12 pairs of Bessel functions.
 * *Range* any nu and r; relative error below 1e-13 of a value and 3e-13 of a slope, where neither
 * they nor r are subnormal.
 */
export function createMatern(nu: number): Radial {
  assert(nu > 0, 'the smoothness of a Matérn covariance is above 0');
  const closed = CLOSED.get(nu);
  if (closed !== undefined) return closed();
  return nu < SMOOTH_FROM ? createRough(nu) : createSmooth(nu);
}

/**
 * From here on Debye's expansion up to the eighth power of 1 / nu has the precision of doubles: its
 * relative error is below 1e-15 from 40 on.
 */
const SMOOTH_FROM = 50;
const POWERS = 8;

/** Members with a large nu, by an expansion in 1 / nu that is uniform in r. */
function createSmooth(nu: number): Radial {
  const value = createExpansion(nu);
  // N_(nu − 1)(z) is the covariance of smoothness nu − 1 where the distance has the same z.
  const below = createExpansion(nu - 1);
  const ratio = nu / (nu - 1);
  const stretch = Math.sqrt(ratio);
  return {
    value: (r) => (r === 0 ? 1 : value(r)),
    slope: (r) => -ratio * below(stretch * r),
  };
}

/**
 * Returns k for a large nu. With s = sqrt(1 + (z / nu)²), p = 1 / s and w = (s − 1) / 2 Debye's
 * expansion of K_nu and Stirling's of Gamma(nu) come to
 *
 *     k = sqrt(p) exp(nu (log(1 + w) − 2 w) − stirlingRest(nu)) · Σ (−1)^j U_j(p) / nu^j
 *
 * in which nothing is large and the limit exp(−r² / 2) is reached without a jump.
 *
 * *Source* NIST Digital Library of Mathematical Functions, 10.41.4 and 10.41.9.
 */
function createExpansion(nu: number): (r: number) => number {
  const sum = debyeSum(nu);
  const rest = stirlingRest(nu);
  return (r) => {
    if (r > FAR) return 0;
    const s = Math.sqrt(1 + (2 * r * r) / nu);
    const w = (r * r) / (nu * (s + 1));
    const p = 1 / s;
    let polynomial = 0;
    for (let i = sum.length - 1; i >= 0; i--) polynomial = polynomial * p + sum[i]!;
    const value = Math.sqrt(p) * polynomial * Math.exp(nu * (Math.log1p(w) - 2 * w) - rest);
    return Math.min(value, 1);
  };
}

/**
 * The coefficients of Σ (−1)^j U_j(p) / nu^j, lowest power of p first. The U_j follow from U_0 = 1
 * and U_(j + 1)(p) = p² (1 − p²) U_j'(p) / 2 + 1/8 ∫ (1 − 5 t²) U_j(t) dt from 0 to p.
 */
function debyeSum(nu: number): Float64Array {
  const degree = 3 * POWERS;
  const sum = new Float64Array(degree + 1);
  let term = new Float64Array(degree + 1);
  term[0] = 1;
  for (let j = 0; j <= POWERS; j++) {
    const next = new Float64Array(degree + 1);
    for (let i = 0; i <= 3 * j; i++) {
      const c = term[i]!;
      sum[i]! += c;
      if (j === POWERS) continue;
      next[i + 1]! -= c * (i / 2 + 1 / (8 * (i + 1))) * (1 / nu);
      next[i + 3]! += c * (i / 2 + 5 / (8 * (i + 3))) * (1 / nu);
    }
    term = next;
  }
  return sum;
}

/** Members with a small nu, by a table of Bessel functions. */
function createRough(nu: number): Radial {
  const root = Math.sqrt(2 * nu);
  const table = createTable((z) => maternPair(nu, z));
  // A distance that is not 0 keeps its difference from 0, however small nu makes z.
  const zOf = (r: number): number => Math.max(root * r, Number.MIN_VALUE);
  const atZero = nu > 1 ? -nu / (nu - 1) : 0;
  return {
    value: (r) => (r === 0 ? 1 : Math.min(table.value(zOf(r)), 1)),
    slope: (r) => (r === 0 || (nu <= 1 && r <= TOUCHING) ? atZero : -nu * table.slope(zOf(r))),
  };
}

/** What a Matérn covariance and its slope are made of. */
interface Pair {
  readonly value: number;
  readonly slope: number;
}

/**
 * e^z M_nu(z) and e^z N_(nu − 1)(z) for nu < 50 and 0 < z ≤ 1100. From K's recurrence follows
 * M_(a + 1) = M_a + z² / (4 a) · N_(a − 1), in which everything is above 0 and of the size of 1.
 */
function maternPair(nu: number, z: number): Pair {
  const steps = Math.floor(nu + 0.5);
  if (steps === 0) {
    // K_(nu − 1) is K_(1 − nu), the upper neighbour of K_(−nu), which is K_nu.
    const { lower, upper } = besselNeighbours(-nu, z);
    const scale = (2 * nu * halfPower(z, nu)) / gammaAfter(nu);
    return { value: scale * lower, slope: (2 * scale * upper) / z / z };
  }
  const mu = nu - steps;
  const { lower, upper } = besselNeighbours(mu, z);
  const scale = halfPower(z, mu) / gammaAfter(mu);
  let slope = 2 * scale * lower;
  let value = scale * upper;
  const quarter = (z * z) / 4;
  for (let a = mu + 1; a < nu - 0.5; a++) {
    // Where the square is 0 the first slope may be infinite.
    const next = quarter === 0 ? value : value + (quarter / a) * slope;
    slope = value / a;
    value = next;
  }
  return { value, slope };
}

/** (z / 2)^a; half of the smallest double would be 0. */
const halfPower = (z: number, a: number): number => z ** a * 2 ** -a;

/** Gamma(1 + a) for |a| ≤ 1/2. */
function gammaAfter(a: number): number {
  const { even, odd } = reciprocalGammaParts(a);
  return 1 / (even + a * odd);
}

/** Beyond this e^(−z) M is below the smallest double for every nu < 50. */
const Z_MAX = 1100;
/** Below this the formula is taken itself: it is rare, and the tables end somewhere. */
const Z_MIN = 2 ** -20;
/** Pieces of a table in each doubling of z. */
const PIECES_PER_OCTAVE = 4;
const FIRST_PIECE = PIECES_PER_OCTAVE * Math.log2(Z_MIN);
const PIECES = Math.ceil(PIECES_PER_OCTAVE * Math.log2(Z_MAX)) - FIRST_PIECE;
const PIECE_RATIO = 2 ** (1 / PIECES_PER_OCTAVE);
const PIECE_START = Float64Array.from(
  { length: PIECES },
  (_, i) => PIECE_RATIO ** (FIRST_PIECE + i),
);
/** 0 is 11 half-widths away from a piece, so that the error falls 23-fold with each node. */
const NODE_COUNT = 12;
/**
 * Roots of a Chebyshev polynomial in (−1, 1), every fifth in turn: in their own order Newton's form
 * would lose digits.
 */
const NODES = Float64Array.from({ length: NODE_COUNT }, (_, k) =>
  Math.cos((Math.PI * (((5 * k) % NODE_COUNT) + 0.5)) / NODE_COUNT),
);

/**
 * Returns e^(−z) times each of a pair of positive functions, from polynomials that meet their
 * logarithms at the nodes. A piece is filled when a z first falls into it.
 *
 * *Cost* 50 to 100 ns, and NODE_COUNT pairs for each piece once.
 */
function createTable(pairAt: (z: number) => Pair): Radial {
  const values = new Float64Array(PIECES * NODE_COUNT);
  const slopes = new Float64Array(PIECES * NODE_COUNT);
  const isFilled = new Uint8Array(PIECES);

  const fillPiece = (piece: number): void => {
    const start = PIECE_START[piece]!;
    const pairs = Array.from(NODES, (node) =>
      pairAt(start * (1 + ((PIECE_RATIO - 1) / 2) * (1 + node))),
    );
    setDifferences(
      pairs.map((pair) => Math.log(pair.value)),
      values,
      piece * NODE_COUNT,
    );
    setDifferences(
      pairs.map((pair) => Math.log(pair.slope)),
      slopes,
      piece * NODE_COUNT,
    );
    isFilled[piece] = 1;
  };

  const lookUp = (differences: Float64Array, z: number): number => {
    // Rounding can only put a z that lies between two pieces into the other one.
    const piece = Math.floor(PIECES_PER_OCTAVE * Math.log2(z)) - FIRST_PIECE;
    if (isFilled[piece] === 0) fillPiece(piece);
    const t = ((z / PIECE_START[piece]! - 1) * 2) / (PIECE_RATIO - 1) - 1;
    return Math.exp(newtonSum(differences, piece * NODE_COUNT, t) - z);
  };

  return {
    value: (z) => {
      if (z > Z_MAX) return 0;
      return z < Z_MIN ? pairAt(z).value * Math.exp(-z) : lookUp(values, z);
    },
    slope: (z) => {
      if (z > Z_MAX) return 0;
      return z < Z_MIN ? pairAt(z).slope * Math.exp(-z) : lookUp(slopes, z);
    },
  };
}

/** Writes the divided differences of the function with these values at the nodes. */
function setDifferences(values: readonly number[], out: Float64Array, first: number): void {
  for (let j = 0; j < NODE_COUNT; j++) out[first + j] = values[j]!;
  for (let order = 1; order < NODE_COUNT; order++) {
    for (let j = NODE_COUNT - 1; j >= order; j--) {
      out[first + j] = (out[first + j]! - out[first + j - 1]!) / (NODES[j]! - NODES[j - order]!);
    }
  }
}

/** The polynomial with these divided differences, in Newton's form. */
function newtonSum(differences: Float64Array, first: number, t: number): number {
  let sum = 0;
  for (let j = NODE_COUNT - 1; j >= 0; j--) sum = sum * (t - NODES[j]!) + differences[first + j]!;
  return sum;
}
