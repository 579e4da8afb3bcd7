import type { Acquisition } from '../../domain/hptuning.ts';
import type { Prediction } from '../../domain/suggestion.ts';
import type { Values } from '../../domain/values.ts';
import type { Encoding } from '../../matrix/encoding.ts';
import { createDescent } from '../../numerics/minimize.ts';
import { acquisitionOf, promiseOf } from './acquisition.ts';
import type { Data, Model, Posterior } from './gaussian-process.ts';
import { createPosterior, logMarginalLikelihood } from './gaussian-process.ts';
import type { Landscape } from './maximise.ts';
import type { Outcomes } from './outcomes.ts';
import type { Recipe } from './recipes.ts';
import { recipeOf } from './recipes.ts';
import type { Settings } from './settings.ts';
import type { Observation } from './view.ts';

/** What is known of a metric, and what that promises elsewhere. */
export interface Surrogate {
  /** Observed values, the best first. */
  readonly incumbents: readonly Values[];
  /** Takes into account what is being tried; of a list that grows only what is new. */
  readonly expect: (pending: readonly Values[]) => void;
  /** What is maximised for the suggestion of an index. */
  readonly landscapeAt: (index: number) => Landscape;
  /** What is maximised instead where that leads to a point that is known well enough; null where nothing is. */
  readonly exploring: Landscape | null;
  /**
   * True where so many observations lie so near to a point that another one would be wasted: a surrogate that believes in
   * noise would otherwise look again and again at the end of a valley that leads to the border.
   */
  readonly isCrowded: (point: Float64Array) => boolean;
  /** What the surrogate says of a point that was suggested under an index, or by exploring. */
  readonly predict: (point: Float64Array, by: number | 'exploring') => Prediction;
}

/** Observations that a process is given at most: its time grows with their cube. */
const OBSERVATIONS_MAX = 512;
/** Observations that its hyperparameters are fitted to at most. */
const FITTED_MAX = 256;
/** Fits are renewed with every observation up to so many, then with every twentieth part more. */
const FIT_ALWAYS = 64;
const FIT_GROWTH = 1.05;
/** Starts are compared by so many observations, spread evenly, where there are more than the second number. */
const COMPARED = 80;
const COMPARED_FROM = 120;
const FIT_ITERATIONS = 50;
/** After so many the best start of several goes on alone: which one it will be shows by then. */
const FIT_ITERATIONS_EACH = 10;
/** Ends a fit that gains less than a thousandth of a unit of log density, or so: what is left changes no suggestion for the better. */
const FIT_TOLERANCE = 1e-3;
/** Where no start of a fit has a likelihood: added to the diagonal in place of next to no noise. */
const NOISE_MIN = 1e-10;
/** So many observations this near to each other, in the unit cube, tell of a point what there is to know. */
const CROWD = { count: 3, distance: 1e-3 } as const;
/** Above this noise the best value observed may be a lucky one: the best mean stands in for it. */
const NOISY = 1e-3;

/**
 * Returns the surrogate of a search.
 *
 * @param observations - at least one of them finite, in order of completion
 * @param room - how many pending points it may be told of
 */
export function createSurrogate({
  settings,
  seed,
  encoding,
  observations,
  room,
}: {
  readonly settings: Pick<Settings, 'metric' | 'surrogate'>;
  readonly seed: number;
  readonly encoding: Encoding;
  readonly observations: readonly Observation[];
  readonly room: number;
}): Surrogate {
  const recipe = recipeOf(settings, { seed, encoding });
  const { optimization } = settings.metric;
  const objectives = Float64Array.from(observations, ({ objective }) => objective);
  const outcomes = recipe.outcomes(objectives, optimization);
  const order = bestFirst(outcomes.z);
  const all: Data = dataOf(encoding, observations, outcomes);
  const model: Model = {
    radial: recipe.radial,
    scaleOf: recipe.scaleOf,
    scales: recipe.fitted.length - (recipe.fitsVariances ? 2 : 0),
    fitsVariances: recipe.fitsVariances,
    noise: NOISE_MIN,
  };
  const theta = fitTo(model, recipe, fittedPart({ encoding, observations, recipe, optimization }));
  const posterior = posteriorOf(model, selected(all, trained(order)), { theta, room });
  const best = bestOf({ model, theta, posterior, data: all, order });

  const mean = new Float64Array(encoding.width);
  const sd = new Float64Array(encoding.width);
  let expected = 0;

  const landscapeOf = (acquisition: Acquisition): Landscape => ({
    at: (point) => promiseOf(acquisition, { ...posterior.predict(point), best }).value,
    atMany: (points) =>
      Float64Array.from(
        posterior.predictMany(points),
        (prediction) => promiseOf(acquisition, { ...prediction, best }).value,
      ),
    climb: (point, gradient) => {
      const prediction = posterior.predictWithGradient(point, { mean, sd });
      const { value, byMean, bySd } = promiseOf(acquisition, { ...prediction, best });
      for (let c = 0; c < gradient.length; c++) gradient[c] = byMean * mean[c]! + bySd * sd[c]!;
      return value;
    },
  });

  return {
    incumbents: Array.from(order.subarray(0, 16), (i) => observations[i]?.values ?? {}),
    expect(pending) {
      // As if it came out as predicted: nothing changes but that less is unknown around it.
      for (; expected < Math.min(pending.length, room); expected++) {
        const point = encoding.pointOf(pending[expected] ?? {});
        posterior.observe(point, posterior.predict(point).mean);
      }
    },
    landscapeAt: (index) => landscapeOf(recipe.acquisitionAt(index, outcomes.unit)),
    exploring: recipe.exploring === null ? null : landscapeOf(recipe.exploring),
    isCrowded: (point) => countNear(all, point) >= CROWD.count,
    predict(point, by) {
      const explored = by === 'exploring' ? recipe.exploring : null;
      const index = by === 'exploring' ? 0 : by;
      const acquisition = explored ?? recipe.acquisitionAt(index, outcomes.unit);
      const prediction = posterior.predict(point);
      const value = acquisitionOf(acquisition, { ...prediction, best });
      return {
        ...outcomes.toMetric(prediction.mean, prediction.sd),
        acquisition: { name: acquisition.kind, value },
      };
    },
  };
}

