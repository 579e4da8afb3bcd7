/**
 * Milliseconds that one suggestion of Bayesian optimisation takes, by the number of observations and of parameters.
 *
 *     npm run bench suggestions
 *
 * Each figure is the median over successive suggestions of one process that is warm; the observations are of a smooth
 * function with a little noise. `bench search` has the same beside Optuna.
 */
import { readDocument } from '../lib/contract/document.ts';
import type { Hptuning } from '../lib/domain/hptuning.ts';
import { createStream } from '../lib/numerics/stream.ts';
import { propose } from '../lib/optimizers/bayes/propose.ts';
import type { Observation } from '../lib/optimizers/bayes/view.ts';
import { createOptimizer } from '../lib/optimizers/index.ts';

const OBSERVATIONS = [10, 30, 100, 300, 1_000, 10_000] as const;
const PARAMETERS = [2, 6, 20] as const;
const ROUNDS = 7;

const UTILITY = {
  acquisition_function: 'ucb',
  kappa: 1.2,
  gaussian_process: { kernel: 'matern', length_scale: 1, nu: 1.9, n_restarts_optimizer: 0 },
};

function hptuningOf(parameters: number, utility: object | null): Hptuning {
  const names = Array.from({ length: parameters }, (_, i) => `x${i}`);
  const spec = {
    version: 1,
    kind: 'group',
    hptuning: {
      bo: {
        n_initial_trials: 1,
        n_iterations: 100_000,
        metric: { name: 'loss', optimization: 'minimize' },
        utility_function: utility,
      },
      matrix: Object.fromEntries(names.map((name) => [name, { uniform: [0, 1] }])),
    },
  };
  const { document } = readDocument(spec, { seed: 1 });
  if (document === null) throw new Error('the document of this benchmark has a mistake');
  return document.hptuning;
}

function observe(hptuning: Hptuning, count: number): readonly Observation[] {
  const { suggest } = createOptimizer(hptuning);
  const noise = createStream({ seed: 1, purpose: 100 });
  return Array.from({ length: count }, (_, i) => {
    const values = suggest(i) ?? {};
    const sum = Object.values(values).reduce<number>(
      (total, value, j) => total + (Number(value) - 0.3 - 0.05 * j) ** 2,
      0,
    );
    return { values, objective: sum + 0.01 * noise.uniform(i, 0) };
  });
}

function millisecondsOf(hptuning: Hptuning, observations: readonly Observation[]): number {
  const times = Array.from({ length: ROUNDS }, (_, round) => {
    const began = performance.now();
    const index = observations.length + round;
    propose(hptuning, { index, count: 1, observations, pending: [], failed: [] });
    return performance.now() - began;
  });
  return times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
}

console.log('milliseconds per suggestion, median of', ROUNDS);
console.log(
  `| parameters | surrogate | ${OBSERVATIONS.map((n) => `n = ${n.toLocaleString('en')}`).join(' | ')} |`,
);
console.log(`|---|---|${OBSERVATIONS.map(() => '---:').join('|')}|`);
for (const parameters of PARAMETERS) {
  for (const [name, utility] of [
    ['the search’s own', null],
    ['ucb, Matérn 1.9', UTILITY],
  ] as const) {
    const hptuning = hptuningOf(parameters, utility);
    const cells = OBSERVATIONS.map((n) =>
      millisecondsOf(hptuning, observe(hptuning, n)).toFixed(1),
    );
    console.log(`| ${parameters} | ${name} | ${cells.join(' | ')} |`);
  }
}
