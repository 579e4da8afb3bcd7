import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type {
  Acquisition,
  Algorithm,
  GaussianProcess,
  Hptuning,
  Optimization,
} from '../../../lib/domain/hptuning.ts';
import type { Values } from '../../../lib/domain/values.ts';
import { propose } from '../../../lib/optimizers/bayes/propose.ts';
import type { Observation } from '../../../lib/optimizers/bayes/view.ts';
import { createRandom } from '../../../lib/optimizers/random.ts';
import { matrixOf } from '../../matrix/helpers.ts';

type Surrogate = Extract<Algorithm, { readonly kind: 'bo' }>['surrogate'];

const REFERENCE = {
  lr: { logspace: '0.01:0.1:5' },
  dropout: { values: [0.2, 0.5] },
  activation: {
    pvalues: [
      ['elu', 0.1],
      ['relu', 0.2],
      ['sigmoid', 0.7],
    ],
  },
  param1: { uniform: [0, 1] },
};

const EVERY_OPTION = {
  values: { values: ['a', 2, true, [16, 32]] },
  pvalues: {
    pvalues: [
      ['a', 0.25],
      ['b', 0],
      ['c', 0.5],
    ],
  },
  range: { range: '0:1:0.1' },
  linspace: { linspace: [-1, 1, 7] },
  logspace: { logspace: '-5:-1:9' },
  geomspace: { geomspace: '1e-4:0.3:120' },
  uniform: { uniform: '-1:1' },
  quniform: { quniform: '0:1:0.05' },
  loguniform: { loguniform: '-9:-1' },
  qloguniform: { qloguniform: '0:6:4' },
  normal: { normal: '0:1' },
  qnormal: { qnormal: '5:10:0.5' },
  lognormal: { lognormal: '-2:1' },
  qlognormal: { qlognormal: '3:1:8' },
};

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
  'the default surrogate over every option': { raw: EVERY_OPTION, surrogate: null, seed: 42 },
  'ei and Matérn 2.5 over every option': {
    raw: EVERY_OPTION,
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
  const hptuning: Hptuning = {
    concurrency: 1,
    seed,
    leaseSeconds: 3600,
    maxAttempts: 3,
    retryFailed: false,
    maxFailures: null,
    dispatch: 'pull',
    algorithm: {
      kind: 'bo',
      nInitialTrials: 5,
      nIterations: 20,
      metric: { name: 'loss', optimization },
      surrogate,
    },
    matrix,
    earlyStopping: [],
  };
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

/** The major version of Node whose Math functions the goldens were made with. */
const GOLDEN_MAJOR = 24;
/**
 * How far suggestions may be off where Math.exp, log and the like of other versions differ in the
 * last digit: fits and climbs end at a place that moves more than that.
 */
const TOLERANCE = 1e-3;

function assertEqual(actual: unknown, expected: unknown, where: string): void {
  if (typeof actual === 'number' && typeof expected === 'number') {
    const error = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
    assert.ok(error <= TOLERANCE, `${where}: ${actual} instead of ${expected}`);
  } else if (typeof actual === 'object' && actual !== null && typeof expected === 'object') {
    const pairs = new Map(Object.entries(expected ?? {}));
    assert.deepEqual(Object.keys(actual), [...pairs.keys()], where);
    for (const [key, value] of Object.entries(actual)) {
      assertEqual(value, pairs.get(key), `${where}.${key}`);
    }
  } else {
    assert.deepEqual(actual, expected, where);
  }
}

const GOLDEN = new URL('../../golden/bo.json', import.meta.url);

if (process.env['RUNGWISE_UPDATE_GOLDENS'] === '1') {
  const traces = Object.entries(GROUPS).map(([name, group]) => [name, trace(group)]);
  writeFileSync(GOLDEN, `${JSON.stringify(Object.fromEntries(traces), null, 1)}\n`);
}

const golden = new Map<string, unknown>(Object.entries(JSON.parse(readFileSync(GOLDEN, 'utf8'))));

for (const [name, group] of Object.entries(GROUPS)) {
  test(`the suggestions of ${name} are what they always were`, () => {
    const actual = trace(group);
    const expected = golden.get(name);

    if (Number.parseInt(process.versions.node, 10) === GOLDEN_MAJOR) {
      assert.equal(JSON.stringify(actual), JSON.stringify(expected));
    } else {
      assertEqual(JSON.parse(JSON.stringify(actual)), expected, name);
    }
  });
}
