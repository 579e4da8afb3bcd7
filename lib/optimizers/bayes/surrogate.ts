import type { Acquisition } from '../../domain/hptuning.ts';
import type { Prediction } from '../../domain/suggestion.ts';
import type { Values } from '../../domain/values.ts';
import type { Encoding } from '../../matrix/encoding.ts';
import { acquisitionOf, promiseOf } from './acquisition.ts';
import type { Box } from './box.ts';
import { fitTo, fittedPart } from './fit.ts';
import type { Data, Model, Posterior } from './gaussian-process.ts';
import { createPosterior } from './gaussian-process.ts';
import type { Landscape } from './maximise.ts';
import { recipeOf } from './recipes.ts';
import { bestFirst, dataOf, selected, trained } from './rows.ts';
import type { Settings } from './settings.ts';
import { boxOf, replayed } from './trust-region.ts';
import type { Observation } from './view.ts';

/** What is known of a metric, and what that promises elsewhere. */
export interface Surrogate {
  /** Observed values, the best first. */
  readonly incumbents: readonly Values[];
  /** Takes into account what is being tried; of a list that grows only what is new. */
  readonly expect: (pending: readonly Values[]) => void;
  /** What is maximised for the suggestion of an index. */
  readonly landscapeAt: (index: number) => Landscape;
  /** Where the suggestion of an index is looked for; null for everywhere. */
  readonly boxAt: (index: number) => Box | null;
  /** What is maximised instead where that leads to a point that is known well enough; null where nothing is. */
  readonly exploring: Landscape | null;
  /**
   * True where another look at a point would be wasted. Many observations lie very near to it: a surrogate that believes in
   * noise would otherwise look again and again at the end of a valley that leads to the border. Or, where it may look
   * everywhere, the mean there is known much better than one more look could tell.
   */
  readonly isKnown: (point: Float64Array, index: number) => boolean;
  /** What the surrogate says of a point that was suggested under an index, or by exploring. */
  readonly predict: (point: Float64Array, by: number | 'exploring') => Prediction;
}

/** Where no start of a fit has a likelihood: added to the diagonal in place of next to no noise. */
const NOISE_MIN = 1e-10;
/** So many observations this near to each other, in the unit cube, tell of a point what there is to know. */
const CROWD = { count: 3, distance: 1e-3 } as const;
/** A mean is known once its variance is this share of the noise, as after so many looks at one point. */
const KNOWN_LOOKS = 10;
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
  readonly settings: Pick<Settings, 'metric' | 'surrogate' | 'initial'>;
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
  const rows = trained(order);
  const posterior = posteriorOf(model, selected(all, rows), { theta, room });
  const noise = model.fitsVariances ? Math.exp(theta[model.scales + 1]!) : 0;
  const { place, best } = incumbentOf({ noise, posterior, data: all, order, rows });
  const region = replayed(
    all.y.filter((_, i) => Number.isFinite(objectives[i])),
    settings.initial,
  );
  const box = boxOf(region, {
    encoding,
    centre: all.x.subarray(place * all.d, (place + 1) * all.d),
    lengthScales: Float64Array.from(model.scaleOf, (scale) => theta[scale]!),
  });

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
    boxAt: (index) => (recipe.staysNearAt(index) ? box : null),
    exploring: recipe.exploring === null ? null : landscapeOf(recipe.exploring),
    isKnown: (point, index) =>
      countNear(all, point) >= CROWD.count ||
      (noise >= NOISY &&
        !recipe.staysNearAt(index) &&
        posterior.predict(point).sd ** 2 * KNOWN_LOOKS < noise),
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

function posteriorOf(
  model: Model,
  data: Data,
  given: Parameters<typeof createPosterior>[2],
): Posterior {
  const posterior = createPosterior(model, data, given);
  if ('kind' in posterior) throw new Error(`no factor at all: row ${posterior.pivot}`);
  return posterior;
}

/** The value to improve upon, and which observation has it. */
function incumbentOf({
  noise,
  posterior,
  data,
  order,
  rows,
}: {
  /** As a variance. */
  readonly noise: number;
  readonly posterior: Posterior;
  readonly data: Data;
  readonly order: Int32Array;
  /** Which observations the posterior has. */
  readonly rows: Int32Array;
}): { readonly place: number; readonly best: number } {
  const place = order[0] ?? 0;
  if (noise < NOISY) return { place, best: data.y[place] ?? 0 };
  const means = posterior.smoothed();
  const row = bestFirst(means)[0] ?? 0;
  return { place: rows[row] ?? place, best: means[row] ?? 0 };
}
