import assert from 'node:assert/strict';
import type { Value, Values } from '../domain/values.ts';

/** A parameter with the values it can take, in order. */
export interface ListedParameter {
  readonly name: string;
  readonly values: readonly Value[];
}

/** Returns the number of cells of the Cartesian product, rounded above 2^53. */
export const countCells = (parameters: readonly ListedParameter[]): number =>
  parameters.reduce((product, { values }) => product * values.length, 1);

/**
 * Returns one cell of the Cartesian product, the last parameter varying fastest. The digits of its
 * number, in the bases of the lists' lengths, are places in the lists.
 *
 * @param cell - 0 … 2^53 − 1, below the number of cells
 */
export function cellAt(parameters: readonly ListedParameter[], cell: number): Values {
  const entries: [string, Value][] = [];
  let rest = cell;
  for (const { name, values } of parameters.toReversed()) {
    const place = rest % values.length;
    // The difference is a multiple of the base, so that the division is exact.
    rest = (rest - place) / values.length;
    const value = values[place];
    assert(value !== undefined, 'a digit is smaller than its base');
    entries.push([name, value]);
  }
  return Object.fromEntries(entries.reverse());
}
