import assert from 'node:assert/strict';
import type { LowerTriangle, NotPositiveDefinite } from '../../numerics/dense.ts';
import { appendRow, inverseOf, logDeterminant, solveUpper } from '../../numerics/dense.ts';
import type { MaternParts } from '../../numerics/kernels.ts';
import { cholesky, maternFactor, maternLikelihood, solveLower } from '../../numerics/kernels.ts';
import type { MaternProcess } from '../../numerics/matern-process.ts';
import { maternPredict, maternSlopes } from '../../numerics/matern-process.ts';
import type { Radial } from '../../numerics/radial.ts';
import { MATERN_5_2 } from '../../numerics/radial.ts';

/**
 * Gaussian-process regression with prior mean zero.
 *
 * | symbol | meaning |
 * |---|---|
 * | n, d | observations, coordinates of a point |
 * | X, y | points [n, d], values [n] |
 * | k(r) | the covariance function at the scaled distance r, k(0) = 1 |
 * | l | the length scales |
 * | v, w | signal variance, noise variance |
 * | K | v k(r_ij) + w δ_ij |
 * | α | K⁻¹ y |
 * | θ | what is fitted: log l, and log v and log w where they are fitted too |
 *
 * Source: C. Rasmussen, C. Williams, "Gaussian processes for machine learning", 2006, chapters 2 and 5.
 */

/** The observations of a process. */
export interface Data {
  /** [n, d], row by row. */
  readonly x: Float64Array;
  /** [n] */
  readonly y: Float64Array;
  readonly n: number;
  readonly d: number;
}

/** What a process is like, but for the numbers that are fitted. */
export interface Model {
  readonly radial: Radial;
  /** Which length scale each coordinate has: [d]. */
  readonly scaleOf: Int32Array;
  /** How many length scales there are. */
  readonly scales: number;
  /** Whether v and w are fitted; else v = 1, and w is `noise`. */
  readonly fitsVariances: boolean;
  readonly noise: number;
}

/** Added to the diagonal in turn until there is a factor: rounding can make K singular. */
const JITTERS = [0, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2] as const;

interface Variances {
  readonly signal: number;
  readonly noise: number;
}

const variancesOf = (model: Model, theta: Float64Array): Variances =>
  model.fitsVariances
    ? { signal: Math.exp(theta[model.scales]!), noise: Math.exp(theta[model.scales + 1]!) }
    : { signal: 1, noise: model.noise };

/** Points with each coordinate divided by its length scale: [n, d]. */
function scaledPoints(model: Model, points: Float64Array, theta: Float64Array): Float64Array {
  const d = model.scaleOf.length;
  const inverse = Float64Array.from(model.scaleOf, (scale) => Math.exp(-theta[scale]!));
  const scaled = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += d) {
    for (let c = 0; c < d; c++) scaled[i + c] = points[i + c]! * inverse[c]!;
  }
  return scaled;
}

function distance(a: Float64Array, i: number, b: Float64Array, j: number, d: number): number {
  let sum = 0;
  for (let c = 0; c < d; c++) {
    const difference = a[i + c]! - b[j + c]!;
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}

/** The factor of K. */
interface Factor {
  /** Points with each coordinate divided by its length scale: [n, d]. */
  readonly scaled: Float64Array;
  readonly triangle: LowerTriangle;
  /** What the diagonal of K had to be raised by. */
  readonly jitter: number;
}

/** The same with what went into it. */
interface Kernel extends Factor {
  /** r_ij for j < i, row by row without gaps: [n (n − 1) / 2]. */
  readonly distances: Float64Array;
  /** v k(r_ij) in the lower triangle: [n, n]. */
  readonly covariances: Float64Array;
}

function createKernel(
  model: Model,
  { x, n, d }: Data,
  theta: Float64Array,
): Kernel | NotPositiveDefinite {
  const { signal, noise } = variancesOf(model, theta);
  const scaled = scaledPoints(model, x, theta);
  const distances = new Float64Array((n * (n - 1)) / 2);
  const covariances = new Float64Array(n * n);
  let pair = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const r = distance(scaled, i * d, scaled, j * d, d);
      distances[pair++] = r;
      covariances[i * n + j] = signal * model.radial.value(r);
    }
    covariances[i * n + i] = signal;
  }
  let failure: NotPositiveDefinite = { kind: 'not-positive-definite', pivot: 0 };
  const entries = new Float64Array(n * n);
  for (const jitter of JITTERS) {
    entries.set(covariances);
    for (let i = 0; i < n; i++) entries[i * n + i]! += noise + jitter;
    const failed = cholesky(entries, n);
    if (failed === null) {
      const triangle = { entries, n, stride: n };
      return { scaled, distances, covariances, triangle, jitter };
    }
    failure = failed;
  }
  return failure;
}

