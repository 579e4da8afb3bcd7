import * as z from 'zod';
import type { EarlyStoppingRule, Hptuning, Metric } from '../domain/hptuning.ts';
import type { Mistake, Warning } from '../domain/problem.ts';
import { isMap } from '../matrix/numbers.ts';
import { parseMatrix } from '../matrix/parse.ts';
import type { AlgorithmRow } from './algorithms.ts';
import { ALGORITHMS, GRID_SEARCH } from './algorithms.ts';
import { map, pathOf, readFields, under } from './fields.ts';
import { commonFields } from './hptuning-fields.ts';
import { once } from './once.ts';

type Sent = Readonly<Record<string, unknown>>;

/** What stands under `hptuning`, read. */
export interface HptuningReading {
  /** Null where there are mistakes or something that is not supported yet. */
  readonly hptuning: Hptuning | null;
  readonly mistakes: readonly Mistake[];
  readonly warnings: readonly Warning[];
  /** Legal, but for a later version of the service. */
  readonly unsupported: readonly Mistake[];
}

/** Known, but read elsewhere: the algorithms by their rows, the matrix by its own parser. */
const readElsewhere = () =>
  Object.fromEntries(
    [...ALGORITHMS.map(({ key }) => key), 'matrix', 'constraints'].map((key) => [
      key,
      z.unknown().optional(),
    ]),
  );

const fields = once(() => map({ ...readElsewhere(), ...commonFields() }));

/**
 * Returns `hptuning` in its normal form, or everything that is wrong with it. `seed` stands in
 * where it has none.
 */
export function readHptuning(raw: unknown, path: string, seed: number): HptuningReading {
  const { value, mistakes: own } = readFields(fields(), raw, path);
  if (!isMap(raw)) return { hptuning: null, mistakes: own, warnings: [], unsupported: [] };
  const matrixPath = pathOf(path, 'matrix');
  const { matrix, mistakes: wrong, warnings } = parseMatrix(plainMatrix(raw), matrixPath);
  const rows = chosenRows(raw);
  const around = { matrix, matrixPath, metric: firstMetric(value?.early_stopping ?? []) };
  const readings = rows.map(({ key, read }) => read(raw[key], pathOf(path, key), around));
  const mistakes = [
    ...own,
    ...surplusMistakes(rows, path),
    ...readings.flatMap((reading) => reading.mistakes),
    ...wrong,
    ...resourceMistakes(raw, matrixPath),
  ];
  const unsupported = unsupportedPlaces(raw, path).map(notYet);
  const algorithm = readings[0]?.algorithm ?? null;
  const isRight = mistakes.length === 0 && unsupported.length === 0;
  if (value === null || algorithm === null || !isRight) {
    return { hptuning: null, mistakes, warnings, unsupported };
  }
  const hptuning: Hptuning = {
    concurrency: value.concurrency,
    seed: value.seed ?? seed,
    leaseSeconds: value.lease_seconds,
    maxAttempts: value.max_attempts,
    retryFailed: value.retry_failed,
    maxFailures: value.max_failures,
    dispatch: value.dispatch,
    algorithm,
    matrix,
    earlyStopping: value.early_stopping,
  };
  return { hptuning, mistakes, warnings, unsupported };
}

/**
 * Returns every name that the values of an experiment will have, whether or not the document has
 * mistakes.
 */
export function valueNames(raw: unknown): readonly string[] {
  const matrix = under(raw, 'matrix');
  return [...(isMap(matrix) ? Object.keys(matrix) : []), ...resourceNames(raw)];
}

const chosenRows = (raw: Sent): readonly AlgorithmRow[] => {
  const chosen = ALGORITHMS.filter(({ key }) => Object.hasOwn(raw, key));
  return chosen.length === 0 ? [GRID_SEARCH] : chosen;
};

function surplusMistakes(rows: readonly AlgorithmRow[], path: string): readonly Mistake[] {
  const [first, ...surplus] = rows.map(({ key }) => key);
  return surplus.map((key) => ({
    path: pathOf(path, key),
    message: `It is one algorithm too many beside ${first}: at most one is allowed. Keep one of them.`,
  }));
}

function firstMetric([rule]: readonly EarlyStoppingRule[]): Metric | null {
  return rule === undefined ? null : { name: rule.metric, optimization: rule.optimization };
}

const resourceNames = (raw: unknown): readonly string[] =>
  ALGORITHMS.map(({ key }) => under(under(under(raw, key), 'resource'), 'name')).filter(
    (name) => typeof name === 'string',
  );

function resourceMistakes(raw: Sent, matrixPath: string): readonly Mistake[] {
  return resourceNames(raw)
    .filter((name) => under(raw['matrix'], name) !== undefined)
    .map((name) => ({
      path: pathOf(matrixPath, name),
      message:
        'It is the name of the resource too, whose value the algorithm sets. Rename the parameter or the resource.',
    }));
}

/** The key of a parameter's condition, beside its option. */
const CONDITION = 'condition';

/** The matrix without the conditions of its parameters, which are not for its parser. */
function plainMatrix(raw: Sent): unknown {
  const matrix = raw['matrix'];
  if (!isMap(matrix)) return matrix;
  return Object.fromEntries(
    Object.entries(matrix).map(([name, option]) => {
      if (!isMap(option)) return [name, option];
      const { [CONDITION]: _, ...plain } = option;
      return [name, plain];
    }),
  );
}

function unsupportedPlaces(raw: Sent, path: string): string[] {
  const matrix = isMap(raw['matrix']) ? raw['matrix'] : {};
  const conditional = Object.keys(matrix).filter(
    (name) => under(matrix[name], CONDITION) !== undefined,
  );
  return [
    ...conditional.map((name) => pathOf(path, 'matrix', name, CONDITION)),
    ...((raw['constraints'] ?? null) === null ? [] : [pathOf(path, 'constraints')]),
  ];
}

const notYet = (path: string): Mistake => ({
  path,
  message:
    'It is legal, but not supported by this version of the service. Leave it out, or use a version that has it.',
  code: 'not_supported',
});
