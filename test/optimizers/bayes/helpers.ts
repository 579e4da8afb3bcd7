import type { Algorithm, Hptuning, Matrix, Optimization } from '../../../lib/domain/hptuning.ts';

export type Surrogate = Extract<Algorithm, { readonly kind: 'bo' }>['surrogate'];

export const INITIAL = 5;

/** What a test says of a search; the rest is ordinary. */
export interface Given {
  readonly seed?: number;
  readonly surrogate?: Surrogate;
  readonly optimization?: Optimization;
  readonly nInitialTrials?: number;
  readonly nIterations?: number;
}

/** Bayesian optimisation over a matrix. */
export const hptuningOf = (
  matrix: Matrix,
  {
    seed = 1,
    surrogate = null,
    optimization = 'minimize',
    nInitialTrials = INITIAL,
    nIterations = 1000,
  }: Given = {},
): Hptuning => ({
  concurrency: 1,
  seed,
  leaseSeconds: 3600,
  maxAttempts: 3,
  retryFailed: false,
  maxFailures: null,
  dispatch: 'pull',
  algorithm: {
    kind: 'bo',
    nInitialTrials,
    nIterations,
    metric: { name: 'loss', optimization },
    surrogate,
  },
  matrix,
  earlyStopping: [],
});
