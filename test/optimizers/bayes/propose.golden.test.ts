import type { Acquisition, GaussianProcess, Optimization } from '../../../lib/domain/hptuning.ts';
import type { Values } from '../../../lib/domain/values.ts';
import { propose } from '../../../lib/optimizers/bayes/propose.ts';
import type { Observation } from '../../../lib/optimizers/bayes/view.ts';
import { createRandom } from '../../../lib/optimizers/random.ts';
import { testGolden } from '../../helpers/golden.ts';
import { EVERY_OPTION, matrixOf, REFERENCE } from '../../matrix/helpers.ts';
import type { Surrogate } from './helpers.ts';
import { hptuningOf } from './helpers.ts';

/** One list is long enough to be treated as a continuum. */
const OPTIONS = { ...EVERY_OPTION, geomspace: { geomspace: '1e-4:0.3:120' } };

const SMALL = { units: { quniform: '16:128:16' }, batch: { values: [32, 64, 128] } };

const PLANE = { a: { uniform: [0, 1] }, b: { uniform: [0, 1] } };

/** An objective that any values have: every number counts, and every other value by its length. */
const lossOf = (values: Values): number =>
  Object.values(values).reduce<number>((sum, value, i) => {
    const size = typeof value === 'number' ? value : JSON.stringify(value).length;
    return sum + (size / (1 + Math.abs(size)) - 0.3 - i / 30) ** 2;
  }, 0);

const described = (acquisition: Acquisition, given: Partial<GaussianProcess> = {}): Surrogate => ({
  acquisition,
  gaussianProcess: { kernel: 'matern', lengthScale: 1, nu: 1.9, restarts: 0, ...given },
});

interface Group {
  readonly raw: unknown;
  readonly surrogate: Surrogate;
  readonly seed?: number;
  readonly optimization?: Optimization;
  readonly observations?: (values: Values, i: number) => number;
}

const GROUPS: Readonly<Record<string, Group>> = {
  'the default surrogate on the reference page': { raw: REFERENCE, surrogate: null },
  'ucb and Matérn 1.9 on the reference page': {
    raw: REFERENCE,
    surrogate: described({ kind: 'ucb', kappa: 1.2 }),
    optimization: 'maximize',
  },
  'the default surrogate over every option': { raw: OPTIONS, surrogate: null, seed: 42 },
  'ei and Matérn 2.5 over every option': {
    raw: OPTIONS,
    surrogate: described({ kind: 'ei', eps: 0.01 }, { nu: 2.5, restarts: 2 }),
    seed: 42,
  },
  'poi and rbf on a plane': {
    raw: PLANE,
    surrogate: described({ kind: 'poi', eps: 0.01 }, { kernel: 'rbf', lengthScale: 0.5 }),
    seed: Number.MAX_SAFE_INTEGER,
  },
  'the default surrogate on a small finite matrix': { raw: SMALL, surrogate: null, seed: 0 },
  'the default surrogate where some experiments are infeasible': {
    raw: PLANE,
    surrogate: null,
    observations: (values, i) => (i % 4 === 3 ? Number.NaN : lossOf(values)),
  },
};

/** What is observed, what is being tried and what has failed before the suggestions that are kept. */
const OBSERVED = 10;
const PENDING = 2;
const FAILED = 1;
/** Suggestions that are kept of each group, made at once. */
const KEPT = 3;

function trace({
  raw,
  surrogate,
  seed = 7,
  optimization = 'minimize',
  observations: objectiveOf = lossOf,
}: Group): unknown {
  const matrix = matrixOf(raw);
  const hptuning = hptuningOf(matrix, { seed, surrogate, optimization, nIterations: 20 });
  const known = OBSERVED + PENDING + FAILED;
  const { suggest } = createRandom({ matrix, seed: 3, nExperiments: known });
  const tried = Array.from({ length: known }, (_, i) => suggest(i)).filter((one) => one !== null);
  const observations = tried
    .slice(0, OBSERVED)
    .map((values, i): Observation => ({ values, objective: objectiveOf(values, i) }));
  const pending = tried.slice(OBSERVED, OBSERVED + PENDING);
  const failed = tried.slice(OBSERVED + PENDING);
  const blind = { observations: [], pending: [], failed: [] };
  return {
    design: propose(hptuning, { index: 0, count: KEPT, ...blind }),
    modelled: propose(hptuning, { index: known, count: KEPT, observations, pending, failed }),
  };
}

/**
 * How far suggestions may be off where Math.exp, log and the like of other versions differ in the
 * last digit: fits and climbs end at a place that moves more than that.
 */
const TOLERANCE = 1e-3;

testGolden({
  file: 'bo.json',
  groups: GROUPS,
  trace,
  titleOf: (name) => `the suggestions of ${name} are what they always were`,
  isNear: (actual, expected) =>
    Math.abs(actual - expected) / Math.max(1, Math.abs(expected)) <= TOLERANCE,
});
