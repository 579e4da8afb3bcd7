import type { Matrix } from '../../domain/hptuning.ts';
import type { Value, Values } from '../../domain/values.ts';
import { distinctPoints, listPoints } from '../../matrix/distinct.ts';
import type { ChoiceAxis, Encoding, NumberAxis } from '../../matrix/encoding.ts';
import { createAxis } from '../../matrix/sample.ts';
import { minimizeBounded } from '../../numerics/minimize.ts';
import { createSobol } from '../../numerics/sobol.ts';
import type { Stream } from '../../numerics/stream.ts';
import { createStream } from '../../numerics/stream.ts';
import type { Draw } from '../distinct-draws.ts';
import { PURPOSES } from '../purposes.ts';
import type { Box } from './box.ts';
import { between, bounded, boundsOf, moved, within } from './box.ts';

/*
 * Where an acquisition function is largest over a matrix of numbers and choices. A small matrix is tried point by point.
 * Elsewhere points of a Sobol sequence and points around the best observations are compared; from the best of them a
 * search goes up in turn along the gradient of the numbers and through the values of each choice.
 */

/** What is maximised, over points of the unit cube. */
export interface Landscape {
  readonly at: (point: Float64Array) => number;
  /** The same of many points, [count, width]. */
  readonly atMany: (points: Float64Array) => Float64Array;
  /** The same, with its gradient written: [width]. */
  readonly climb: (point: Float64Array, gradient: Float64Array) => number;
}

/** What one maximisation is made of. */
export interface Maximisation {
  readonly landscape: Landscape;
  /** Index of the suggestion: the only thing besides the seed that random numbers depend on. */
  readonly index: number;
  /** Values around which it looks, best first. */
  readonly incumbents: readonly Values[];
  /** Tells what must not be suggested again. */
  readonly isTried: (values: Values) => boolean;
  /** Where numbers are looked for; null for everywhere. A small matrix is tried as a whole all the same. */
  readonly box: Box | null;
}

/** Where it is largest, and how large it is there. */
export interface Peak {
  readonly values: Values;
  readonly point: Float64Array;
  readonly height: number;
}

/** Peaks by their place, from 0. */
interface Ranking {
  readonly count: number;
  readonly heightAt: (place: number) => number;
  readonly peakAt: (place: number) => Peak;
}

/** A matrix of up to so many points is tried point by point. */
const LISTED_POINTS = 2_048;
const SOBOL_POINTS = 512;
/** Of their coordinates: finer than anything that they are compared by, and much faster than all 32. */
const SOBOL_BITS = 14;
/** Incumbents around which points are drawn, and how many around each. */
const INCUMBENTS = 4;
const NEIGHBOURS = 64;
/** Standard deviations of the steps from an incumbent, in turn. */
const STEPS = [0.2, 0.05, 0.01] as const;
/** Points from which the search goes up. */
const CLIMBS = 8;
/** Turns of numbers and choices; most searches end after two. */
const TURNS = 8;
const CLIMB_ITERATIONS = 40;
const CLIMB_TOLERANCE = 1e-8;
/** Uniforms from here on belong to the search that goes up. */
const CLIMB_FROM = 2 ** 20;
/** Choices of one parameter that are tried in a turn at most, and of all together; of more of them so many by chance. */
const CHOICES_MAX = 64;
const CHOICES_PER_TURN = 512;

