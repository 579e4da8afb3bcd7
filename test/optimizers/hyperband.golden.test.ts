import { createHyperband } from '../../lib/optimizers/hyperband.ts';
import { testGolden } from '../helpers/golden.ts';
import { matrixOf } from '../matrix/helpers.ts';

/** Slots that are kept of each bracket. */
const KEPT = 5;

/*
 * No value of these is made by Math.exp or the like, which the language only approximates, so that
 * they are the same on every version of Node.
 */
const REFERENCE = {
  learning_rate: { uniform: [0, 0.9] },
  dropout: { values: [0.25, 0.3] },
  activation: {
    pvalues: [
      ['relu', 0.1],
      ['sigmoid', 0.8],
    ],
  },
};

const SMALL = {
  units: { quniform: '16:128:16' },
  activation: REFERENCE.activation,
};

const GROUPS: Readonly<Record<string, unknown>> = {
  'hyperband on the reference page, 81/3, seed 7': REFERENCE,
  'hyperband over a small finite matrix, 81/3, seed 7': SMALL,
};

function trace(raw: unknown): unknown {
  const plan = createHyperband({
    matrix: matrixOf(raw),
    seed: 7,
    maxIter: 81,
    eta: 3,
    resource: { name: 'num_steps', type: 'int' },
  });
  const brackets = plan.brackets.map(({ bracket, rungs }) => ({
    bracket,
    rungs: rungs.map(({ experiments, resource }) => `${experiments}@${resource}`).join(' '),
    values: Array.from({ length: Math.min(KEPT, rungs[0]?.experiments ?? 0) }, (_, slot) =>
      plan.values({ bracket, slot }),
    ),
  }));
  return { planned: plan.planned, brackets };
}

testGolden({
  file: 'hyperband.json',
  groups: GROUPS,
  trace,
  titleOf: (name) => `the brackets and first values of ${name} are what they always were`,
});
