import assert from 'node:assert/strict';
import type { Matrix } from '../domain/hptuning.ts';
import { LIMITS } from '../domain/limits.ts';
import type { Values } from '../domain/values.ts';
import type { ListedParameter } from '../matrix/cells.ts';
import { cellAt, countCells } from '../matrix/cells.ts';
import { listValues } from '../matrix/enumerate.ts';
import type { Optimizer } from './optimizer.ts';

/** *Asserts* that every option lists its values: a document with others is refused before. */
const listParameters = (matrix: Matrix): readonly ListedParameter[] =>
  matrix.map(({ name, option }) => {
    const values = listValues(option);
    assert(values !== null, `grid search needs listed values: ${name}`);
    return { name, values };
  });

/**
 * Returns the number of cells of a grid, repeats included, or Infinity where it is above 2^53 − 1.
 *
 * *Asserts* that every option lists its values.
 */
export function gridSize(matrix: Matrix): number {
  const cells = countCells(listParameters(matrix));
  return cells <= LIMITS.exactInteger ? cells : Number.POSITIVE_INFINITY;
}

/**
 * Returns grid search: the cells of the Cartesian product in the order of the parameters, the last
 * one varying fastest. A cell is computed when it is asked for.
 *
 * @param nExperiments - take only the first ones; null for all
 * *Asserts* that every option lists its values.
 */
export function createGrid(matrix: Matrix, nExperiments: number | null): Optimizer {
  const parameters = listParameters(matrix);
  const planned = Math.min(gridSize(matrix), nExperiments ?? Number.POSITIVE_INFINITY);

  const suggest = (index: number): Values | null => {
    assert(Number.isSafeInteger(index) && index >= 0, 'an index is an integer from 0 to 2^53 - 1');
    return index < planned ? cellAt(parameters, index) : null;
  };

  return {
    planned,
    fresh: planned,
    suggest,
    indexOf: (index) => index,
    promotion: null,
    halving: null,
    surrogate: null,
  };
}
