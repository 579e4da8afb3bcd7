import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Acquisition, Algorithm, GaussianProcess } from '../../../lib/domain/hptuning.ts';
import { createEncoding } from '../../../lib/matrix/encoding.ts';
import { createMatern, createRbf } from '../../../lib/numerics/radial.ts';
import type { Recipe } from '../../../lib/optimizers/bayes/recipes.ts';
import { recipeOf } from '../../../lib/optimizers/bayes/recipes.ts';
import { matrixOf } from '../../matrix/helpers.ts';

type Bo = Extract<Algorithm, { readonly kind: 'bo' }>;

const encodingOf = (raw: unknown) => createEncoding(matrixOf(raw));

const encoding = encodingOf({
  lr: { loguniform: '-9:0' },
  activation: { values: ['relu', 'elu', 'tanh'] },
  batch: { values: [16, 32, 64] },
  constant: { values: ['adam'] },
});

const many = (count: number) =>
  encodingOf(
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, { uniform: [0, 1] }])),
  );

const bo = (surrogate: Bo['surrogate']): Bo => ({
  kind: 'bo',
  nInitialTrials: 5,
  nIterations: 15,
  metric: { name: 'loss', optimization: 'minimize' },
  surrogate,
});

const GAUSSIAN_PROCESS: GaussianProcess = {
  kernel: 'matern',
  lengthScale: 0.7,
  nu: 1.9,
  restarts: 0,
};
const UCB: Acquisition = { kind: 'ucb', kappa: 2.576 };

const described = (
  given: Partial<GaussianProcess> = {},
  { acquisition = UCB, seed = 1 }: { acquisition?: Acquisition; seed?: number } = {},
): Recipe =>
  recipeOf(bo({ acquisition, gaussianProcess: { ...GAUSSIAN_PROCESS, ...given } }), {
    seed,
    encoding,
  });

const KERNELS = {
  'a Matérn kernel of 1.9': { given: {}, radial: createMatern(1.9) },
  'a Matérn kernel of 0.5': { given: { nu: 0.5 }, radial: createMatern(0.5) },
  'an rbf kernel': { given: { kernel: 'rbf' }, radial: createRbf() },
} as const;

for (const [name, { given, radial }] of Object.entries(KERNELS)) {
  test(`a document that asks for ${name} has it`, () => {
    const recipe = described(given);

    for (const r of [0, 0.1, 0.5, 1, 3]) assert.equal(recipe.radial.value(r), radial.value(r));
  });
}

test('a described surrogate has one length scale for all coordinates, and no other numbers', () => {
  const { scaleOf, fitted, fitsVariances } = described();

  assert.deepEqual([...scaleOf], [0, 0, 0, 0, 0]);
  assert.equal(fitted.length, 1);
  assert.equal(fitsVariances, false);
});

test('its fit starts at the given length scale and at one of medium length', () => {
  const starts = described().starts.map((start) => [...start]);

  assert.deepEqual(starts, [[Math.log(0.7)], [Math.log(0.5 * Math.sqrt(4))]]);
});

test('its length scale is expected around the given one', () => {
  const [scale] = described({ lengthScale: 0.2 }).fitted;

  assert.ok(scale);
  assert.equal(Math.abs(scale.prior.slope(Math.log(0.2))), 0);
  assert.ok(scale.prior.at(Math.log(0.2)) > scale.prior.at(Math.log(0.25)));
});

test('n_restarts_optimizer adds so many starts inside the bounds, the same ones for any number', () => {
  const few = described({ restarts: 3 });
  const more = described({ restarts: 10 });

  assert.equal(few.starts.length, 5);
  assert.equal(more.starts.length, 12);
  assert.deepEqual(more.starts.slice(0, 5), few.starts);
  for (const [start = Number.NaN] of more.starts) {
    assert.ok(start >= Math.log(0.01) && start <= Math.log(100));
  }
  assert.equal(new Set(more.starts.map((start) => start[0])).size, 12);
});

