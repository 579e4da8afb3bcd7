import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { createGrid } from '../../lib/optimizers/grid.ts';
import type { Optimizer } from '../../lib/optimizers/optimizer.ts';
import { createRandom } from '../../lib/optimizers/random.ts';
import { matrixOf } from '../matrix/helpers.ts';

/** Suggestions that are kept of each group. */
const KEPT = 10;

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
  geomspace: { geomspace: '1e-4:0.3:12' },
  uniform: { uniform: '-1:1' },
  quniform: { quniform: '0:1:0.05' },
  loguniform: { loguniform: '-9:-1' },
  qloguniform: { qloguniform: '0:6:4' },
  normal: { normal: '0:1' },
  qnormal: { qnormal: '5:10:0.5' },
  lognormal: { lognormal: '-2:1' },
  qlognormal: { qlognormal: '3:1:8' },
};

const SMALL = {
  units: { quniform: '16:128:16' },
  batch: {
    pvalues: [
      [32, 0.6],
      [64, 0.3],
      [128, 0.1],
    ],
  },
};

const LARGE = { a: { range: '0:1000:1' }, b: { quniform: '0:5000:1' } };

const random = (raw: unknown, seed: number): Optimizer =>
  createRandom({ matrix: matrixOf(raw), seed, nExperiments: 40 });

const GROUPS: Readonly<Record<string, () => Optimizer>> = {
  'grid over the first two parameters of the reference page': () =>
    createGrid(matrixOf({ lr: REFERENCE.lr, dropout: REFERENCE.dropout }), null),
  'random on the reference page, seed 0': () => random(REFERENCE, 0),
  'random on the reference page, seed 2^53 - 1': () => random(REFERENCE, Number.MAX_SAFE_INTEGER),
  'random over every option, seed 42': () => random(EVERY_OPTION, 42),
  'random over a small finite matrix, seed 7': () => random(SMALL, 7),
  'random over a large finite matrix, seed 7': () => random(LARGE, 7),
};

/** The major version of Node whose Math functions the goldens were made with. */
const GOLDEN_MAJOR = 24;
/**
 * How far Math.exp, log and the like of other versions may be off: the language only approximates
 * them.
 */
const TOLERANCE = 1e-12;

function assertEqual(actual: unknown, expected: unknown, where: string): void {
  if (typeof actual === 'number' && typeof expected === 'number') {
    assert.ok(Math.abs(actual - expected) <= TOLERANCE * Math.abs(expected), where);
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

function trace(create: () => Optimizer): unknown {
  const { planned, suggest } = create();
  const suggestions = Array.from({ length: Math.min(planned, KEPT) }, (_, i) => suggest(i));
  return { planned, suggestions };
}

const GOLDEN = new URL('../golden/suggestions.json', import.meta.url);

if (process.env['RUNGWISE_UPDATE_GOLDENS'] === '1') {
  const traces = Object.entries(GROUPS).map(([name, create]) => [name, trace(create)]);
  writeFileSync(GOLDEN, `${JSON.stringify(Object.fromEntries(traces), null, 1)}\n`);
}

const golden = new Map<string, unknown>(Object.entries(JSON.parse(readFileSync(GOLDEN, 'utf8'))));

for (const [name, create] of Object.entries(GROUPS)) {
  test(`the first suggestions of ${name} are what they always were`, () => {
    const actual = trace(create);
    const expected = golden.get(name);

    if (Number.parseInt(process.versions.node, 10) === GOLDEN_MAJOR) {
      assert.equal(JSON.stringify(actual), JSON.stringify(expected));
    } else {
      assertEqual(actual, expected, name);
    }
  });
}
