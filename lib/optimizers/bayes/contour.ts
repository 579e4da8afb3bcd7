import assert from 'node:assert/strict';
import type { Hptuning, MatrixOption } from '../../domain/hptuning.ts';
import type { Value, Values } from '../../domain/values.ts';
import type { EncodedAxis } from '../../matrix/encoding.ts';
import { createEncoding } from '../../matrix/encoding.ts';
import { createSurrogate } from './surrogate.ts';
import type { Observation } from './view.ts';

/** Values along an axis of numbers. */
const GRID = 30;
/** Values along an axis of listed ones. */
const LISTED_MAX = 64;

/** One side of a contour. */
export interface ContourAxis {
  readonly name: string;
  readonly scale: 'linear' | 'log' | 'category';
  readonly values: readonly Value[];
}

/** What a surrogate expects, in units of the metric: a row for each value of y, in it a number for each of x. */
export interface Contour {
  readonly mean: readonly (readonly number[])[];
  readonly standardDeviation: readonly (readonly number[])[];
}

const LOG_KINDS: ReadonlySet<MatrixOption['kind']> = new Set([
  'loguniform',
  'qloguniform',
  'lognormal',
  'qlognormal',
  'logspace',
  'geomspace',
]);

function valuesAlong(axis: EncodedAxis): readonly Value[] {
  if (axis.kind === 'choice') return axis.values.slice(0, LISTED_MAX);
  // Those that are rounded may come twice.
  return [...new Set(Array.from({ length: GRID }, (_, i) => axis.valueAt(i / (GRID - 1))))];
}

/**
 * Returns a parameter as the side of a contour.
 *
 * *Asserts* that the matrix has the parameter.
 */
export function contourAxis({ matrix }: Pick<Hptuning, 'matrix'>, name: string): ContourAxis {
  const axis = createEncoding(matrix).axes.find((one) => one.name === name);
  const option = matrix.find((one) => one.name === name)?.option;
  assert(axis !== undefined && option !== undefined, 'the matrix has the parameter');
  const values = valuesAlong(axis);
  const isOneHot = axis.kind === 'choice' && axis.width > 1;
  const isCategory = isOneHot || values.some((value) => typeof value !== 'number');
  const scale = isCategory ? 'category' : LOG_KINDS.has(option.kind) ? 'log' : 'linear';
  return { name, scale, values };
}

/**
 * Returns what the surrogate that a search chooses by itself expects of two parameters, the others as they are in `at`.
 *
 * @param observations - at least one of them finite
 * *Asserts* that the search has a metric.
 */
export function contourOf(
  { matrix, seed, algorithm }: Pick<Hptuning, 'matrix' | 'seed' | 'algorithm'>,
  of: {
    readonly x: ContourAxis;
    readonly y: ContourAxis;
    readonly at: Values;
    readonly observations: readonly Observation[];
  },
): Contour {
  const { x, y, at, observations } = of;
  const { metric } = algorithm;
  assert(metric !== null, 'the search has a metric');
  const encoding = createEncoding(matrix);
  const settings = { metric, surrogate: null, initial: 0 };
  const surrogate = createSurrogate({ settings, seed, encoding, observations, room: 0 });
  const rows = y.values.map((up) =>
    x.values.map((across) => {
      const point = encoding.pointOf({ ...at, [x.name]: across, [y.name]: up });
      return surrogate.predict(point, 0);
    }),
  );
  return {
    mean: rows.map((row) => row.map(({ mean }) => mean)),
    standardDeviation: rows.map((row) => row.map(({ sd }) => sd)),
  };
}
