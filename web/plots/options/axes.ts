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
    else return { name, kind: 'category', categories: categoriesOf([...listed, ...column]) };
  }
  const isLog =
    LOGARITHMIC.has(kindOf(option)) || (listed.length > 0 && isGeometric(distinct(listed)));
  const isPositive = numbers.every((value) => value > 0);
  return { name, kind: isLog && isPositive ? 'log' : 'linear', categories: [] };
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

/**
 * Returns the axes of parameters.
 *
 * @param matrix - `matrix` of the group's normal form
 * @param columns - values by experiment, in the order of the parameters
 */
export const axesOf = (
  parameters: readonly string[],
  matrix: Readonly<Record<string, unknown>>,
  columns: (parameter: number) => readonly unknown[],
): readonly Axis[] => parameters.map((name, i) => axisOf(name, matrix[name], columns(i)));
