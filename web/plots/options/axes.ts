import type { Drawn } from '../data.ts';
import { shown } from './text.ts';

/*
 * How the values of a parameter lie on an axis. Numbers stay numbers; everything else is a category, at the place of
 * its index.
 */

/** One axis: its categories are texts, empty for numbers. */
export interface Axis {
  readonly name: string;
  readonly kind: 'linear' | 'log' | 'category';
  readonly categories: readonly string[];
  /** Where a logarithmic axis begins and ends: else it would go on to the next powers of ten. */
  readonly extent: readonly [low: number, high: number] | null;
  /** Values that have a label each; null where round numbers have. */
  readonly ticks: readonly number[] | null;
}

/** Returns an axis of numbers; a logarithmic one needs some, all above zero. */
export function numberAxis(name: string, log?: readonly number[]): Axis {
  if (log === undefined || log.length === 0) {
    return { name, kind: 'linear', categories: [], extent: null, ticks: null };
  }
  const low = log.reduce((a, b) => Math.min(a, b));
  const high = log.reduce((a, b) => Math.max(a, b));
  return {
    name,
    kind: 'log',
    categories: [],
    extent: low < high ? [low, high] : [low / 2, low * 2],
    ticks: null,
  };
}

const PER_DECADE = [
  { decades: 0.7, digits: [1, 1.5, 2, 3, 4, 5, 6, 8] },
  { decades: 3, digits: [1, 2, 5] },
  { decades: 8, digits: [1] },
] as const;

/** Returns round numbers on a logarithmic axis, some for each decade or one for some decades. */
export function logTicks([low, high]: readonly [number, number]): readonly number[] {
  const decades = Math.log10(high / low);
  const digits = PER_DECADE.find((row) => decades <= row.decades)?.digits ?? [1];
  const every = Math.max(1, Math.ceil(decades / 8));
  const first = Math.floor(Math.log10(low));
  const ticks: number[] = [];
  for (let exponent = first; exponent <= Math.ceil(Math.log10(high)); exponent++) {
    if (exponent % every !== 0) continue;
    // Read from digits, as 10 ** -5 is not 0.00001.
    for (const digit of digits) ticks.push(Number(`${digit}e${exponent}`));
  }
  return ticks.filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9));
}

const LOGARITHMIC = new Set([
  'loguniform',
  'qloguniform',
  'lognormal',
  'qlognormal',
  'logspace',
  'geomspace',
]);

/** From this ratio of the largest to the smallest on, numbers that grow by a factor are seen by factors. */
const SPAN_MIN = 4;
/** How unequal the factors may be: 0.001, 0.003, 0.01 still grow by a factor. */
const UNEVEN_MAX = 1.25;
/** Listed numbers that get a label each. */
const TICKS_MAX = 8;
/** Distinct values that get a place of their own. */
const CATEGORIES_MAX = 200;

/** Tells whether distinct numbers grow by a factor rather than by a step. */
function isGeometric(numbers: readonly number[]): boolean {
  const sorted = numbers.toSorted((a, b) => a - b);
  const [low = 0] = sorted;
  if (sorted.length < 3 || low <= 0 || (sorted.at(-1) ?? 0) / low < SPAN_MIN) return false;
  const factors = sorted.slice(1).map((value, i) => value / (sorted[i] ?? 1));
  return Math.max(...factors) / Math.min(...factors) <= UNEVEN_MAX;
}

const kindOf = (option: unknown): string =>
  typeof option === 'object' && option !== null ? (Object.keys(option)[0] ?? '') : '';

/** Values of a listed parameter, without probabilities. */
function listedIn(option: unknown): readonly unknown[] {
  if (typeof option !== 'object' || option === null) return [];
  if ('values' in option && Array.isArray(option.values)) return option.values;
  if ('pvalues' in option && Array.isArray(option.pvalues)) {
    return option.pvalues.map((pair: unknown) => (Array.isArray(pair) ? pair[0] : pair));
  }
  return [];
}

/**
 * Returns the axis of a parameter.
 *
 * @param option - its entry in the normal form of the matrix, such as `{loguniform: {…}}`; undefined where unknown
 * @param column - its values in the experiments
 */
export function axisOf(name: string, option: unknown, column: readonly unknown[]): Axis {
  const listed = listedIn(option);
  const numbers: number[] = [];
  for (const value of listed.length > 0 ? [...listed, ...column] : column) {
    if (typeof value === 'number') numbers.push(value);
    else {
      const categories = categoriesOf([...listed, ...column]);
      return { name, kind: 'category', categories, extent: null, ticks: null };
    }
  }
  const isLog =
    LOGARITHMIC.has(kindOf(option)) || (listed.length > 0 && isGeometric(distinct(listed)));
  const axis = numberAxis(name, isLog && numbers.every((value) => value > 0) ? numbers : undefined);
  return listed.length > 0 && listed.length <= TICKS_MAX
    ? { ...axis, ticks: distinct(listed) }
    : axis;
}

const distinct = (values: readonly unknown[]): readonly number[] => [
  ...new Set(values.filter((value) => typeof value === 'number')),
];

/** Texts of distinct values, in the order in which they first occur. */
const categoriesOf = (values: readonly unknown[]): readonly string[] =>
  [...new Set(values.map(shown))].slice(0, CATEGORIES_MAX);

/** Returns a function that places values on an axis: a number, or null for what has no place. */
export function placeOn({ kind, categories }: Axis): (value: unknown) => number | null {
  if (kind !== 'category') return (value) => (typeof value === 'number' ? value : null);
  const places = new Map(categories.map((category, i) => [category, i]));
  return (value) => places.get(shown(value)) ?? null;
}

/** Returns the axes of a group's parameters, by `matrix` of its normal form. */
export const axesOf = (
  { parameters, records }: Drawn,
  matrix: Readonly<Record<string, unknown>>,
): readonly Axis[] =>
  parameters.map((name, i) =>
    axisOf(
      name,
      matrix[name],
      records.map(({ values }) => values[i]),
    ),
  );
