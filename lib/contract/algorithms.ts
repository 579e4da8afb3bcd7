import type * as z from 'zod';
import type { Algorithm, Matrix, Metric } from '../domain/hptuning.ts';
import { LIMITS } from '../domain/limits.ts';
import type { Mistake } from '../domain/problem.ts';
import { listValues } from '../matrix/enumerate.ts';
import { isMap } from '../matrix/numbers.ts';
import { orList } from '../matrix/words.ts';
import {
  ashaFields,
  autoFields,
  boFields,
  gridFields,
  hyperbandFields,
  randomFields,
} from './algorithm-fields.ts';
import { pathOf, readFields, under } from './fields.ts';
import { grouped } from './words.ts';

/** What the rest of `hptuning` says that an algorithm depends on. */
interface Surroundings {
  readonly matrix: Matrix;
  readonly matrixPath: string;
  /** The metric of the first early-stopping rule. */
  readonly metric: Metric | null;
}

interface AlgorithmReading {
  /** Null where there are mistakes. */
  readonly algorithm: Algorithm | null;
  readonly mistakes: readonly Mistake[];
}

/** One algorithm as the document names it. */
export interface AlgorithmRow {
  /** Its key in `hptuning`. */
  readonly key: string;
  readonly read: (raw: unknown, path: string, around: Surroundings) => AlgorithmReading;
}

interface AlgorithmRules<F> {
  /** Mistakes in how fields fit together, found in the map as sent: other fields may be wrong. */
  readonly relations?: (raw: unknown, path: string) => readonly Mistake[];
  /** Mistakes in how the matrix fits the algorithm. */
  readonly matrixMistakes?: (around: Surroundings) => readonly Mistake[];
  /** The normal form. */
  readonly normal: (fields: F, metric: Metric | null) => Algorithm;
}

function row<S extends z.ZodType>(
  key: string,
  schema: () => S,
  rules: AlgorithmRules<z.output<S>>,
): AlgorithmRow {
  const { relations, matrixMistakes, normal } = rules;
  return {
    key,
    read: (raw, path, around) => {
      // `grid_search:` with nothing below it is null in YAML, and means its defaults.
      const { value, mistakes: own } = readFields(schema(), raw ?? {}, path);
      const mistakes = [
        ...own,
        ...(relations?.(raw, path) ?? []),
        ...(matrixMistakes?.(around) ?? []),
      ];
      const isNormal = value !== null && mistakes.length === 0;
      return { algorithm: isNormal ? normal(value, around.metric) : null, mistakes };
    },
  };
}

/** The algorithm of a document that names none. */
export const GRID_SEARCH = row('grid_search', gridFields, {
  matrixMistakes: gridMistakes,
  normal: ({ n_experiments, metric }, fallback) => ({
    kind: 'grid',
    nExperiments: n_experiments,
    metric: metric ?? fallback,
  }),
});

/** Every algorithm. */
export const ALGORITHMS: readonly AlgorithmRow[] = [
  GRID_SEARCH,
  row('random_search', randomFields, {
    normal: ({ n_experiments, metric }, fallback) => ({
      kind: 'random',
      nExperiments: n_experiments,
      metric: metric ?? fallback,
    }),
  }),
  row('hyperband', hyperbandFields, {
    normal: ({ max_iter, eta, resource, metric, resume, model }) => ({
      kind: 'hyperband',
      maxIter: max_iter,
      eta,
      resource,
      metric,
      resume,
      model,
    }),
  }),
  row('bo', boFields, {
    relations: (raw, path) => [...budgetMistakes(raw, path), ...utilityMistakes(raw, path)],
    normal: ({ n_initial_trials, n_iterations, metric, utility_function }) => ({
      kind: 'bo',
      nInitialTrials: n_initial_trials,
      nIterations: n_iterations,
      metric,
      surrogate: utility_function === null ? null : surrogateOf(utility_function),
    }),
  }),
  row('auto', autoFields, {
    relations: pairMistakes,
    normal: ({ n_experiments, metric, resource, max_iter, eta, resume }) => ({
      kind: 'auto',
      nExperiments: n_experiments,
      metric,
      training:
        resource === null || max_iter === null
          ? null
          : { resource, maxIter: max_iter, eta, resume },
    }),
  }),
  row('asha', ashaFields, {
    normal: ({ n_experiments, max_iter, eta, resource, metric, resume }) => ({
      kind: 'asha',
      nExperiments: n_experiments,
      maxIter: max_iter,
      eta,
      resource,
      metric,
      resume,
    }),
  }),
];

