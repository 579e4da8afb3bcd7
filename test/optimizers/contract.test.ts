import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readDocument } from '../../lib/contract/document.ts';
import type { Hptuning } from '../../lib/domain/hptuning.ts';
import { valuesMistakes } from '../../lib/matrix/bounds.ts';
import { createOptimizer } from '../../lib/optimizers/index.ts';

/*
 * What holds for the optimizer of every algorithm. A new one adds a line to the table.
 */

const METRIC = { name: 'loss', optimization: 'minimize' };

const LISTED = {
  lr: { geomspace: [1e-4, 1, 5] },
  units: { range: [16, 80, 16] },
  activation: { values: ['relu', 'tanh', 'gelu'] },
};

const ANY = {
  ...LISTED,
  momentum: { uniform: [0, 0.99] },
  decay: { loguniform: [-12, -2] },
  width: { qnormal: [100, 20, 8] },
  loss: {
    pvalues: [
      ['hinge', 0.2],
      ['log', 0.5],
      ['none', 0],
    ],
  },
};

/** Each algorithm, and the matrix on which it is tried. */
const ALGORITHMS: Readonly<Record<string, { readonly asked: object; readonly matrix: object }>> = {
  grid: { asked: {}, matrix: LISTED },
  'grid, the first of it': { asked: { grid_search: { n_experiments: 7 } }, matrix: LISTED },
  random: { asked: { random_search: { n_experiments: 40 } }, matrix: ANY },
  'random, of all points': { asked: { random_search: { n_experiments: 500 } }, matrix: LISTED },
  hyperband: {
    asked: {
      hyperband: {
        max_iter: 9,
        eta: 3,
        resource: { name: 'epochs', type: 'int' },
        metric: METRIC,
      },
    },
    matrix: ANY,
  },
  'hyperband with a model': {
    asked: {
      hyperband: {
        max_iter: 9,
        eta: 3,
        resource: { name: 'epochs', type: 'int' },
        metric: METRIC,
        model: true,
      },
    },
    matrix: ANY,
  },
  asha: {
    asked: {
      asha: {
        max_iter: 9,
        eta: 3,
        resource: { name: 'epochs', type: 'int' },
        metric: METRIC,
        n_experiments: 40,
      },
    },
    matrix: ANY,
  },
  'auto with a resource': {
    asked: {
      auto: {
        n_experiments: 40,
        metric: METRIC,
        resource: { name: 'epochs', type: 'int' },
        max_iter: 9,
      },
    },
    matrix: ANY,
  },
  bo: { asked: { bo: { n_initial_trials: 20, n_iterations: 20, metric: METRIC } }, matrix: ANY },
  'bo, of all points': {
    asked: { bo: { n_initial_trials: 500, n_iterations: 0, metric: METRIC } },
    matrix: LISTED,
  },
};

function hptuningOf(name: string): Hptuning {
  const { asked, matrix } = ALGORITHMS[name] ?? {};
  const spec = { version: 1, kind: 'group', hptuning: { ...asked, matrix } };
  const { document, mistakes } = readDocument(spec, { seed: 11 });
  assert.ok(document !== null, JSON.stringify(mistakes));
  return document.hptuning;
}

for (const name of Object.keys(ALGORITHMS)) {
  const hptuning = hptuningOf(name);
  const { fresh, planned, suggest, promotion, halving } = createOptimizer(hptuning);
  const indices = Array.from({ length: fresh }, (_, index) => index);
  const values = indices.map((index) => suggest(index));

  describe(`the optimizer ${name}`, () => {
    test('suggests as often as it plans, and nothing beyond', () => {
      assert.ok(fresh <= planned);
      assert.ok(values.every((one) => one !== null));
      assert.equal(suggest(fresh), null);
    });

    test('stays inside the matrix', () => {
      for (const one of values) {
        assert.ok(one !== null);
        const resource = (promotion ?? halving)?.resource.name;
        const own = Object.entries(one).filter(([key]) => key !== resource);
        assert.deepEqual(valuesMistakes(hptuning.matrix, Object.fromEntries(own), ''), []);
      }
    });

    test('suggests the same whatever the order of asking, and again from the same document', () => {
      const again = createOptimizer(hptuningOf(name));
      const backwards = indices.toReversed().map((index) => again.suggest(index));
      assert.deepEqual(backwards.toReversed(), values);
    });

    test('suggests no point twice within what is tried alike', () => {
      // Hyperband's brackets are searches of their own: their resources tell them apart.
      const keys = new Set(values.map((one) => JSON.stringify(one)));
      assert.equal(keys.size, values.length);
    });
  });
}
