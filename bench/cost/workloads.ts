/** What is measured: an algorithm, and how its workers call. */
export interface Workload {
  readonly name: string;
  readonly concurrencies: readonly number[];
  readonly hptuning: (concurrency: number) => object;
  /** Reports of a running experiment before the one that ends it. */
  readonly intermediateReports: number;
  /** True where each call carries an Idempotency-Key, as the Python client's do. */
  readonly hasIdempotencyKeys: boolean;
  /** Pairs to measure once every place is taken; null: the whole group, from its first pair to its last. */
  readonly pairs: number | null;
}

const METRIC = { name: 'loss', optimization: 'minimize' } as const;
const ENOUGH = 1_000_000;
const PAIRS = 64;

/** Six parameters. */
const MATRIX = {
  lr: { loguniform: [-9, 0] },
  momentum: { uniform: [0, 1] },
  hidden: { quniform: [16, 512, 16] },
  batch: { values: [16, 32, 64] },
  l2: { loguniform: [-12, -2] },
  activation: { values: ['relu', 'tanh'] },
} as const;

const tenths = Array.from({ length: 20 }, (_, i) => i / 10);
/** Six parameters as lists. */
const GRID_MATRIX = {
  lr: { values: tenths },
  momentum: { values: tenths },
  hidden: { values: tenths },
  batch: { values: [16, 32, 64] },
  l2: { values: tenths },
  activation: { values: ['relu', 'tanh'] },
} as const;

/** Random search for so many experiments. */
export const randomSearch = (concurrency: number, experiments: number): object => ({
  seed: 1,
  concurrency,
  random_search: { n_experiments: experiments, metric: METRIC },
  matrix: MATRIX,
});

const RANDOM: Workload = {
  name: 'random',
  concurrencies: [1, 16, 100, 1000],
  hptuning: (concurrency) => randomSearch(concurrency, ENOUGH),
  intermediateReports: 0,
  hasIdempotencyKeys: false,
  pairs: PAIRS,
};

/** What is run first, so that the code is warm when it counts. */
export const WARM_UP: Workload = { ...RANDOM, concurrencies: [16], pairs: 300 };

/** Every workload of the bench. */
export const WORKLOADS: readonly Workload[] = [
  RANDOM,
  {
    ...RANDOM,
    name: 'grid',
    hptuning: (concurrency) => ({
      concurrency,
      grid_search: { metric: METRIC },
      matrix: GRID_MATRIX,
    }),
  },
  {
    ...RANDOM,
    name: 'hyperband',
    hptuning: (concurrency) => ({
      seed: 1,
      concurrency,
      hyperband: {
        // A schedule with more places to fill where there are more.
        max_iter: concurrency > 16 ? 243 : 81,
        eta: 3,
        resource: { name: 'epochs', type: 'int' },
        metric: METRIC,
      },
      matrix: MATRIX,
    }),
    pairs: null,
  },
  {
    ...RANDOM,
    name: 'bo',
    concurrencies: [1, 16],
    hptuning: (concurrency) => ({
      seed: 1,
      concurrency,
      bo: { n_initial_trials: 10, n_iterations: 50, metric: METRIC },
      matrix: MATRIX,
    }),
    pairs: null,
  },
  { ...RANDOM, name: 'random, 5 intermediate reports', intermediateReports: 5 },
  { ...RANDOM, name: 'random, Idempotency-Keys', hasIdempotencyKeys: true },
];