/** The same by the kernels, where they know the covariance function. */
function maternKernel(
  model: Model,
  { x, n, d }: Data,
  theta: Float64Array,
): Factor | NotPositiveDefinite | undefined {
  if (model.radial !== MATERN_5_2) return undefined;
  const { signal, noise } = variancesOf(model, theta);
  const scaled = scaledPoints(model, x, theta);
  let failure: NotPositiveDefinite | undefined;
  for (const jitter of JITTERS) {
    const entries = maternFactor({ scaled, n, d, signal, noise: noise + jitter });
    if (entries === undefined) return undefined;
    if (!('kind' in entries)) return { scaled, triangle: { entries, n, stride: n }, jitter };
    failure = entries;
  }
  return failure;
}

const assertShapes = ({ scaleOf }: Model, { x, y, n, d }: Data): void =>
  assert(x.length === n * d && y.length === n && scaleOf.length === d, 'shapes agree');

/**
 * Returns the logarithm of the marginal likelihood, log p(y | X, θ), and writes its gradient in θ.
 *
 * @param theta - natural logarithms
 * @param gradient - as long as theta; null where it is not wanted
 * @returns or why K has no factor, whatever is added to its diagonal
 * *Cost* n³ / 3 + O(n² d), with the gradient n³ + O(n² d).
 * *Source* Rasmussen and Williams, equations 2.30 and 5.9.
 */
export function logMarginalLikelihood(
  model: Model,
  data: Data,
  { theta, gradient }: { readonly theta: Float64Array; readonly gradient: Float64Array | null },
): number | NotPositiveDefinite {
  assertShapes(model, data);
  const parts = gradient === null ? undefined : maternParts(model, data, theta);
  if (parts === undefined || gradient === null)
    return plainLikelihood(model, data, { theta, gradient });
  if ('kind' in parts) return parts;
  const { scaleOf, scales } = model;
  gradient.fill(0);
  for (const [c, scale] of scaleOf.entries()) gradient[scale]! += parts.byCoordinate[c]!;
  if (model.fitsVariances) {
    gradient[scales] = parts.bySignal;
    gradient[scales + 1] = parts.byNoise * variancesOf(model, theta).noise;
  }
  return -(parts.fit + parts.logDeterminant + data.n * Math.log(2 * Math.PI)) / 2;
}

/** What the kernels make of it, where they know the covariance function. */
function maternParts(
  model: Model,
  { x, y, n, d }: Data,
  theta: Float64Array,
): MaternParts | NotPositiveDefinite | undefined {
  if (model.radial !== MATERN_5_2) return undefined;
  const { signal, noise } = variancesOf(model, theta);
  const scaled = scaledPoints(model, x, theta);
  let failure: NotPositiveDefinite | undefined;
  for (const jitter of JITTERS) {
    const parts = maternLikelihood({ scaled, y, n, d, signal, noise: noise + jitter });
    if (parts === undefined || !('kind' in parts)) return parts;
    failure = parts;
  }
  return failure;
}

