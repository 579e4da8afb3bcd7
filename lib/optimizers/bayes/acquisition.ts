import type { Acquisition } from '../../domain/hptuning.ts';
import {
  logExpectedImprovement,
  logExpectedImprovementSlope,
  normalCdf,
  normalLogCdf,
  normalLogCdfSlope,
  normalLogDensity,
} from '../../numerics/normal.ts';

/**
 * Acquisition functions: how much a point promises, given what the surrogate says of it. Everything
 * maximises.
 *
 * | symbol | meaning |
 * |---|---|
 * | mean, sd | the surrogate's, sd ≥ 0 |
 * | best | the best value so far |
 * | z | (mean − best − eps) / sd |
 *
 * Sources: D. Jones, M. Schonlau, W. Welch, "Efficient global optimization of expensive black-box
 * functions", 1998 (ei); H. Kushner 1964 (poi); N. Srinivas et al., 2010 (ucb); S. Ament et al.,
 * "Unexpected improvements to expected improvement for Bayesian optimization", NeurIPS 2023 (log
 * ei).
 */

/** What the surrogate says of a point. */
export interface Outlook {
  readonly mean: number;
  readonly sd: number;
  readonly best: number;
}

/** How promising a point is, and how that changes with the mean and the standard deviation. */
export interface Promised {
  value: number;
  byMean: number;
  bySd: number;
}

/** Below this a standard deviation counts as none: the point is known. */
const KNOWN_SD = 1e-12;

/** Returns mean + kappa · sd. */
export const upperConfidenceBound = ({ mean, sd }: Outlook, kappa: number): number =>
  mean + kappa * sd;

/** Returns E[max(f − best − eps, 0)]; of a known point what it improves by. */
export function expectedImprovement({ mean, sd, best }: Outlook, eps: number): number {
  const gain = mean - best - eps;
  if (sd <= KNOWN_SD) return Math.max(gain, 0);
  return sd * Math.exp(logExpectedImprovement(gain / sd));
}

/** Returns P[f > best + eps]; of a known point 0 or 1, and one half where it is equal. */
export function probabilityOfImprovement({ mean, sd, best }: Outlook, eps: number): number {
  const gain = mean - best - eps;
  if (sd <= KNOWN_SD) return gain > 0 ? 1 : gain === 0 ? 0.5 : 0;
  return normalCdf(gain / sd);
}

/**
 * Returns the logarithm of the expected improvement, finite where the plain one underflows. Known
 * points count as if next to nothing were unknown of them, so that they still rank by their means.
 */
function logExpected({ mean, sd, best }: Outlook, eps: number): Promised {
  const unknown = Math.max(sd, KNOWN_SD);
  const z = (mean - best - eps) / unknown;
  const value = logExpectedImprovement(z);
  const slope = logExpectedImprovementSlope(z);
  // 1 − z · slope, which cancels where z is large: there the slope is 1 / z, but for rounding.
  const bySd = z > 0 ? Math.exp(normalLogDensity(z) - value) : 1 - z * slope;
  return {
    value: value + Math.log(unknown),
    byMean: slope / unknown,
    bySd: sd > KNOWN_SD ? bySd / sd : 0,
  };
}

/** Returns the logarithm of the probability of improvement; known points as in `logExpected`. */
function logProbability({ mean, sd, best }: Outlook, eps: number): Promised {
  const unknown = Math.max(sd, KNOWN_SD);
  const z = (mean - best - eps) / unknown;
  const slope = normalLogCdfSlope(z) / unknown;
  return { value: normalLogCdf(z), byMean: slope, bySd: sd > KNOWN_SD ? -slope * z : 0 };
}

/** Returns what is maximised: ucb as it is, ei and poi by their logarithms, which rank points alike. */
export function promiseOf(acquisition: Acquisition, outlook: Outlook): Promised {
  switch (acquisition.kind) {
    case 'ucb':
      return {
        value: upperConfidenceBound(outlook, acquisition.kappa),
        byMean: 1,
        bySd: acquisition.kappa,
      };
    case 'ei':
      return logExpected(outlook, acquisition.eps);
    case 'poi':
      return logProbability(outlook, acquisition.eps);
  }
}

/** Returns the acquisition function itself, in the units of the surrogate: for people to read. */
export function acquisitionOf(acquisition: Acquisition, outlook: Outlook): number {
  switch (acquisition.kind) {
    case 'ucb':
      return upperConfidenceBound(outlook, acquisition.kappa);
    case 'ei':
      return expectedImprovement(outlook, acquisition.eps);
    case 'poi':
      return probabilityOfImprovement(outlook, acquisition.eps);
  }
}
