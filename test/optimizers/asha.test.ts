import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hptuning } from '../../lib/domain/hptuning.ts';
import { createOptimizer } from '../../lib/optimizers/index.ts';
import type { AsyncPromotion, Optimizer } from '../../lib/optimizers/optimizer.ts';
import { matrixOf } from '../matrix/helpers.ts';

const LR = { lr: { uniform: [0, 1] } };

function hptuningOf(matrix: unknown, algorithm: Hptuning['algorithm']): Hptuning {
  return {
    ...{ concurrency: 1, seed: 5, leaseSeconds: 60, maxAttempts: 1, retryFailed: false },
    ...{ maxFailures: null, dispatch: 'pull', algorithm, earlyStopping: [] },
    matrix: matrixOf(matrix),
  };
}

const asha = (nExperiments: number, matrix: unknown = LR): Optimizer =>
  createOptimizer(
    hptuningOf(matrix, {
      ...{ kind: 'asha', nExperiments, maxIter: 81, eta: 3, resume: false },
      resource: { name: 'epochs', type: 'int' },
      metric: { name: 'loss', optimization: 'minimize' },
    }),
  );

function halvingOf({ halving }: Optimizer): AsyncPromotion {
  assert.ok(halving !== null);
  return halving;
}

test('the rungs are those of the largest bracket of Hyperband, with a third of the experiments each', () => {
  const { bracket } = halvingOf(asha(100));

  assert.equal(bracket.bracket, 4);
  assert.deepEqual(
    bracket.rungs.map(({ experiments, resource }) => `${experiments}@${resource}`),
    ['100@1', '33@3', '11@9', '3@27', '1@81'],
  );
  assert.equal(asha(100).planned, 148);
});

test('new configurations are those of random search with the same seed, on the first rung', () => {
  const random = createOptimizer(hptuningOf(LR, { kind: 'random', nExperiments: 5, metric: null }));

  for (let index = 0; index < 5; index++) {
    assert.deepEqual(asha(5).suggest(index), { ...random.suggest(index), epochs: 1 });
  }
  assert.equal(asha(5).suggest(5), null);
});

test('a space with fewer points makes fewer experiments on every rung', () => {
  const { fresh, planned } = asha(100, { units: { values: [1, 2, 3, 4] } });

  assert.deepEqual([fresh, planned], [4, 5]);
});

test('an index names a configuration on a rung', () => {
  const { locate, indexOf } = halvingOf(asha(7));

  for (let index = 0; index < 35; index++) assert.equal(indexOf(locate(index)), index);
  assert.deepEqual(locate(9), { rung: 1, slot: 2 });
});

test('the outlook counts what has gone on, and nothing more once nobody can come', () => {
  const { outlook } = halvingOf(asha(9));
  const none = { ended: 0, promoted: 0, unranked: 0, carried: 0, share: 0 };
  const counts = (ended: number, promoted: number) => ({ ...none, ended, promoted });

  const begun = outlook([counts(5, 0), counts(1, 4), none, none, none], 9);
  assert.deepEqual(begun, { experiments: [9, 4, 1, 0, 0], complete: 0 });
  const over = outlook([counts(9, 0), counts(2, 2), none, none, none], 9);
  assert.deepEqual(over, { experiments: [9, 2, 0, 0, 0], complete: 5 });
});