/** How many observations lie near to a point. */
function countNear({ x, n, d }: Data, point: Float64Array): number {
  let count = 0;
  for (let i = 0; i < n; i++) {
    let square = 0;
    for (let c = 0; c < d; c++) square += (point[c]! - x[i * d + c]!) ** 2;
    if (square < CROWD.distance ** 2) count++;
  }
  return count;
}

/** Places of values, the largest first, equal ones in their order. */
const bestFirst = (z: Float64Array): Int32Array =>
  Int32Array.from(z.keys()).sort((a, b) => z[b]! - z[a]! || a - b);

/** The observations that a process is given: all, or the best and the latest. */
function trained(order: Int32Array, most = OBSERVATIONS_MAX): Int32Array {
  const n = order.length;
  if (n <= most) return Int32Array.from({ length: n }, (_, i) => i);
  const half = Math.floor(most / 2);
  const chosen = new Set(order.subarray(0, half));
  for (let i = n - 1; chosen.size < most; i--) chosen.add(i);
  return Int32Array.from(chosen).sort();
}

function dataOf(encoding: Encoding, observations: readonly Observation[], { z }: Outcomes): Data {
  const d = encoding.width;
  const x = new Float64Array(observations.length * d);
  for (const [i, { values }] of observations.entries()) x.set(encoding.pointOf(values), i * d);
  return { x, y: z, n: observations.length, d };
}

function selected({ x, y, d }: Data, rows: Int32Array): Data {
  const part = new Float64Array(rows.length * d);
  for (const [to, from] of rows.entries()) part.set(x.subarray(from * d, from * d + d), to * d);
  return { x: part, y: Float64Array.from(rows, (row) => y[row]!), n: rows.length, d };
}

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

/** What the hyperparameters are fitted to. */
function fittedPart({
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

/**
 * The hyperparameters of the largest posterior density, from the best of the recipe's starts. Of many observations some
 * tell which start that is: what they lead to is where the fit to all of them starts.
 */
function fitTo(model: Model, recipe: Recipe, data: Data): Float64Array {
  const { n } = data;
  if (n <= COMPARED_FROM) return fitFrom(recipe.starts, { model, recipe, data });
  const rows = Int32Array.from({ length: COMPARED }, (_, i) => Math.floor((i * n) / COMPARED));
  const some = fitFrom(recipe.starts, { model, recipe, data: selected(data, rows) });
  return fitFrom([some], { model, recipe, data });
}

function fitFrom(
  starts: readonly Float64Array[],
  { model, recipe, data }: { readonly model: Model; readonly recipe: Recipe; readonly data: Data },
): Float64Array {
  const { fitted } = recipe;
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

function posteriorOf(
  model: Model,
  data: Data,
  given: Parameters<typeof createPosterior>[2],
): Posterior {
  const posterior = createPosterior(model, data, given);
  if ('kind' in posterior) throw new Error(`no factor at all: row ${posterior.pivot}`);
  return posterior;
}

/** The value to improve upon. */
function bestOf({
  model,
  theta,
  posterior,
  data,
  order,
}: {
  readonly model: Model;
  readonly theta: Float64Array;
  readonly posterior: Posterior;
  readonly data: Data;
  readonly order: Int32Array;
}): number {
  const observed = data.y[order[0] ?? 0] ?? 0;
  const noise = model.fitsVariances ? Math.exp(theta[model.scales + 1]!) : 0;
  if (noise < NOISY) return observed;
  return posterior.smoothed().reduce((most, mean) => Math.max(most, mean));
}
