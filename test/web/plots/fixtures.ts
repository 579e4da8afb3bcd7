import type { Columns, Drawn, Rungs } from '../../../web/plots/data.ts';
import { recordsOf } from '../../../web/plots/data.ts';

const PARAMETERS = ['lr', 'momentum', 'optimizer'] as const;
const OPTIMIZERS = ['adam', 'sgd', 'rmsprop'];
const GOLDEN = 0.618_033_988_749_895;

/** Names of statuses in an order of the page's own, as no page need have the same. */
const STATUSES = ['failed', 'succeeded', 'stopped'] as const;

/** A page with experiments from a number on: every tenth failed, every seventh stopped. */
export function columnsOf(
  from: number,
  count: number,
  statuses: Columns['status']['names'] = STATUSES,
): Columns {
  const numbers = Array.from({ length: count }, (_, i) => from + i);
  const statusOf = (n: number): (typeof STATUSES)[number] =>
    n % 10 === 0 ? 'failed' : n % 7 === 0 ? 'stopped' : 'succeeded';
  const none = numbers.map(() => null);
  return {
    metric: 'loss',
    optimization: 'minimize',
    parameters: PARAMETERS,
    count,
    numbers,
    status: { names: statuses, codes: numbers.map((n) => statuses.indexOf(statusOf(n))) },
    source: { names: ['random'], codes: numbers.map(() => 0) },
    objective: numbers.map((n) => (n % 10 === 0 ? 'NaN' : 0.1 + ((n * GOLDEN) % 1))),
    created_at_ms: numbers.map((n) => 1_000 * n),
    started_at_ms: numbers.map((n) => 1_000 * n),
    finished_at_ms: numbers.map((n) => 1_000 * n + 60_000),
    values: {
      lr: numbers.map((n) => 10 ** (-5 + 5 * ((n * GOLDEN * 3) % 1))),
      momentum: numbers.map((n) => (n * GOLDEN * 7) % 1),
      optimizer: numbers.map((n) => OPTIMIZERS[n % OPTIMIZERS.length] ?? ''),
    },
    bracket: none,
    rung: none,
    resource: none,
    parent: none,
    next_cursor: null,
  };
}

export const drawnOf = (count: number): Drawn => recordsOf([columnsOf(1, count)]);

export const MATRIX = {
  lr: { loguniform: { low: -11.5, high: 0 } },
  momentum: { uniform: { low: 0, high: 1 } },
  optimizer: { values: OPTIMIZERS },
};

/** Experiments on each rung of Hyperband with 81 epochs and eta 3. */
const SIZES = [[81, 27, 9, 3, 1], [34, 11, 3, 1], [15, 5, 1], [8, 2], [5]];

/** All brackets of Hyperband with 81 epochs and eta 3, every experiment ended. */
export function rungsOf81(): Rungs {
  let number = 0;
  const brackets = SIZES.map((sizes, b) => {
    let parents: readonly number[] = [];
    const rungs = sizes.map((capacity, r) => {
      const next = sizes[r + 1] ?? 0;
      const experiments = Array.from({ length: capacity }, (_, i) => ({
        number: ++number,
        objective: i,
        status: 'succeeded' as const,
        promoted: i < next,
        parent: parents[i] ?? null,
      }));
      parents = experiments.map((experiment) => experiment.number);
      return {
        rung: r,
        resource: 3 ** (b + r),
        capacity,
        count: capacity,
        status: 'closed' as const,
        experiments,
      };
    });
    return { bracket: SIZES.length - 1 - b, rungs };
  });
  return { metric: 'loss', optimization: 'minimize', brackets, truncated: false };
}
