/**
 * Prior densities of the surrogate's hyperparameters, whose logarithms are what is fitted.
 *
 * | symbol | meaning |
 * |---|---|
 * | x | the logarithm of a hyperparameter |
 */

/** The logarithm of a density at x, up to a constant, and its slope there. */
export interface Prior {
  readonly at: (x: number) => number;
  readonly slope: (x: number) => number;
}

/** A length scale around a given one: normal in its logarithm. */
export const aroundPrior = (centre: number, sd: number): Prior => ({
  at: (x) => 0 - (x - centre) ** 2 / (2 * sd * sd),
  slope: (x) => (centre - x) / (sd * sd),
});

/**
 * A length scale of which little is known: with t its inverse square, −(0.1 / t + 0.1 t), which
 * keeps it from both ends and leaves the middle alone.
 *
 * *Source* Optuna's GPSampler, `optuna/_gp/prior.py`.
 */
export const WEAK_PRIOR: Prior = {
  at: (x) => -0.1 * (Math.exp(2 * x) + Math.exp(-2 * x)),
  slope: (x) => -0.2 * (Math.exp(2 * x) - Math.exp(-2 * x)),
};

/**
 * A length scale in many dimensions, where distances grow with their square root: log-normal, as a
 * density of the length scale itself.
 *
 * *Source* C. Hvarfner, E. Hellsten, L. Nardi, "Vanilla Bayesian optimization performs great in high
 * dimensions", ICML 2024, section 4.
 */
export function wideningPrior(dimensions: number): Prior {
  const centre = Math.SQRT2 + Math.log(dimensions) / 2;
  const variance = 3;
  return {
    at: (x) => -x - (x - centre) ** 2 / (2 * variance),
    slope: (x) => -1 - (x - centre) / variance,
  };
}

/** A variance: Gamma, as a density of the variance itself. */
export const gammaPrior = (shape: number, rate: number): Prior => ({
  at: (x) => (shape - 1) * x - rate * Math.exp(x),
  slope: (x) => shape - 1 - rate * Math.exp(x),
});

/** What is expected of one number that stands for several: all that is expected of each. */
export const jointPrior = (parts: readonly { readonly prior: Prior }[]): Prior => ({
  at: (x) => parts.reduce((sum, { prior }) => sum + prior.at(x), 0),
  slope: (x) => parts.reduce((sum, { prior }) => sum + prior.slope(x), 0),
});
