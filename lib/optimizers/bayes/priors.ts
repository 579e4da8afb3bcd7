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

/** A variance: Gamma, as a density of the variance itself. */
export const gammaPrior = (shape: number, rate: number): Prior => ({
  at: (x) => (shape - 1) * x - rate * Math.exp(x),
  slope: (x) => shape - 1 - rate * Math.exp(x),
});
