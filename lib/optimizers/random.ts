import assert from 'node:assert/strict';
import type { Matrix } from '../domain/hptuning.ts';
import { LIMITS } from '../domain/limits.ts';
import type { Values } from '../domain/values.ts';
import { distinctPoints } from '../matrix/distinct.ts';
import { createDistinctDraws } from './distinct-draws.ts';
import type { Optimizer } from './optimizer.ts';
import { PURPOSES } from './purposes.ts';

/** What a random search is made of. */
export interface RandomSearch {
  readonly matrix: Matrix;
  readonly seed: number;
  readonly nExperiments: number;
}

/**
 * Returns random search: draws from the distributions of the matrix, each point at most once. A
 * draw does not depend on `nExperiments`, so that a longer search starts with the values of a
 * shorter one.
 *
 * *Asserts* nExperiments in 1 … 10^6.
 */
export function createRandom({ matrix, seed, nExperiments }: RandomSearch): Optimizer {
  assert(
    Number.isInteger(nExperiments) &&
      1 <= nExperiments &&
      nExperiments <= LIMITS.plannedExperiments,
    'random search plans from 1 to 10^6 experiments',
  );
  const points = distinctPoints(matrix);
  const planned = Math.min(nExperiments, points);
  const purposes = { draw: PURPOSES.draw, order: PURPOSES.order };
  const draw = createDistinctDraws({ matrix, seed, points, take: planned, purposes });

  const suggest = (index: number): Values | null => {
    assert(Number.isSafeInteger(index) && index >= 0, 'an index is an integer from 0 to 2^53 - 1');
    return index < planned ? draw(index) : null;
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
