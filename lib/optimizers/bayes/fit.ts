import type { Encoding } from '../../matrix/encoding.ts';
import { createDescent } from '../../numerics/minimize.ts';
import type { Data, Model } from './gaussian-process.ts';
import { logMarginalLikelihood } from './gaussian-process.ts';
import { aroundPrior } from './priors.ts';
import type { Recipe } from './recipes.ts';
import { bestFirst, dataOf, selected, trained } from './rows.ts';
import type { Observation } from './view.ts';

/** Observations that its hyperparameters are fitted to at most. */
const FITTED_MAX = 256;
/** Fits are renewed with every observation up to so many, then with every twentieth part more. */
const FIT_ALWAYS = 64;
const FIT_GROWTH = 1.05;
/** A fit to more observations than the second number begins with so many of them, spread evenly. */
const COMPARED = 128;
const COMPARED_FROM = 160;
const FIT_ITERATIONS = 50;
/** After so many the best start of several goes on alone: which one it will be shows by then. */
const FIT_ITERATIONS_EACH = 10;
/** Ends a fit that gains less than a thousandth of a unit of log density, or so: what is left changes no suggestion for the better. */
const FIT_TOLERANCE = 1e-3;

/** How many of the first observations the fit goes by: a function of their number, so that a fit can be kept. */
function fitCount(n: number): number {
  if (n <= FIT_ALWAYS) return n;
  let count = FIT_ALWAYS;
  for (;;) {
    const next = Math.ceil(count * FIT_GROWTH);
    if (next > n) return count;
    count = next;
  }
}

/** Returns what the hyperparameters are fitted to. */
export function fittedPart({
  encoding,
  observations,
  recipe,
  optimization,
}: {
  readonly encoding: Encoding;
  readonly observations: readonly Observation[];
  readonly recipe: Recipe;
  readonly optimization: Parameters<Recipe['outcomes']>[1];
}): Data {
  const first = observations.slice(0, fitCount(observations.length));
  const objectives = Float64Array.from(first, ({ objective }) => objective);
  // Without one finite value there is nothing to go by yet: all of them, then.
  const part = objectives.some(Number.isFinite) ? first : observations;
  const outcomes = recipe.outcomes(
    Float64Array.from(part, ({ objective }) => objective),
    optimization,
  );
  const data = dataOf(encoding, part, outcomes);
  return selected(data, trained(bestFirst(outcomes.z), FITTED_MAX));
}

/** What is fitted by what, and to what. */
interface Fit {
  readonly model: Model;
  readonly fitted: Recipe['fitted'];
  readonly data: Data;
}

/**
 * Returns the hyperparameters of the largest posterior density. Where the recipe says how far length scales differ, one for
 * all parameters is fitted first: few observations do not tell many length scales apart, and what they seem to tell changes
 * with every one of them.
 */
export function fitTo(model: Model, recipe: Recipe, data: Data): Float64Array {
  const { spread, fitted, starts } = recipe;
  const { scales } = model;
  const [first, ...others] = fitted.slice(0, scales);
  if (spread === null || first === undefined || others.length === 0) {
    return fitFromStarts(starts, { model, fitted, data });
  }
  const variances = fitted.slice(scales);
  const common = fitFrom(
    starts.map((start) => Float64Array.of(start[0]!, ...start.subarray(scales))),
    {
      model: { ...model, scaleOf: new Int32Array(data.d), scales: 1 },
      fitted: [first, ...variances],
      data: someOf(data),
    },
  );
  const [scale = 0, ...rest] = common;
  const prior = aroundPrior(scale, spread);
  const start = Float64Array.of(...Array.from({ length: scales }, () => scale), ...rest);
  const near = [first, ...others].map((one) => ({ ...one, prior }));
  return fitFrom([start], { model, fitted: [...near, ...variances], data });
}

/**
 * The best that the starts lead to. Of many observations some tell which start that is: what they lead to is where the fit
 * to all of them starts.
 */
function fitFromStarts(starts: readonly Float64Array[], fit: Fit): Float64Array {
  const some = someOf(fit.data);
  const reached = fitFrom(starts, { ...fit, data: some });
  return some === fit.data ? reached : fitFrom([reached], fit);
}

/** Enough observations to tell which start is the best one, and how far the common length scale reaches. */
function someOf(data: Data): Data {
  const { n } = data;
  if (n <= COMPARED_FROM) return data;
  return selected(
    data,
    Int32Array.from({ length: COMPARED }, (_, i) => Math.floor((i * n) / COMPARED)),
  );
}

function fitFrom(starts: readonly Float64Array[], { model, fitted, data }: Fit): Float64Array {
  const evaluate = (theta: Float64Array, gradient: Float64Array): number => {
    const likelihood = logMarginalLikelihood(model, data, { theta, gradient });
    if (typeof likelihood !== 'number') return Number.POSITIVE_INFINITY;
    let density = likelihood;
    for (const [i, { prior }] of fitted.entries()) {
      const x = theta[i]!;
      density += prior.at(x);
      gradient[i] = -(gradient[i]! + prior.slope(x));
    }
    return -density;
  };
  const descents = starts.map((start) => {
    const goOn = createDescent({
      start,
      lower: Float64Array.from(fitted, ({ lower }) => lower),
      upper: Float64Array.from(fitted, ({ upper }) => upper),
      evaluate,
      evaluations: 2 * FIT_ITERATIONS,
      tolerance: FIT_TOLERANCE,
    });
    return { goOn, reached: goOn(FIT_ITERATIONS_EACH) };
  });
  const [first, ...others] = descents;
  if (first === undefined) throw new Error('a recipe has a start');
  const best = others.reduce(
    (least, one) => (one.reached.value < least.reached.value ? one : least),
    first,
  );
  return best.reached.reason === 'iterations' ? best.goOn(FIT_ITERATIONS).x : best.reached.x;
}