test('restarts depend on the seed', () => {
  const [one, other] = [1, 2].map((seed) => described({ restarts: 2 }, { seed }).starts.at(-1));

  assert.notDeepEqual(one, other);
});

test('ucb is maximised with the kappa that was given, whatever the units', () => {
  assert.deepEqual(described().acquisitionAt(7, 12.5), { kind: 'ucb', kappa: 2.576 });
});

for (const kind of ['ei', 'poi'] as const) {
  test(`the eps of ${kind} is in units of the metric`, () => {
    const recipe = described({}, { acquisition: { kind, eps: 1.2 } });

    assert.deepEqual(recipe.acquisitionAt(0, 4), { kind, eps: 0.3 });
    assert.deepEqual(recipe.acquisitionAt(1, 0.5), { kind, eps: 2.4 });
  });
}

test('a described surrogate sees objectives as they are, but for their mean and scale', () => {
  const { z } = described().outcomes(Float64Array.of(1, 2, 3, 11), 'maximize');
  const [a = 0, b = 0, c = 0, d = 0] = z;

  assert.ok(Math.abs(c - b - (b - a)) < 1e-15);
  assert.ok(Math.abs(d - c - 8 * (b - a)) < 1e-14);
});

const standard = (given = encoding): Recipe => recipeOf(bo(null), { seed: 1, encoding: given });

test('by default every parameter has a length scale, categories share theirs, constants have none', () => {
  assert.deepEqual([...standard().scaleOf], [0, 1, 1, 1, 2]);
});

test('by default the variances of signal and noise are fitted besides the length scales', () => {
  const { fitted, fitsVariances, starts } = standard();

  assert.equal(fitsVariances, true);
  assert.equal(fitted.length, 3 + 2);
  for (const start of starts) assert.equal(start.length, 5);
});

test('by default expected improvement and upper confidence bound take turns, everywhere and near the incumbent', () => {
  const { acquisitionAt, staysNearAt } = standard();
  const turns = [0, 1, 2, 3].map((index) => [staysNearAt(index), acquisitionAt(index, 1)]);

  assert.deepEqual(turns, [
    [false, { kind: 'ei', eps: 0 }],
    [true, { kind: 'ei', eps: 0 }],
    [false, { kind: 'ucb', kappa: 1.8 }],
    [true, { kind: 'ucb', kappa: 1.8 }],
  ]);
  assert.deepEqual(standard(many(5)).acquisitionAt(2, 1), { kind: 'ucb', kappa: 1 });
});

test('a search that a document describes looks everywhere, and fits its one length scale as it says', () => {
  const { staysNearAt, spread } = described();

  assert.deepEqual([0, 1, 2, 3].map(staysNearAt), [false, false, false, false]);
  assert.equal(spread, null);
});

test('only the search that chooses by itself explores where it has seen enough', () => {
  assert.deepEqual(standard().exploring, { kind: 'ucb', kappa: 6 });
  assert.equal(described().exploring, null);
});

test('by default objectives are warped', () => {
  const { z } = standard().outcomes(Float64Array.of(1, 2, 3, 4, -1e9), 'maximize');

  assert.ok((z[4] ?? 0) > -4, z.join());
});

test('from eight parameters on, fits start from length scales that grow with their number', () => {
  const startOf = (count: number): number => standard(many(count)).starts[0]?.[0] ?? Number.NaN;

  assert.equal(startOf(7), startOf(1));
  assert.ok(startOf(7) < startOf(8) && startOf(8) < startOf(100));
});

test('every fit starts inside its bounds', () => {
  for (const { starts, fitted } of [standard(), standard(many(100)), described({ restarts: 5 })]) {
    for (const start of starts) {
      for (const [i, { lower, upper }] of fitted.entries()) {
        const at = start[i] ?? Number.NaN;
        assert.ok(lower <= at && at <= upper, `${at} in ${lower} to ${upper}`);
      }
    }
  }
});

test('a matrix of constants has a recipe', () => {
  const constants = encodingOf({ a: { values: [1] } });

  assert.equal(standard(constants).scaleOf.length, 0);
  assert.equal(standard(constants).fitted.length, 2);
});
