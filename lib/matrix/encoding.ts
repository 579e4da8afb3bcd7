import assert from 'node:assert/strict';
import type { Matrix, MatrixOption } from '../domain/hptuning.ts';
import type { Value, Values } from '../domain/values.ts';
import { valueKey } from '../domain/values.ts';
import { nearestFinite } from '../numerics/doubles.ts';
import { upperBound } from '../numerics/ordered.ts';
import { distinctValues, listSupport } from './distinct.ts';
import type { Distribution } from './inside.ts';
import { createInside } from './inside.ts';

/**
 * How a surrogate sees values: as a point of the unit cube. Numbers are scaled to [0, 1], those of
 * logarithmic options by their logarithm; listed numbers stand evenly spaced in ascending order;
 * everything else is one-hot.
 *
 * | symbol | meaning |
 * |---|---|
 * | t | the coordinate of a number |
 */

/** A number between bounds, in one coordinate. */
export interface NumberAxis {
  readonly kind: 'number';
  readonly name: string;
  /** Its coordinate in the point. */
  readonly first: number;
  readonly width: 1;
  /** The allowed value nearest to a coordinate in [0, 1]. */
  readonly valueAt: (t: number) => number;
  /** The coordinate of a number; outside [0, 1] only for what lies far in the tail of a distribution. */
  readonly coordinateOf: (value: number) => number;
  /** The allowed value nearest to one that a caller has chosen. */
  readonly nearest: (value: Value) => Value;
}

/** A parameter of which every value can be tried in turn. */
export interface ChoiceAxis {
  readonly kind: 'choice';
  readonly name: string;
  readonly first: number;
  /** 1 for numbers, else the number of choices or what of it there is room for; 0 where there is only one. */
  readonly width: number;
  readonly values: readonly Value[];
  /** Writes the coordinates of a value, which for a number may lie between the listed ones. */
  readonly write: (value: Value, point: Float64Array) => void;
  /** The allowed value nearest to one that a caller has chosen. */
  readonly nearest: (value: Value) => Value;
}

export type EncodedAxis = NumberAxis | ChoiceAxis;

export interface Encoding {
  /** In the order of the matrix. */
  readonly axes: readonly EncodedAxis[];
  /** Coordinates of a point. */
  readonly width: number;
  /** Returns the point of values: [width]. */
  readonly pointOf: (values: Values) => Float64Array;
}

/** Up to so many values are tried one by one; more numbers than that are treated as a continuum and rounded. */
const CHOICES_MAX = 64;
/** The unit interval spans so many standard deviations of a normal distribution to either side. */
const NORMAL_SPAN = 3;
/** Puts two categories at distance 1, as far apart as the ends of a number's interval. */
const ONE_HOT = Math.SQRT1_2;
/** The most coordinates of a point, numbers aside: the time of a fit grows with it. */
const ONE_HOT_WIDTH_MAX = 512;

/** Returns how points are made of the values of a matrix. */
export function createEncoding(matrix: Matrix): Encoding {
  const axes: EncodedAxis[] = [];
  const categories = matrix.filter(({ option }) => isCategorical(option)).length;
  const widthMax = Math.max(2, Math.floor(ONE_HOT_WIDTH_MAX / Math.max(categories, 1)));
  let width = 0;
  for (const { name, option } of matrix) {
    const axis = createEncodedAxis({ name, option, first: width, widthMax });
    axes.push(axis);
    width += axis.width;
  }
  const pointOf = (values: Values): Float64Array => {
    const point = new Float64Array(width);
    for (const axis of axes) {
      const value = values[axis.name];
      assert(value !== undefined, 'values have every parameter of the matrix');
      if (axis.kind === 'choice') axis.write(value, point);
      else if (typeof value === 'number') point[axis.first] = axis.coordinateOf(value);
    }
    return point;
  };
  return { axes, width, pointOf };
}

function createEncodedAxis({
  name,
  option,
  first,
  widthMax,
}: {
  readonly name: string;
  readonly option: MatrixOption;
  readonly first: number;
  readonly widthMax: number;
}): EncodedAxis {
  switch (option.kind) {
    case 'values':
    case 'pvalues':
    case 'range':
    case 'linspace':
    case 'logspace':
    case 'geomspace': {
      const values = listSupport(option)?.values ?? [];
      const numbers = isCategorical(option) ? null : numbersOf(values);
      if (numbers === null) return categorical({ name, values, first, widthMax });
      return numbers.length <= CHOICES_MAX
        ? listedChoice(name, numbers, first)
        : listedNumber(name, numbers, first);
    }
    case 'quniform':
    case 'qloguniform': {
      const values = fewValues(option);
      const scale = createScale(option);
      return values === null
        ? numberAxis(name, first, scale)
        : scaledChoice({ name, first, values, scale });
    }
    case 'qnormal':
    case 'qlognormal':
      return numberAxis(name, first, createScale(option));
    case 'uniform':
    case 'loguniform':
    case 'normal':
    case 'lognormal':
      // Whatever number a caller has chosen is allowed as it is, to the last digit.
      return { ...numberAxis(name, first, createScale(option)), nearest: (value) => value };
  }
}

/** Weighted lists, and lists of anything but numbers. */
const isCategorical = (option: MatrixOption): boolean =>
  option.kind === 'pvalues' ||
  (option.kind === 'values' && option.values.some((value) => typeof value !== 'number'));

/** The values in ascending order, or null where they are not all numbers. */
function numbersOf(values: readonly Value[]): Float64Array | null {
  const numbers = values.filter((value) => typeof value === 'number');
  return numbers.length < values.length ? null : Float64Array.from(numbers).sort();
}