function plainLikelihood(
  model: Model,
  data: Data,
  { theta, gradient }: { readonly theta: Float64Array; readonly gradient: Float64Array | null },
): number | NotPositiveDefinite {
  const { n } = data;
  const kernel = createKernel(model, data, theta);
  if ('kind' in kernel) return kernel;
  const alpha = data.y.slice();
  solveLower(kernel.triangle, alpha);
  let fit = 0;
  for (let i = 0; i < n; i++) fit += alpha[i]! * alpha[i]!;
  if (gradient !== null) {
    solveUpper(kernel.triangle, alpha);
    const { signal, noise } = variancesOf(model, theta);
    const weights = weigh(kernel, alpha, signal);
    if (model.fitsVariances) {
      gradient[model.scales] = weights.bySignal;
      gradient[model.scales + 1] = weights.byVariance * noise;
    }
    slopeByScales(model, kernel, { weights: weights.pairs, signal, gradient });
  }
  return -(fit + logDeterminant(kernel.triangle) + n * Math.log(2 * Math.PI)) / 2;
}

/** What d log p / dK = (α αᵀ − K⁻¹) / 2 makes of changes to K. */
interface Weights {
  /** Its entries for j < i, twice because K is symmetric: [n (n − 1) / 2]. */
  readonly pairs: Float64Array;
  /** Of K growing as its signal does. */
  readonly bySignal: number;
  /** Of the diagonal growing. */
  readonly byVariance: number;
}

function weigh({ covariances, triangle }: Kernel, alpha: Float64Array, signal: number): Weights {
  const { n } = triangle;
  const inverse = inverseOf(triangle);
  const pairs = new Float64Array((n * (n - 1)) / 2);
  let bySignal = 0;
  let byVariance = 0;
  let pair = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const weight = alpha[i]! * alpha[j]! - inverse[i * n + j]!;
      pairs[pair++] = weight;
      bySignal += weight * covariances[i * n + j]!;
    }
    byVariance += (alpha[i]! * alpha[i]! - inverse[i * n + i]!) / 2;
  }
  return { pairs, bySignal: bySignal + byVariance * signal, byVariance };
}

/** Writes the gradient in the logarithms of the length scales: dk / dlog l_c = −k'(r) / r · Δ_c². */
function slopeByScales(
  { radial, scaleOf, scales }: Model,
  { scaled, distances, triangle: { n } }: Kernel,
  {
    weights,
    signal,
    gradient,
  }: {
    readonly weights: Float64Array;
    readonly signal: number;
    readonly gradient: Float64Array;
  },
): void {
  const d = scaleOf.length;
  const byCoordinate = new Float64Array(d);
  let pair = 0;
  for (let i = 0; i < n; i++) {
    const a = i * d;
    for (let j = 0; j < i; j++, pair++) {
      const share = -weights[pair]! * signal * radial.slope(distances[pair]!);
      const b = j * d;
      for (let c = 0; c < d; c++) {
        const difference = scaled[a + c]! - scaled[b + c]!;
        byCoordinate[c]! += share * difference * difference;
      }
    }
  }
  gradient.fill(0, 0, scales);
  for (let c = 0; c < d; c++) gradient[scaleOf[c]!]! += byCoordinate[c]!;
}

/** The mean and the standard deviation of the function itself, without noise. */
export interface Prediction {
  mean: number;
  sd: number;
}

/** A process given observations. */
export interface Posterior {
  readonly predict: (point: Float64Array) => Prediction;
  /** The same of many points, [count, d], to the last bit: faster than one by one. */
  readonly predictMany: (points: Float64Array) => readonly Prediction[];
  /** The same, with the gradients in the point written: [d] each; 0 for sd where that is 0. */
  readonly predictWithGradient: (
    point: Float64Array,
    gradients: { readonly mean: Float64Array; readonly sd: Float64Array },
  ) => Prediction;
  /** The means at the observations that it was made of: [n]. */
  readonly smoothed: () => Float64Array;
  /** Takes one more observation, up to the room that was asked for; what was fitted stays. */
  readonly observe: (point: Float64Array, value: number) => void;
  /** Σ log p(y_i | all others): how well observations are foretold that are left out one by one. */
  readonly looLogDensity: () => number;
  /** What the diagonal of K had to be raised by beyond the noise: 0, or a power of ten. */
  readonly jitter: number;
}