/** Returns a function that finds where an acquisition function is largest. */
export function createMaximiser({
  matrix,
  seed,
  encoding,
  design,
}: {
  readonly matrix: Matrix;
  readonly seed: number;
  readonly encoding: Encoding;
  /** Goes on with untried points where nothing better is found. */
  readonly design: Draw;
}): (maximisation: Maximisation) => Peak | null {
  const sobol = createSobol({
    dimensions: matrix.length,
    seed,
    purpose: PURPOSES.candidates,
    bits: SOBOL_BITS,
  });
  const stream = createStream({ seed, purpose: PURPOSES.neighbours });
  const samplers = matrix.map(({ name, option }) => ({ name, axis: createAxis(option) }));
  const { axes } = encoding;
  const isListed = distinctPoints(matrix) <= LISTED_POINTS;

  const peakOf = ({ landscape }: Maximisation, values: Values): Peak => {
    const point = encoding.pointOf(values);
    return { values, point, height: landscape.at(point) };
  };

  /** The same of many values, the highest first, equal ones in their order; each is made when it is asked for. */
  const rank = ({ landscape }: Maximisation, many: readonly Values[]): Ranking => {
    const { width } = encoding;
    const points = new Float64Array(many.length * width);
    for (const [i, values] of many.entries()) points.set(encoding.pointOf(values), i * width);
    const heights = landscape.atMany(points);
    const order = Int32Array.from(many.keys()).sort((a, b) => heights[b]! - heights[a]! || a - b);
    return {
      count: many.length,
      heightAt: (place) => heights[order[place]!]!,
      peakAt: (place) => {
        const i = order[place]!;
        const point = points.slice(i * width, (i + 1) * width);
        return { values: many[i]!, point, height: heights[i]! };
      },
    };
  };

  const spread = ({ index, box }: Maximisation): readonly Values[] => {
    const uniforms = new Float64Array(matrix.length);
    return Array.from({ length: SOBOL_POINTS }, (_, i) => {
      // The sequence has 2^32 points, enough for eight million suggestions before it repeats itself.
      sobol.fill((index * SOBOL_POINTS + i) % 2 ** 32, uniforms);
      const values: Record<string, Value> = {};
      for (const [j, { name, axis }] of samplers.entries()) {
        const u = uniforms[j] ?? 0;
        values[name] = between(axes[j], box, u) ?? axis.valueOf(axis.draw(u));
      }
      return values;
    });
  };

  /** The best observations, those of the caller's own choice at the values allowed, those outside the box at its border. */
  const firstIncumbents = ({ incumbents, box }: Maximisation): readonly Values[] =>
    incumbents
      .slice(0, INCUMBENTS)
      .map((incumbent) =>
        Object.fromEntries(
          axes.map((axis) => [
            axis.name,
            within(axis, box, axis.nearest(incumbent[axis.name] ?? 0)),
          ]),
        ),
      );

  const around = (wanted: Maximisation, incumbents: readonly Values[]): readonly Values[] => {
    const { index, box } = wanted;
    const random = counter(stream, index, 0);
    return incumbents.flatMap((incumbent) =>
      Array.from({ length: NEIGHBOURS }, (_, i) => {
        const step = STEPS[i % STEPS.length] ?? 0;
        // One parameter moves for certain, the others by chance.
        const certain = Math.floor(random() * axes.length);
        const values: Record<string, Value> = {};
        for (const [j, axis] of axes.entries()) {
          const moves = random() < 0.5 || j === certain;
          const value = incumbent[axis.name] ?? 0;
          values[axis.name] = moves ? moved(axis, value, { step, box, random }) : value;
        }
        return values;
      }),
    );
  };

  /** Goes up from a point until nothing changes any more. */
  const climb = (maximisation: Maximisation, start: Peak): Peak => {
    const random = counter(stream, maximisation.index, CLIMB_FROM);
    let peak = start;
    for (let turn = 0; turn < turns; turn++) {
      const before = peak.height;
      peak = climbNumbers(maximisation, peak);
      for (const axis of axes) {
        if (axis.kind === 'choice' && axis.width > 0) {
          peak = bestChoice(maximisation, peak, { axis, random });
        }
      }
      if (!(peak.height > before + CLIMB_TOLERANCE)) break;
    }
    return peak;
  };

  const choices = axes.filter((axis) => axis.kind === 'choice' && axis.width > 0).length;
  // Numbers alone are as far up after their first turn.
  const turns = choices === 0 ? 1 : TURNS;
  const choicesTried = Math.min(
    CHOICES_MAX,
    Math.max(2, Math.floor(CHOICES_PER_TURN / Math.max(choices, 1))),
  );
  const numbers = axes.filter((axis): axis is NumberAxis => axis.kind === 'number');

  const climbNumbers = (maximisation: Maximisation, from: Peak): Peak => {
    if (numbers.length === 0) return from;
    const { landscape, box } = maximisation;
    const point = from.point.slice();
    const gradient = new Float64Array(encoding.width);
    const bounds = numbers.map((axis) => boundsOf(axis, box));
    const { x } = minimizeBounded({
      start: Float64Array.from(numbers, (axis) => bounded(axis, box, point[axis.first] ?? 0)),
      lower: Float64Array.from(bounds, ({ lower }) => lower),
      upper: Float64Array.from(bounds, ({ upper }) => upper),
      evaluate: (at, slope) => {
        for (const [i, { first }] of numbers.entries()) point[first] = at[i] ?? 0;
        const height = landscape.climb(point, gradient);
        for (const [i, { first }] of numbers.entries()) slope[i] = -(gradient[first] ?? 0);
        return -height;
      },
      iterations: CLIMB_ITERATIONS,
      evaluations: 2 * CLIMB_ITERATIONS,
      tolerance: CLIMB_TOLERANCE,
    });
    const climbed = Object.fromEntries(
      numbers.map(({ name, valueAt }, i) => [name, valueAt(x[i] ?? 0)]),
    );
    const peak = peakOf(maximisation, { ...from.values, ...climbed });
    return peak.height > from.height ? peak : from;
  };

  const bestChoice = (
    maximisation: Maximisation,
    from: Peak,
    { axis, random }: { readonly axis: ChoiceAxis; readonly random: () => number },
  ): Peak => {
    const { landscape } = maximisation;
    const values = someOf(axis.values, choicesTried, random);
    const points = new Float64Array(values.length * encoding.width);
    const point = from.point.slice();
    for (const [i, value] of values.entries()) {
      axis.write(value, point);
      points.set(point, i * encoding.width);
    }
    const heights = landscape.atMany(points);
    let best: { readonly value: Value; readonly height: number } | null = null;
    for (const [i, value] of values.entries()) {
      const height = heights[i]!;
      if (height > (best?.height ?? from.height)) best = { value, height };
    }
    if (best === null) return from;
    return peakOf(maximisation, { ...from.values, [axis.name]: best.value });
  };

  const firstUntried = (maximisation: Maximisation): Peak | null => {
    for (let k = 0; ; k++) {
      const values = design(k);
      if (values === null) return null;
      if (!maximisation.isTried(values)) return peakOf(maximisation, values);
    }
  };

  const maximise = (maximisation: Maximisation): Peak | null => {
    const { isTried, box } = maximisation;
    if (isListed) {
      const untried = listPoints(matrix).filter((values) => !isTried(values));
      return untried.length === 0 ? null : rank(maximisation, untried).peakAt(0);
    }
    const incumbents = firstIncumbents(maximisation);
    const candidates = rank(maximisation, [
      ...incumbents,
      ...spread(maximisation),
      ...around(maximisation, incumbents),
    ]);
    const climbed = Array.from({ length: Math.min(CLIMBS, candidates.count) }, (_, place) =>
      climb(maximisation, candidates.peakAt(place)),
    );
    const top = highest(climbed.filter(({ values }) => !isTried(values)));
    for (let place = 0; place < candidates.count; place++) {
      if (top !== null && !(candidates.heightAt(place) > top.height)) return top;
      const peak = candidates.peakAt(place);
      if (!isTried(peak.values)) return peak;
    }
    if (top !== null) return top;
    return box === null ? firstUntried(maximisation) : maximise({ ...maximisation, box: null });
  };
  return maximise;
}

/** The highest one, the first of equal ones; null where there is none. */
const highest = (peaks: readonly Peak[]): Peak | null =>
  peaks.reduce<Peak | null>(
    (best, peak) => (best === null || peak.height > best.height ? peak : best),
    null,
  );

/** Uniforms of one index, one after another. */
function counter(stream: Stream, index: number, from: number): () => number {
  let i = from;
  return () => stream.uniform(index, i++);
}

/** All values where there are few, else so many by chance. */
const someOf = (values: readonly Value[], most: number, random: () => number): readonly Value[] =>
  values.length <= most
    ? values
    : Array.from(
        { length: most },
        () => values[Math.floor(random() * values.length)] ?? values[0] ?? 0,
      );