function fewValues(
  option: Extract<MatrixOption, { readonly kind: 'quniform' | 'qloguniform' }>,
): Float64Array | null {
  if (distinctValues(option) > CHOICES_MAX) return null;
  return numbersOf(listSupport(option)?.values ?? []);
}

/** From numbers to coordinates and back. */
interface Scale {
  readonly valueAt: (t: number) => number;
  readonly coordinateOf: (value: number) => number;
}

const identity = (x: number): number => x;

function createScale(option: Distribution): Scale {
  const isLog = option.kind.includes('log');
  const [toLine, fromLine] = isLog ? [Math.log, Math.exp] : [identity, identity];
  const line =
    'low' in option ? between(option.low, option.high) : around(option.loc, option.scale);
  const inside = createInside(option);
  return {
    valueAt: (t) => inside(nearestFinite(fromLine(line.valueAt(t)))),
    coordinateOf: (value) => {
      // A quantised value may be 0, of which there is no logarithm: it stands at the lower end.
      const t = line.coordinateOf(toLine(value));
      return Number.isFinite(t) ? t : 0;
    },
  };
}

/** From one end at 0 to the other at 1. Halves, as the difference may be beyond the largest double. */
const between = (from: number, to: number): Scale => ({
  valueAt: (t) => from * (1 - t) + to * t,
  coordinateOf: (value) => (value / 2 - from / 2) / (to / 2 - from / 2),
});

/** So many standard deviations to either side of the centre. */
function around(loc: number, scale: number): Scale {
  // Narrower than this, rounding alone would lead many deviations away.
  const width = Math.max(scale, Math.abs(loc) * NARROWEST);
  return {
    valueAt: (t) => loc + scale * (NORMAL_SPAN * (2 * t - 1)),
    coordinateOf: (value) => (value / 2 - loc / 2) / width / NORMAL_SPAN + 0.5,
  };
}

/** Of the size of the centre. */
const NARROWEST = 2 ** -45;

const numberAxis = (name: string, first: number, scale: Scale): NumberAxis => ({
  kind: 'number',
  name,
  first,
  width: 1,
  ...scale,
  nearest: (value) =>
    typeof value === 'number'
      ? scale.valueAt(Math.min(Math.max(scale.coordinateOf(value), 0), 1))
      : value,
});

/** Where a number stands among ascending ones, evenly spaced from 0 to 1; between two of them in proportion. */
function createEvenScale(numbers: Float64Array): (value: number) => number {
  const last = numbers.length - 1;
  return (value) => {
    if (last === 0) return 0;
    const below = Math.min(Math.max(upperBound(numbers, value) - 1, 0), last - 1);
    const from = numbers[below] ?? 0;
    const to = numbers[below + 1] ?? 1;
    const share = (value / 2 - from / 2) / (to / 2 - from / 2);
    return Math.min(Math.max((below + share) / last, 0), 1);
  };
}

function listedNumber(name: string, numbers: Float64Array, first: number): NumberAxis {
  const last = numbers.length - 1;
  const valueAt = (t: number): number => numbers[Math.round(t * last)] ?? 0;
  return numberAxis(name, first, { valueAt, coordinateOf: createEvenScale(numbers) });
}

const listedChoice = (name: string, numbers: Float64Array, first: number): ChoiceAxis =>
  scaledChoice({
    name,
    first,
    values: numbers,
    scale: { coordinateOf: createEvenScale(numbers) },
  });

function scaledChoice({
  name,
  first,
  values,
  scale,
}: {
  readonly name: string;
  readonly first: number;
  readonly values: Float64Array;
  readonly scale: Pick<Scale, 'coordinateOf'>;
}): ChoiceAxis {
  if (values.length === 1) return constant(name, [...values], first);
  const coordinates = values.map(scale.coordinateOf);
  return {
    kind: 'choice',
    name,
    first,
    width: 1,
    values: [...values],
    nearest: (value) => {
      if (typeof value !== 'number') return value;
      const at = scale.coordinateOf(value);
      const distances = coordinates.map((one) => Math.abs(one - at));
      return values[distances.indexOf(Math.min(...distances))] ?? value;
    },
    write: (value, point) => {
      if (typeof value === 'number') point[first] = scale.coordinateOf(value);
    },
  };
}

/** A parameter that always has the same value says nothing. */
const constant = (name: string, values: readonly Value[], first: number): ChoiceAxis => ({
  kind: 'choice',
  name,
  first,
  width: 0,
  values,
  write: () => {},
  nearest: (value) => values[0] ?? value,
});

/** Of weighted numbers the nearest one; a value that is no number is always one of its list. */
function nearestOf(values: readonly Value[], value: Value): Value {
  if (typeof value !== 'number') return value;
  const numbers = values.filter((one) => typeof one === 'number');
  const distances = numbers.map((one) => Math.abs(one / 2 - value / 2));
  return numbers[distances.indexOf(Math.min(...distances))] ?? value;
}

/** One-hot; where there are more values than coordinates, some share one and the surrogate cannot tell them apart. */
function categorical({
  name,
  values,
  first,
  widthMax,
}: {
  readonly name: string;
  readonly values: readonly Value[];
  readonly first: number;
  readonly widthMax: number;
}): ChoiceAxis {
  if (values.length === 1) return constant(name, values, first);
  const width = Math.min(values.length, widthMax);
  const places = new Map(values.map((value, place) => [valueKey(value), place % width]));
  return {
    kind: 'choice',
    name,
    first,
    width,
    values,
    nearest: (value) => nearestOf(values, value),
    write: (value, point) => {
      point.fill(0, first, first + width);
      const place = places.get(valueKey(value));
      if (place !== undefined) point[first + place] = ONE_HOT;
    },
  };
}
