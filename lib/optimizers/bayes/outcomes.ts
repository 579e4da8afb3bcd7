import type { Optimization } from '../../domain/hptuning.ts';
import { nearestFinite } from '../../numerics/doubles.ts';
import { normalQuantile } from '../../numerics/normal.ts';
import { upperBound } from '../../numerics/ordered.ts';

/**
 * Objectives as a Gaussian process takes them: larger is better, mean 0, variance 1.
 *
 * | symbol | meaning |
 * |---|---|
 * | y | an objective, its sign turned where less is better |
 * | z | what it becomes |
 */
export interface Outcomes {
  /** [n], in the order of the observations. */
  readonly z: Float64Array;
  /** A mean and a standard deviation of z in units of the metric. */
  readonly toMetric: (mean: number, sd: number) => { readonly mean: number; readonly sd: number };
  /** Units of the metric in one of z; where the scale is bent, at its best end. */
  readonly unit: number;
}

const SIGN = { maximize: 1, minimize: -1 } as const satisfies Record<Optimization, 1 | -1>;

/** So far below the worst finite one, in ranges of the finite ones, counts what is infeasible or not finite. */
const INFEASIBLE_RANGES = 0.5;

/** Objectives with their sign, small enough that nothing computed with them overflows. */
interface Oriented {
  /** Objectives divided by `scale`; those that are NaN as a value below all others. */
  readonly y: Float64Array;
  /** A power of two. */
  readonly scale: number;
}

function oriented(objectives: Float64Array, optimization: Optimization): Oriented {
  const largest = objectives
    .filter(Number.isFinite)
    .reduce((most, one) => Math.max(most, Math.abs(one)), 0);
  // Only where it must be: a power of two changes no digit, but the smallest doubles have few.
  const scale = largest > SQUARABLE ? SCALE_DOWN : largest < 1 / SQUARABLE ? 1 / SCALE_DOWN : 1;
  const y = objectives.map((objective) => (SIGN[optimization] * objective) / scale);
  const { least, most } = rangeOf(y.filter(Number.isFinite));
  const range = most > least ? most - least : 1;
  return {
    y: y.map((one) => (Number.isFinite(one) ? one : least - INFEASIBLE_RANGES * range)),
    scale,
  };
}

/** Numbers up to this size, and down to its inverse, can be squared and added up. */
const SQUARABLE = 1e150;
const SCALE_DOWN = 2 ** 600;

const rangeOf = (y: Float64Array): { readonly least: number; readonly most: number } => ({
  least: y.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY),
  most: y.reduce((most, one) => Math.max(most, one), Number.NEGATIVE_INFINITY),
});

interface Moments {
  readonly mean: number;
  readonly sd: number;
}

/** Mean and standard deviation; 1 for the latter where all are equal. */
function momentsOf(y: Float64Array): Moments {
  const { least, most } = rangeOf(y);
  if (least === most) return { mean: least, sd: 1 };
  // From the middle, so that what they have in common takes no digits away.
  const middle = least + (most - least) / 2;
  const offset = y.reduce((sum, one) => sum + (one - middle), 0) / y.length;
  const variance = y.reduce((sum, one) => sum + (one - middle - offset) ** 2, 0) / y.length;
  return { mean: middle + offset, sd: Math.sqrt(variance) };
}

/** One standard deviation in units of the metric; 1 where there is none. */
function unitOf(y: Float64Array, scale: number): number {
  const { least, most } = rangeOf(y);
  return least === most ? 1 : nearestFinite(momentsOf(y).sd * scale);
}

/** Returns objectives with their mean taken away and divided by their standard deviation. */
export function standardised(objectives: Float64Array, optimization: Optimization): Outcomes {
  const { y, scale } = oriented(objectives, optimization);
  const { mean, sd } = momentsOf(y);
  const unit = unitOf(y, scale);
  return {
    z: y.map((one) => (one - mean) / sd),
    toMetric: (z, zSd) => ({
      mean: nearestFinite(SIGN[optimization] * (mean * scale + unit * z)),
      sd: nearestFinite(unit * zSd),
    }),
    unit,
  };
}

/** How much the logarithmic warp magnifies what is near the best; of Vizier's default. */
const LOG_WARP = 1.5;

/**
 * Returns objectives warped: the worse half is replaced by normal quantiles of its ranks, as wide as
 * the better half, and a logarithm magnifies differences near the best; then standardised.
 *
 * *Source* X. Song et al., "The Vizier Gaussian process bandit algorithm", 2024, section 3.2.
 */
export function warped(objectives: Float64Array, optimization: Optimization): Outcomes {
  const { y, scale } = oriented(objectives, optimization);
  const logged = logWarped(halfRanked(y));
  const { mean, sd } = momentsOf(logged);
  const z = logged.map((one) => (one - mean) / sd);
  const back = createInverse(z, y);
  return {
    z,
    toMetric: (at, zSd) => ({
      mean: nearestFinite(SIGN[optimization] * back(at) * scale),
      sd: nearestFinite((Math.abs(back(at + zSd) - back(at - zSd)) / 2) * scale),
    }),
    unit: unitOf(y, scale),
  };
}

/** The distinct numbers in ascending order. */
const distinctSorted = (y: Float64Array): Float64Array =>
  y
    .slice()
    .sort()
    .filter((one, i, sorted) => i === 0 || one !== sorted[i - 1]);

function medianOf(y: Float64Array): number {
  const sorted = y.slice().sort();
  const middle = (sorted.length - 1) / 2;
  const below = sorted[Math.floor(middle)] ?? 0;
  const above = sorted[Math.ceil(middle)] ?? 0;
  return below + (above - below) / 2;
}

function halfRanked(y: Float64Array): Float64Array {
  const median = medianOf(y);
  const better = y.filter((one) => one >= median);
  const spread = Math.sqrt(
    better.reduce((sum, one) => sum + (one - median) ** 2 / better.length, 0),
  );
  const width = spread > 0 ? spread : momentsOf(y).sd;
  const ranks = distinctSorted(y);
  const below = ranks.filter((one) => one < median).length;
  return y.map((one) => {
    if (one >= median) return one;
    const rank = upperBound(ranks, one) - 1;
    return median + width * normalQuantile((0.5 * (rank + 0.5)) / below);
  });
}

function logWarped(y: Float64Array): Float64Array {
  const { least, most } = rangeOf(y);
  if (least === most) return y;
  const bend = (one: number): number => ((most - one) / (most - least)) * (LOG_WARP - 1);
  return y.map((one) => 0.5 - Math.log1p(bend(one)) / Math.log(LOG_WARP));
}

/** The way back from z to y: straight lines between the observations, and on beyond the last of them. */
function createInverse(z: Float64Array, y: Float64Array): (z: number) => number {
  const pairs = [...new Map([...z].map((one, i) => [one, y[i] ?? 0]))].sort(([a], [b]) => a - b);
  const at = Float64Array.from(pairs, ([one]) => one);
  const last = at.length - 1;
  return (one) => {
    if (last === 0) return pairs[0]?.[1] ?? 0;
    const below = Math.min(Math.max(upperBound(at, one) - 1, 0), last - 1);
    const [fromZ, fromY] = pairs[below] ?? [0, 0];
    const [toZ, toY] = pairs[below + 1] ?? [1, 0];
    return fromY + ((toY - fromY) * (one - fromZ)) / (toZ - fromZ);
  };
}