/** The least variance that a further observation adds: of one at a known point next to nothing is new. */
const VARIANCE_MIN = 1e-10;

/**
 * Returns the process given the observations.
 *
 * @param theta - natural logarithms
 * @param room - how many further observations it may be given
 * @returns or why K has no factor, whatever is added to its diagonal
 * *Cost* n³ / 3 + O(n² d) once, O(n² + n d) for a prediction or a further observation, n³ for
 * `looLogDensity`.
 * *Source* Rasmussen and Williams, equations 2.25, 2.26 and 5.10 to 5.12.
 */
export function createPosterior(
  model: Model,
  data: Data,
  { theta, room }: { readonly theta: Float64Array; readonly room: number },
): Posterior | NotPositiveDefinite {
  assertShapes(model, data);
  const { d } = data;
  const kernel = maternKernel(model, data, theta) ?? createKernel(model, data, theta);
  if ('kind' in kernel) return kernel;
  const { signal, noise } = variancesOf(model, theta);
  const diagonal = signal + noise + kernel.jitter;
  const capacity = data.n + room;
  const inverseScale = Float64Array.from(model.scaleOf, (scale) => Math.exp(-theta[scale]!));
  const scaled = new Float64Array(capacity * d);
  scaled.set(kernel.scaled);
  const y = new Float64Array(capacity);
  y.set(data.y);
  let triangle = withRoom(kernel.triangle, capacity);

  const solveBoth = (b: Float64Array): Float64Array => {
    solveLower(triangle, b);
    solveUpper(triangle, b);
    return b;
  };
  let alpha = solveBoth(y.slice(0, data.n));

  /** The process as it is now, for the kernels; null where they do not know the covariance function. */
  const current = (): MaternProcess | null =>
    model.radial === MATERN_5_2 && d > 0
      ? { triangle, scaled, alpha, inverseScales: inverseScale, signal }
      : null;
  let process = current();

  const toPrediction = (mean: number, explained: number): Prediction => ({
    mean,
    sd: Math.sqrt(Math.max(signal - explained, 0)),
  });
  /** What the kernels predict of points; null where they do not. */
  const predictByKernels = (points: Float64Array): readonly Prediction[] | null => {
    if (process === null) return null;
    const found = new Float64Array((2 * points.length) / d);
    const ready = points.map((one, i) => one * inverseScale[i % d]!);
    if (!maternPredict(process, ready, found)) return null;
    return Array.from({ length: points.length / d }, (_, i) =>
      toPrediction(found[2 * i]!, found[2 * i + 1]!),
    );
  };

  const at = new Float64Array(d);
  const distances = new Float64Array(capacity);
  /** Writes v k(x, x_i) of a point x, and its distances. */
  const relate = (point: Float64Array, covariances: Float64Array): void => {
    for (let c = 0; c < d; c++) at[c] = point[c]! * inverseScale[c]!;
    for (let i = 0; i < triangle.n; i++) {
      const r = distance(at, 0, scaled, i * d, d);
      distances[i] = r;
      covariances[i] = signal * model.radial.value(r);
    }
  };

  /** Covariances of the point, then what L⁻¹ makes of them. */
  const solved = new Float64Array(capacity);
  const predict = (point: Float64Array): Prediction =>
    predictByKernels(point)?.[0] ?? predictPlainly(point);
  const predictPlainly = (point: Float64Array): Prediction => {
    relate(point, solved);
    let mean = 0;
    for (let i = 0; i < triangle.n; i++) mean += solved[i]! * alpha[i]!;
    solveLower(triangle, solved);
    let explained = 0;
    for (let i = 0; i < triangle.n; i++) explained += solved[i]! * solved[i]!;
    return toPrediction(mean, explained);
  };

  const predictMany = (points: Float64Array): readonly Prediction[] =>
    predictByKernels(points) ?? predictManyPlainly(points);
  const predictManyPlainly = (points: Float64Array): readonly Prediction[] => {
    const { n } = triangle;
    const count = d === 0 ? 0 : points.length / d;
    const many = new Float64Array(count * n);
    for (let i = 0; i < count; i++) {
      relate(points.subarray(i * d, (i + 1) * d), many.subarray(i * n, (i + 1) * n));
    }
    const means = Float64Array.from({ length: count }, (_, i) => {
      let mean = 0;
      for (let k = 0; k < n; k++) mean += many[i * n + k]! * alpha[k]!;
      return mean;
    });
    solveLower(triangle, many, count);
    return Array.from(means, (mean, i) => {
      let explained = 0;
      for (let k = i * n; k < (i + 1) * n; k++) explained += many[k]! * many[k]!;
      return toPrediction(mean, explained);
    });
  };

  const slopes = new Float64Array(2 * d + 2);
  const slopesByKernels = (
    point: Float64Array,
    gradients: { readonly mean: Float64Array; readonly sd: Float64Array },
  ): Prediction | null => {
    if (process === null) return null;
    for (let c = 0; c < d; c++) at[c] = point[c]! * inverseScale[c]!;
    if (!maternSlopes(process, at, slopes)) return null;
    for (let c = 0; c < d; c++) {
      gradients.mean[c] = slopes[2 * c + 2]!;
      gradients.sd[c] = slopes[2 * c + 3]!;
    }
    return { mean: slopes[0]!, sd: slopes[1]! };
  };

  return {
    jitter: kernel.jitter,
    predict,
    predictMany,
    predictWithGradient(point, gradients) {
      const found = slopesByKernels(point, gradients);
      if (found !== null) return found;
      const prediction = predictPlainly(point);
      solveUpper(triangle, solved);
      gradients.mean.fill(0);
      gradients.sd.fill(0);
      for (let i = 0; i < triangle.n; i++) {
        const slope = signal * model.radial.slope(distances[i]!);
        const byMean = slope * alpha[i]!;
        const bySd = prediction.sd > 0 ? (-slope * solved[i]!) / prediction.sd : 0;
        for (let c = 0; c < d; c++) {
          const difference = (at[c]! - scaled[i * d + c]!) * inverseScale[c]!;
          gradients.mean[c]! += byMean * difference;
          gradients.sd[c]! += bySd * difference;
        }
      }
      return prediction;
    },
    // K⁻¹ y = α, so that (K − w I) α = y − w α.
    smoothed: () => data.y.map((one, i) => one - (noise + kernel.jitter) * alpha[i]!),
    observe(point, value) {
      const { entries, n, stride } = triangle;
      assert(n < capacity, 'there is room for a further observation');
      relate(point, entries.subarray(n * stride, n * stride + n));
      entries[n * stride + n] = diagonal;
      appendRow(triangle, VARIANCE_MIN);
      scaled.set(at, n * d);
      y[n] = value;
      triangle = { entries, n: n + 1, stride };
      alpha = solveBoth(y.slice(0, n + 1));
      process = current();
    },
    looLogDensity() {
      const inverse = inverseOf(triangle);
      let sum = 0;
      for (let i = 0; i < triangle.n; i++) {
        const precision = inverse[i * triangle.n + i]!;
        sum += Math.log(precision / (2 * Math.PI)) - (alpha[i]! * alpha[i]!) / precision;
      }
      return sum / 2;
    },
  };
}

/** The same triangle with room for more rows. */
function withRoom({ entries, n }: LowerTriangle, stride: number): LowerTriangle {
  const roomy = new Float64Array(stride * stride);
  for (let i = 0; i < n; i++) roomy.set(entries.subarray(i * n, i * n + i + 1), i * stride);
  return { entries: roomy, n, stride };
}
