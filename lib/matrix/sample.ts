import assert from 'node:assert/strict';
import type { MatrixOption } from '../domain/hptuning.ts';
import type { Value } from '../domain/values.ts';
import { valueKey } from '../domain/values.ts';
import { previousDouble } from '../numerics/doubles.ts';
import { normalFromUniform } from '../numerics/normal.ts';
import { upperBound } from '../numerics/ordered.ts';
import { listValues } from './enumerate.ts';
import type { Distribution } from './inside.ts';
import { createBounded, createInside } from './inside.ts';

/**
 * How one parameter is drawn. A code is a number that stands for a value: equal codes, equal
 * values, and the other way round.
 */
export interface Axis {
  /**
   * From a uniform in [0, 1), a multiple of 2^-53, to the code of the value drawn with it. Neither
   * NaN nor −0.
   */
  readonly draw: (u: number) => number;
  readonly valueOf: (code: number) => Value;
}

/**
 * Returns how an option is drawn; every value it gives is finite and inside the option's bounds.
 */
export function createAxis(option: MatrixOption): Axis {
  switch (option.kind) {
    case 'pvalues':
      return weightedAxis(option.values, option.probabilities);
    case 'values':
    case 'range':
    case 'linspace':
    case 'logspace':
    case 'geomspace':
      return listedAxis(listValues(option) ?? []);
    case 'uniform':
    case 'quniform':
    case 'loguniform':
    case 'qloguniform':
    case 'normal':
    case 'qnormal':
    case 'lognormal':
    case 'qlognormal':
      return { draw: createDraw(option), valueOf: (code) => code };
  }
}

/** Draws from the list with equal chances; the code of a value is its first place in the list. */
function listedAxis(values: readonly Value[]): Axis {
  const codes = firstPlaces(values);
  return {
    draw: (u) => codes[Math.floor(u * codes.length)] ?? 0,
    valueOf: (code) => itemOf(values, code),
  };
}

/**
 * Draws from the list by its probabilities, whatever their sum; items without probability are never
 * drawn.
 */
function weightedAxis(values: readonly Value[], probabilities: readonly number[]): Axis {
  const codes = firstPlaces(values);
  const cumulative = Float64Array.from(probabilities);
  let sum = 0;
  for (const [i, probability] of probabilities.entries()) {
    sum += probability;
    cumulative[i] = sum;
  }
  // The product with u may round up to the sum, which belongs to the last item that has any
  // probability.
  const last = probabilities.findLastIndex((probability) => probability > 0);
  return {
    draw: (u) => codes[Math.min(upperBound(cumulative, u * sum), last)] ?? 0,
    valueOf: (code) => itemOf(values, code),
  };
}

function firstPlaces(values: readonly Value[]): Uint32Array {
  const places = new Map<string, number>();
  return Uint32Array.from(values, (value, i) => {
    const key = valueKey(value);
    const place = places.get(key) ?? i;
    places.set(key, place);
    return place;
  });
}

function itemOf(values: readonly Value[], place: number): Value {
  const value = values[place];
  assert(value !== undefined, 'a code of a list is a place in it');
  return value;
}

/** From a uniform in [0, 1) to a number of the distribution; rising with it. */
function createDraw(option: Distribution): (u: number) => number {
  // What rounding does must not lead out of the support.
  const inside = createInside(option);
  const draw = createUnbounded(option);
  return (u) => inside(draw(u));
}

/** The same before it is brought to the option's bounds and multiples. */
function createUnbounded(option: Distribution): (u: number) => number {
  switch (option.kind) {
    case 'uniform':
    case 'quniform':
      return createUniform(option.low, option.high);
    case 'loguniform':
    case 'qloguniform': {
      const exponent = createUniform(option.low, option.high);
      return (u) => Math.exp(exponent(u));
    }
    case 'normal':
    case 'qnormal':
      return createNormal(option.loc, option.scale);
    case 'lognormal':
    case 'qlognormal':
      return createLognormal(option.loc, option.scale);
  }
}

/** U[low, high). */
function createUniform(low: number, high: number): (u: number) => number {
  // The sum may round up to the upper bound, which is not part of the interval.
  const bounded = createBounded(low, previousDouble(high));
  return (u) => bounded(low + (high - low) * u);
}

/** N(loc, scale), never infinite. */
function createNormal(loc: number, scale: number): (u: number) => number {
  const bounded = createBounded(-Number.MAX_VALUE, Number.MAX_VALUE);
  return (u) => bounded(loc + scale * normalFromUniform(u));
}

/** exp(N(loc, scale)), neither zero nor infinite. */
function createLognormal(loc: number, scale: number): (u: number) => number {
  const bounded = createBounded(Number.MIN_VALUE, Number.MAX_VALUE);
  return (u) => bounded(Math.exp(loc + scale * normalFromUniform(u)));
}