type Bo = Extract<Algorithm, { readonly kind: 'bo' }>;
type UtilityFunction = NonNullable<z.output<ReturnType<typeof boFields>>['utility_function']>;

/** The surrogate and its acquisition function as a document describes them. */
function surrogateOf(utility: UtilityFunction): NonNullable<Bo['surrogate']> {
  const { acquisition_function: kind, gaussian_process: process } = utility;
  return {
    // That the number is there is checked with the relations between fields.
    acquisition:
      kind === 'ucb' ? { kind, kappa: utility.kappa ?? 0 } : { kind, eps: utility.eps ?? 0 },
    gaussianProcess: {
      kernel: process.kernel,
      lengthScale: process.length_scale,
      nu: process.nu,
      restarts: process.n_restarts_optimizer,
    },
  };
}

const LISTED: ReadonlySet<string> = new Set([
  'values',
  'range',
  'linspace',
  'logspace',
  'geomspace',
]);

function gridMistakes({ matrix, matrixPath }: Surroundings): readonly Mistake[] {
  const drawn = matrix.filter(({ option }) => !LISTED.has(option.kind));
  if (drawn.length > 0) {
    return drawn.map(({ name, option }) => ({
      path: pathOf(matrixPath, name),
      message: `It is ${option.kind}: grid search needs listed values, one of ${orList([...LISTED])}. Change the option, or name another algorithm such as random_search.`,
    }));
  }
  const cells = matrix.reduce(
    (product, { option }) => product * BigInt(listValues(option)?.length ?? 0),
    1n,
  );
  // The largest product whose cells a double can number exactly.
  if (cells <= 2n ** 53n) return [];
  return [
    {
      path: matrixPath,
      message:
        'Its product has more than 2^53 cells, the limit of a grid. List fewer values, or use random_search.',
    },
  ];
}

const isNumber = (raw: unknown): raw is number => typeof raw === 'number';

/** n_initial_trials and n_iterations together are the experiments that are planned. */
function budgetMistakes(raw: unknown, path: string): readonly Mistake[] {
  const initial = under(raw, 'n_initial_trials');
  const iterations = under(raw, 'n_iterations');
  if (!isNumber(initial) || !isNumber(iterations)) return [];
  if (Math.max(initial, iterations) > LIMITS.plannedExperiments) return [];
  if (initial + iterations <= LIMITS.plannedExperiments) return [];
  return [
    {
      path: pathOf(path, 'n_iterations'),
      message: `With n_initial_trials it makes ${grouped(initial + iterations)} experiments: at most ${grouped(LIMITS.plannedExperiments)} can be planned.`,
    },
  ];
}

/** The number that each acquisition function cannot do without. */
const EXPLORATION = { ucb: 'kappa', ei: 'eps', poi: 'eps' } as const;

function utilityMistakes(raw: unknown, path: string): readonly Mistake[] {
  const utility = under(raw, 'utility_function');
  const sent = under(utility, 'acquisition_function');
  const word = typeof sent === 'string' ? sent.toLowerCase() : '';
  const needed = Object.entries(EXPLORATION).find(([name]) => name === word)?.[1];
  if (needed === undefined || (under(utility, needed) ?? null) !== null) return [];
  return [
    {
      path: pathOf(path, 'utility_function', needed),
      message: `It is missing: acquisition_function ${word} needs ${needed}, a finite number.`,
    },
  ];
}

/** What `auto` needs to decide how long to train comes as a pair. */
function pairMistakes(raw: unknown, path: string): readonly Mistake[] {
  if (!isMap(raw)) return [];
  const isThere = (key: string): boolean => (under(raw, key) ?? null) !== null;
  if (isThere('resource') === isThere('max_iter')) return [];
  const [missing, given] = isThere('resource')
    ? ['max_iter', 'resource']
    : ['resource', 'max_iter'];
  return [
    {
      path: pathOf(path, missing),
      message: `It is missing: ${given} needs it. Give both, or neither.`,
    },
  ];
}
