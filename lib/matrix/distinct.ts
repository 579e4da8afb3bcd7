import type { Matrix, MatrixOption } from '../domain/hptuning.ts';
import { LIMITS } from '../domain/limits.ts';
import type { Value, Values } from '../domain/values.ts';
import { valueKey } from '../domain/values.ts';
import { cellAt, countCells } from './cells.ts';
import { listValues } from './enumerate.ts';
import type { QuantisedOption } from './quantise.ts';
import { createMultipleOf, multiplesInside, quantisedBounds } from './quantise.ts';

/** The values that an option can take, each once, and how likely each is. */
export interface Support {
  readonly values: readonly Value[];
  /** Positive, in the order of the values; the sum is 1. */
  readonly weights: Float64Array;
}

/**
 * Returns how many different values an option can give: repeats count once, items without
 * probability not at all. Infinity for continuous distributions and for those that have no bounds.
 */
export function distinctValues(option: MatrixOption): number {
  switch (option.kind) {
    case 'values':
    case 'pvalues':
    case 'range':
    case 'linspace':
    case 'logspace':
    case 'geomspace':
      return new Set(weightedItems(option).map(({ value }) => valueKey(value))).size;
    case 'quniform':
    case 'qloguniform': {
      const { first, last } = multiplesInside(quantisedBounds(option));
      return last - first + 1;
    }
    case 'uniform':
    case 'loguniform':
    case 'normal':
    case 'lognormal':
    case 'qnormal':
    case 'qlognormal':
      return Number.POSITIVE_INFINITY;
  }
}

/**
 * Returns how many different points a matrix has: Infinity where there is no end of them, rounded
 * above 2^53.
 */
export const distinctPoints = (matrix: Matrix): number =>
  matrix.reduce((points, { option }) => points * distinctValues(option), 1);

/**
 * Returns the values of an option with their weights, or null where there are more of them than an
 * ordered space may have points. Listed values come in the order of their first place, multiples of
 * q in ascending order.
 */
export function listSupport(option: MatrixOption): Support | null {
  if (distinctValues(option) > LIMITS.orderedSpacePoints) return null;
  if (option.kind === 'quniform' || option.kind === 'qloguniform') return quantisedSupport(option);
  const merged = new Map<string, { readonly value: Value; readonly weight: number }>();
  for (const { value, weight } of weightedItems(option)) {
    const key = valueKey(value);
    const before = merged.get(key);
    merged.set(key, { value: before?.value ?? value, weight: (before?.weight ?? 0) + weight });
  }
  const items = [...merged.values()];
  return {
    values: items.map(({ value }) => value),
    weights: normalised(Float64Array.from(items, ({ weight }) => weight)),
  };
}

/** The items of a list that can be drawn, with repeats. */
function weightedItems(option: MatrixOption): readonly { value: Value; weight: number }[] {
  if (option.kind !== 'pvalues') {
    return (listValues(option) ?? []).map((value) => ({ value, weight: 1 }));
  }
  return option.values
    .map((value, i) => ({ value, weight: option.probabilities[i] ?? 0 }))
    .filter(({ weight }) => weight > 0);
}

function normalised(weights: Float64Array): Float64Array {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * Each multiple has the mass of what rounds to it; the first and the last also that of what lies
 * between them and the bounds. For qloguniform masses are lengths of logarithms.
 */
function quantisedSupport(option: QuantisedOption): Support {
  const { first, last } = multiplesInside(quantisedBounds(option));
  const multipleOf = createMultipleOf(option.q);
  const length = last - first + 1;
  const edge =
    option.kind === 'quniform'
      ? (steps: number) => steps * option.q
      : (steps: number) => Math.log(steps) + Math.log(option.q);
  return {
    values: Array.from({ length }, (_, i) => multipleOf(first + i)),
    weights: normalised(
      Float64Array.from({ length }, (_, i) => {
        const from = i === 0 ? option.low : edge(first + i - 0.5);
        const to = i === length - 1 ? option.high : edge(first + i + 0.5);
        // A multiple can always be drawn, even where rounding hides how rarely.
        return Math.max(to - from, Number.MIN_VALUE);
      }),
    ),
  };
}

/** Returns every point of a small matrix. */
export function listPoints(matrix: Matrix): readonly Values[] {
  const parameters = matrix.map(({ name, option }) => ({
    name,
    values: listSupport(option)?.values ?? [],
  }));
  return Array.from({ length: countCells(parameters) }, (_, cell) => cellAt(parameters, cell));
}
