import type { Algorithm, Hptuning } from '../domain/hptuning.ts';
import { createGrid } from './grid.ts';
import type { Optimizer } from './optimizer.ts';
import { createRandom } from './random.ts';

const OPTIMIZERS: {
  readonly [K in Algorithm['kind']]: (
    hptuning: Hptuning,
    algorithm: Extract<Algorithm, { readonly kind: K }>,
  ) => Optimizer;
} = {
  grid: ({ matrix }, { nExperiments }) => createGrid(matrix, nExperiments),
  random: ({ matrix, seed }, { nExperiments }) => createRandom({ matrix, seed, nExperiments }),
};

/** The optimizer that a document asks for. */
export function createOptimizer(hptuning: Hptuning): Optimizer {
  const { algorithm } = hptuning;
  return algorithm.kind === 'grid'
    ? OPTIMIZERS.grid(hptuning, algorithm)
    : OPTIMIZERS.random(hptuning, algorithm);
}
