import { createGrid } from '../../lib/optimizers/grid.ts';
import type { Optimizer } from '../../lib/optimizers/optimizer.ts';
import { createRandom } from '../../lib/optimizers/random.ts';
import { testGolden } from '../helpers/golden.ts';
import { EVERY_OPTION, matrixOf, REFERENCE } from '../matrix/helpers.ts';

/** Suggestions that are kept of each group. */
const KEPT = 10;

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

/**
 * How far Math.exp, log and the like of other versions may be off: the language only approximates
 * them.
 */
const TOLERANCE = 1e-12;

function trace(create: () => Optimizer): unknown {
  const { planned, suggest } = create();
  const suggestions = Array.from({ length: Math.min(planned, KEPT) }, (_, i) => suggest(i));
  return { planned, suggestions };
}

testGolden({
  file: 'suggestions.json',
  groups: GROUPS,
  trace,
  titleOf: (name) => `the first suggestions of ${name} are what they always were`,
  isNear: (actual, expected) => Math.abs(actual - expected) <= TOLERANCE * Math.abs(expected),
});
