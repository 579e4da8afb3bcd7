import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type {
  Acquisition,
  GaussianProcess,
  Hptuning,
  Matrix,
} from '../../../lib/domain/hptuning.ts';
import { LIMITS } from '../../../lib/domain/limits.ts';
import type { Suggestion } from '../../../lib/domain/suggestion.ts';
import type { Values } from '../../../lib/domain/values.ts';
import { valuesMistakes } from '../../../lib/matrix/bounds.ts';
import { distinctPoints } from '../../../lib/matrix/distinct.ts';
import { createValuesKey } from '../../../lib/matrix/values-key.ts';
import { createStream } from '../../../lib/numerics/stream.ts';
import { createInitialDesign } from '../../../lib/optimizers/bayes/initial-design.ts';
import { propose } from '../../../lib/optimizers/bayes/propose.ts';
import type { Observation, View } from '../../../lib/optimizers/bayes/view.ts';
import { createRandom } from '../../../lib/optimizers/random.ts';
import { matrixOf, rightOption } from '../../matrix/helpers.ts';
import type { Surrogate } from './helpers.ts';
import { hptuningOf, INITIAL } from './helpers.ts';

const MATERN: GaussianProcess = { kernel: 'matern', lengthScale: 1, nu: 1.9, restarts: 0 };
const UCB: Acquisition = { kind: 'ucb', kappa: 2.576 };

const described = (
  acquisition: Acquisition = UCB,
  given: Partial<GaussianProcess> = {},
): Surrogate => ({
  acquisition,
  gaussianProcess: { ...MATERN, ...given },
});

/** The two surrogates that documents ask for most. */
const SURROGATES = { default: null, described: described() } as const;

const viewOf = (view: Partial<View>): View => ({
  index: INITIAL,
  count: 1,
  observations: [],
  pending: [],
  failed: [],
  ...view,
});

/** The first points of a design of their own, as something that was tried. */
function pointsOf(matrix: Matrix, count: number, seed = 99): readonly Values[] {
  const design = createInitialDesign({ matrix, seed, points: distinctPoints(matrix) });
  return Array.from({ length: count }, (_, k) => design(k)).filter((values) => values !== null);
}

const observe = (
  points: readonly Values[],
  objectiveOf: (values: Values, i: number) => number,
): readonly Observation[] =>
  points.map((values, i) => ({ values, objective: objectiveOf(values, i) }));

const PLANE = matrixOf({ a: { uniform: [0, 1] }, b: { uniform: [0, 1] } });
const MIXED = matrixOf({
  lr: { loguniform: '-10:0' },
  activation: { values: ['relu', 'elu', 'tanh'] },
  units: { quniform: '1:1000:1' },
  batch: { values: [16, 32, 64, 128] },
  weight: { normal: [0, 1] },
  optimizer: {
    pvalues: [
      ['adam', 0.7],
      ['sgd', 0.3],
    ],
  },
});
const SMALL = matrixOf({ a: { values: [1, 2, 3] }, b: { values: ['x', 'y', 'z', 'w'] } });

const bowl = ({ a, b }: Values): number => (Number(a) - 0.3) ** 2 + (Number(b) - 0.6) ** 2;
const mixedLoss = ({ lr, activation, units }: Values): number =>
  (Math.log(Number(lr)) + 4) ** 2 + (activation === 'elu' ? 0 : 2) + Number(units) / 1000;

const assertInBounds = (matrix: Matrix, suggestions: readonly Suggestion[]): void => {
  for (const { values } of suggestions) {
    assert.deepEqual(valuesMistakes(matrix, values, ''), []);
    assert.deepEqual(
      Object.keys(values),
      matrix.map(({ name }) => name),
    );
  }
};

const assertFinite = (suggestions: readonly Suggestion[]): void => {
  for (const { prediction } of suggestions) {
    if (prediction === null) continue;
    const { mean, sd, acquisition } = prediction;
    const what = JSON.stringify(prediction);
    assert.ok(Number.isFinite(mean) && Number.isFinite(sd) && sd >= 0, what);
    assert.ok(Number.isFinite(acquisition.value), what);
  }
};

function assertNew(matrix: Matrix, view: View, suggestions: readonly Suggestion[]): void {
  const keyOf = createValuesKey(matrix);
  const known = [...view.observations.map(({ values }) => values), ...view.pending, ...view.failed];
  const tried = new Set(known.map(keyOf));
  for (const { values } of suggestions) {
    assert.ok(!tried.has(keyOf(values)), JSON.stringify(values));
    tried.add(keyOf(values));
  }
}

/** Suggestions of which all that always holds has been checked. */
function proposeRightly(hptuning: Hptuning, view: View): readonly Suggestion[] {
  const suggestions = propose(hptuning, view);
  assertInBounds(hptuning.matrix, suggestions);
  assertNew(hptuning.matrix, view, suggestions);
  assertFinite(suggestions);
  assert.ok(suggestions.length <= view.count);
  return suggestions;
}

const anyMatrix = fc
  .array(rightOption, { minLength: 1, maxLength: 4 })
  .map((options) => matrixOf(Object.fromEntries(options.map((option, i) => [`p${i}`, option]))))
  .filter(
    (matrix) =>
      (distinctPoints(matrix) < 1000 || distinctPoints(matrix) > LIMITS.orderedSpacePoints) &&
      // Wider or narrower ones have tests of their own.
      matrix.every(
        ({ option }) => !('scale' in option) || (option.scale < 50 && option.scale > 1e-3),
      ),
  );
const objective = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -100, max: 100 }) },
  { weight: 1, arbitrary: fc.constant(Number.NaN) },
);

for (const [name, surrogate] of Object.entries(SURROGATES)) {
  test(`suggestions of the ${name} surrogate are new, allowed and the same for the same view, over any matrix`, () => {
    fc.assert(
      fc.property(
        anyMatrix,
        fc.array(objective, { minLength: 1, maxLength: 8 }),
        fc.record({ pending: fc.nat(2), failed: fc.nat(2), seed: fc.maxSafeNat() }),
        (matrix, objectives, { pending, failed, seed }) => {
          const points = pointsOf(matrix, objectives.length + pending + failed, seed);
          const view = viewOf({
            count: 2,
            observations: observe(
              points.slice(0, objectives.length),
              (_, i) => objectives[i] ?? Number.NaN,
            ),
            pending: points.slice(objectives.length, objectives.length + pending),
            failed: points.slice(objectives.length + pending),
          });
          const hptuning = hptuningOf(matrix, { seed, surrogate });
          const suggestions = proposeRightly(hptuning, view);
          const again = propose(structuredClone(hptuning), structuredClone(view));

          assert.equal(JSON.stringify(again), JSON.stringify(suggestions));
          if (distinctPoints(matrix) < 1000) {
            assert.equal(suggestions.length, Math.min(2, distinctPoints(matrix) - points.length));
          }
        },
      ),
      { seed: 1, numRuns: 40 },
    );
  });

  test(`the ${name} surrogate changes neither the document nor the view`, () => {
    const hptuning = hptuningOf(MIXED, { surrogate });
    const points = pointsOf(MIXED, 9);
    const view = viewOf({
      observations: observe(points.slice(0, 7), mixedLoss),
      pending: points.slice(7),
    });
    const before = structuredClone({ hptuning, view });
    propose(hptuning, view);

    assert.deepEqual({ hptuning, view }, before);
  });

  test(`two suggestions of the ${name} surrogate at once are those made one after the other`, () => {
    const hptuning = hptuningOf(MIXED, { surrogate });
    const observations = observe(pointsOf(MIXED, 8), mixedLoss);
    const batch = propose(hptuning, viewOf({ count: 3, observations }));
    const pending: Values[] = [];
    const single = [0, 1, 2].map((i) => {
      const [one] = propose(hptuning, viewOf({ index: INITIAL + i, observations, pending }));
      assert.ok(one);
      pending.push(one.values);
      return one;
    });

    assert.deepEqual(batch, single);
  });

  test(`a small matrix is covered to its last point by the ${name} surrogate, and then there is none`, () => {
    const hptuning = hptuningOf(SMALL, { surrogate });
    const observations: Observation[] = [];
    for (let index = 0; index < 12; index++) {
      const view = viewOf({ index, observations: [...observations] });
      const [suggestion] = proposeRightly(hptuning, view);
      assert.ok(suggestion);
      assert.equal(suggestion.source, index < INITIAL ? 'initial_design' : 'surrogate');
      observations.push({ values: suggestion.values, objective: Number(suggestion.values['a']) });
    }

    assert.deepEqual(propose(hptuning, viewOf({ index: 12, observations })), []);
  });

  test(`fewer suggestions of the ${name} surrogate than were asked for exhaust a small matrix`, () => {
    const points = pointsOf(SMALL, 12);
    const view = viewOf({
      count: 100,
      observations: observe(points.slice(0, 4), (_, i) => i),
      pending: points.slice(4, 6),
      failed: points.slice(6, 7),
    });

    assert.equal(proposeRightly(hptuningOf(SMALL, { surrogate }), view).length, 5);
  });

  test(`what is minimized and its negative, maximized, have the same suggestions of the ${name} surrogate`, () => {
    const up = observe(pointsOf(MIXED, 12), mixedLoss);
    const down = up.map(({ values, objective: one }) => ({ values, objective: -one }));
    const minimized = propose(
      hptuningOf(MIXED, { surrogate, optimization: 'minimize' }),
      viewOf({ count: 3, observations: up }),
    );
    const maximized = propose(
      hptuningOf(MIXED, { surrogate, optimization: 'maximize' }),
      viewOf({ count: 3, observations: down }),
    );

    for (const [i, one] of minimized.entries()) {
      assert.deepEqual(maximized[i]?.values, one.values);
      assert.equal(maximized[i]?.prediction?.mean, -(one.prediction?.mean ?? Number.NaN));
      assert.equal(maximized[i]?.prediction?.sd, one.prediction?.sd);
    }
  });

  test(`what is being tried moves the next suggestion of the ${name} surrogate away from it`, () => {
    const distance = (one: Values, other: Values): number =>
      Math.hypot(Number(one['a']) - Number(other['a']), Number(one['b']) - Number(other['b']));
    for (const index of [INITIAL, INITIAL + 1]) {
      const hptuning = hptuningOf(PLANE, { surrogate });
      const observations = observe(pointsOf(PLANE, 10), bowl);
      const [first] = propose(hptuning, viewOf({ index, observations }));
      assert.ok(first);
      const pending = [first.values];
      const [next] = propose(hptuning, viewOf({ index, observations, pending }));
      assert.ok(next);

      assert.ok(distance(first.values, next.values) > 0.01, JSON.stringify([first, next]));
    }
  });

  test(`eight suggestions of the ${name} surrogate at once are not all in one place`, () => {
    const observations = observe(pointsOf(PLANE, 10), bowl);
    const suggestions = proposeRightly(
      hptuningOf(PLANE, { surrogate }),
      viewOf({ count: 8, observations }),
    );
    const cells = new Set(
      suggestions.map(({ values }) =>
        [values['a'], values['b']].map((t) => Math.floor(Number(t) * 50)).join(),
      ),
    );

    // On a bowl that is known well, most are near its bottom.
    assert.ok(cells.size >= 4, [...cells].join(' '));
  });
}

test('the first suggestions are the initial design, whatever has been observed', () => {
  const hptuning = hptuningOf(MIXED);
  const design = pointsOf(MIXED, INITIAL, 1);
  const suggestions = propose(hptuning, viewOf({ index: 0, count: INITIAL }));
  const [last] = propose(
    hptuning,
    viewOf({ index: 4, observations: observe(design.slice(0, 4), mixedLoss) }),
  );

  assert.deepEqual(
    suggestions.map(({ values }) => values),
    design,
  );
  assert.deepEqual(last?.values, design[4]);
  for (const { source, prediction } of suggestions) {
    assert.equal(source, 'initial_design');
    assert.equal(prediction, null);
  }
});

test('the source of a suggestion follows from its index once something was observed', () => {
  const observations = observe(pointsOf(MIXED, 2), mixedLoss);
  const suggestions = proposeRightly(
    hptuningOf(MIXED),
    viewOf({ index: 2, count: 6, observations }),
  );

  assert.deepEqual(
    suggestions.map(({ source }) => source),
    [...new Array(3).fill('initial_design'), ...new Array(3).fill('surrogate')],
  );
  assert.deepEqual(
    suggestions.map(({ prediction }) => prediction === null),
    [true, true, true, false, false, false],
  );
});

const BLIND = {
  'nothing was observed': viewOf({ index: 3, count: 4 }),
  'no objective is a number': viewOf({
    index: 3,
    count: 4,
    observations: observe(pointsOf(MIXED, 3), () => Number.NaN),
  }),
  'everything is being tried': viewOf({ index: 3, count: 4, pending: pointsOf(MIXED, 3) }),
  'everything has failed': viewOf({ index: 3, count: 4, failed: pointsOf(MIXED, 3) }),
};

for (const [name, view] of Object.entries(BLIND)) {
  test(`where ${name}, the design goes on beyond its end and says that it stands in`, () => {
    const suggestions = proposeRightly(hptuningOf(MIXED), view);

    assert.deepEqual(
      suggestions.map(({ source }) => source),
      ['initial_design', 'initial_design', 'fallback', 'fallback'],
    );
    for (const { prediction } of suggestions) assert.equal(prediction, null);
  });
}

test('a document of another algorithm has no suggestions', () => {
  const hptuning: Hptuning = {
    ...hptuningOf(MIXED),
    algorithm: { kind: 'random', nExperiments: 10, metric: null },
  };

  assert.deepEqual(propose(hptuning, viewOf({ index: 0, count: 3 })), []);
});

test('nothing is suggested where nothing is asked for', () => {
  const observations = observe(pointsOf(MIXED, 6), mixedLoss);

  assert.deepEqual(propose(hptuningOf(MIXED), viewOf({ count: 0, observations })), []);
});

test('different seeds have different suggestions', () => {
  const observations = observe(pointsOf(MIXED, 3), mixedLoss);
  const [one, other] = [1, 2].map((seed) =>
    propose(hptuningOf(MIXED, { seed }), viewOf({ index: 0, count: 7, observations })),
  );

  assert.notDeepEqual(one?.[0]?.values, other?.[0]?.values);
});

test('the order of the keys of what was observed makes no difference', () => {
  const observations = observe(pointsOf(MIXED, 8), mixedLoss);
  const reordered = observations.map(({ values, ...others }) => ({
    values: Object.fromEntries(Object.entries(values).toReversed()),
    ...others,
  }));
  const hptuning = hptuningOf(MIXED);

  assert.deepEqual(
    propose(hptuning, viewOf({ observations: reordered, count: 2 })),
    propose(hptuning, viewOf({ observations, count: 2 })),
  );
});

const OBSERVED = pointsOf(PLANE, 12);

const ODD_OBJECTIVES: Readonly<Record<string, readonly Observation[]>> = {
  'one observation': observe(OBSERVED.slice(0, 1), () => 3),
  'one observation of zero': observe(OBSERVED.slice(0, 1), () => 0),
  'two observations': observe(OBSERVED.slice(0, 2), bowl),
  'equal objectives': observe(OBSERVED, () => 0.1),
  'equal objectives of 1e300': observe(OBSERVED, () => 1e300),
  'equal objectives but for NaN': observe(OBSERVED, (_, i) => (i % 3 === 0 ? Number.NaN : 0.1)),
  'all NaN but one': observe(OBSERVED, (_, i) => (i === 4 ? 7 : Number.NaN)),
  'infinite objectives': observe(OBSERVED, (_, i) => [Number.POSITIVE_INFINITY, 1, 2][i % 3] ?? 0),
  'one point with different objectives': observe(
    OBSERVED.map(() => ({ a: 0.5, b: 0.5 })),
    (_, i) => i,
  ),
  'every point twice, with different objectives': observe(
    [...OBSERVED, ...OBSERVED],
    (values, i) => bowl(values) + i / 100,
  ),
  'points next to each other': observe(
    OBSERVED.map((_, i) => ({ a: 0.5 + i * 1e-12, b: 0.5 })),
    (_, i) => (i % 2 === 0 ? 1 : -1),
  ),
  'objectives of 1e300 and -1e300': observe(
    OBSERVED,
    (values, i) => (i % 2 === 0 ? 1e300 : -1e300) * (1 + bowl(values)),
  ),
  'objectives of all magnitudes': observe(OBSERVED, (_, i) => 10 ** (50 * (i - 6))),
  'objectives near the largest double': observe(
    OBSERVED,
    (_, i) => (i % 2 === 0 ? 1 : -1) * 1.7e308,
  ),
  'objectives near the smallest double': observe(OBSERVED, (_, i) => i * 5e-324),
  'an outlier': observe(OBSERVED, (values, i) => (i === 3 ? 1e12 : bowl(values))),
  'a best outlier': observe(OBSERVED, (values, i) => (i === 3 ? -1e12 : bowl(values))),
};

for (const [what, observations] of Object.entries(ODD_OBJECTIVES)) {
  for (const [name, surrogate] of Object.entries(SURROGATES)) {
    test(`the ${name} surrogate survives ${what}`, () => {
      for (const optimization of ['minimize', 'maximize'] as const) {
        const hptuning = hptuningOf(PLANE, { surrogate, optimization });
        const suggestions = proposeRightly(hptuning, viewOf({ count: 2, observations }));

        assert.equal(suggestions.length, 2);
      }
    });
  }
}

for (const kind of ['ei', 'poi'] as const) {
  test(`${kind} with an eps survives equal objectives`, () => {
    for (const count of [10, 12]) {
      const observations = observe(pointsOf(PLANE, count), () => 0.3);
      const surrogate = described({ kind, eps: 0.1 });

      const suggestions = proposeRightly(
        hptuningOf(PLANE, { surrogate }),
        viewOf({ observations }),
      );

      assert.equal(suggestions.length, 1);
    }
  });
}

const ACQUISITIONS: readonly Acquisition[] = [
  { kind: 'ucb', kappa: 0 },
  { kind: 'ucb', kappa: 1.2 },
  { kind: 'ucb', kappa: 1e6 },
  { kind: 'ucb', kappa: -1 },
  { kind: 'ei', eps: 0 },
  { kind: 'ei', eps: 1.2 },
  { kind: 'ei', eps: -1 },
  { kind: 'ei', eps: 1e9 },
  { kind: 'poi', eps: 0 },
  { kind: 'poi', eps: 1.2 },
  { kind: 'poi', eps: -1 },
  { kind: 'poi', eps: 1e9 },
];

for (const acquisition of ACQUISITIONS) {
  const { kind, ...parameter } = acquisition;
  test(`${kind} with ${JSON.stringify(parameter)} has suggestions`, () => {
    const hptuning = hptuningOf(MIXED, { surrogate: described(acquisition) });
    const observations = observe(pointsOf(MIXED, 8), mixedLoss);
    const suggestions = proposeRightly(hptuning, viewOf({ count: 2, observations }));

    assert.deepEqual(
      suggestions.map(({ prediction }) => prediction?.acquisition.name),
      [kind, kind],
    );
  });
}

const PROCESSES: readonly Partial<GaussianProcess>[] = [
  { kernel: 'rbf' },
  { kernel: 'rbf', lengthScale: 1e-5 },
  { kernel: 'rbf', lengthScale: 1e5 },
  { lengthScale: 1e-5 },
  { lengthScale: 1e5 },
  { nu: 0.1 },
  { nu: 1.9 },
  { nu: 30 },
  { nu: 1e5 },
  { restarts: 5 },
];

for (const given of PROCESSES) {
  test(`a process with ${JSON.stringify(given)} has suggestions`, () => {
    const hptuning = hptuningOf(MIXED, { surrogate: described(UCB, given) });
    const observations = observe(pointsOf(MIXED, 10), mixedLoss);

    assert.equal(proposeRightly(hptuning, viewOf({ count: 2, observations })).length, 2);
  });
}

const ODD_MATRICES = {
  'constants beside one parameter': {
    a: { values: [1] },
    b: { values: ['x'] },
    c: { uniform: [0, 1] },
  },
  'unbounded parameters': {
    a: { normal: '0:1' },
    b: { qlognormal: '3:1:8' },
    c: { qnormal: '0:9:1' },
  },
  'true and false': { a: { values: [true, false] }, b: { uniform: [0, 1] } },
  'numbers that doubles can hardly tell apart': { a: { uniform: [1, 1.000000000001] } },
  'a huge interval': { a: { uniform: [-8e307, 8e307] }, b: { quniform: [0, 1e300, 1e290] } },
  'a tiny interval': { a: { uniform: [1e-320, 1e-310] } },
  'more points than can be listed': { a: { range: '0:9999:1' }, b: { quniform: '0:9999:1' } },
};

for (const [name, raw] of Object.entries(ODD_MATRICES)) {
  test(`a matrix of ${name} has suggestions`, () => {
    const matrix = matrixOf(raw);
    for (const surrogate of Object.values(SURROGATES)) {
      const observations = observe(pointsOf(matrix, 7), (_, i) => (i * 5) % 7);
      const view = viewOf({ count: 2, observations });

      assert.equal(proposeRightly(hptuningOf(matrix, { surrogate }), view).length, 2);
    }
  });
}

const WIDE = {
  normal: { normal: [0, 1e308] },
  lognormal: { lognormal: [0, 400] },
  qlognormal: { qlognormal: [0, 400, 1] },
};

for (const [kind, x] of Object.entries(WIDE)) {
  test(`the widest ${kind} has suggestions that are finite`, () => {
    const matrix = matrixOf({ x });
    const observations = observe(pointsOf(matrix, 6), (_, i) => -i);
    const hptuning = hptuningOf(matrix, { surrogate: described({ kind: 'ucb', kappa: 50 }) });

    assert.equal(proposeRightly(hptuning, viewOf({ count: 3, observations })).length, 3);
  });
}

test('values that a caller chose between those of the matrix are learnt from, not suggested', () => {
  const matrix = matrixOf({
    lr: { loguniform: '-10:0' },
    batch: { values: [16, 32, 64, 128] },
    units: { quniform: '0:1000:10' },
    layers: { range: '1:200:1' },
  });
  const own = { lr: 0.01, batch: 48, units: 333, layers: 7.5 };
  const observations = [
    { values: own, objective: -10 },
    ...observe(
      pointsOf(matrix, 8),
      ({ lr, batch }) => Math.abs(Math.log(Number(lr) / 0.01)) + Math.abs(Number(batch) - 48) / 48,
    ),
  ];
  for (const surrogate of Object.values(SURROGATES)) {
    const suggestions = proposeRightly(
      hptuningOf(matrix, { surrogate }),
      viewOf({ count: 4, observations }),
    );
    for (const { values } of suggestions) {
      assert.ok([16, 32, 64, 128].includes(Number(values['batch'])), JSON.stringify(values));
      assert.ok(Number(values['units']) % 10 === 0, JSON.stringify(values));
      assert.ok(Number.isInteger(values['layers']), JSON.stringify(values));
    }
  }
});

const words = (length: number): string[] => Array.from({ length }, (_, i) => `w${i}`);

const LARGE = {
  'a hundred numbers': Object.fromEntries(
    words(LIMITS.parameters).map((name) => [name, { uniform: [0, 1] }]),
  ),
  'a hundred parameters of fifty categories': Object.fromEntries(
    words(LIMITS.parameters).map((name) => [name, { values: words(50) }]),
  ),
  'ten thousand categories': {
    word: { values: words(LIMITS.listedValues) },
    x: { uniform: [0, 1] },
  },
};

for (const [name, raw] of Object.entries(LARGE)) {
  test(`a matrix of ${name} has suggestions`, () => {
    const matrix = matrixOf(raw);
    for (const surrogate of Object.values(SURROGATES)) {
      const observations = observe(pointsOf(matrix, 20), (_, i) => (i * 7) % 20);
      const view = viewOf({ observations });

      assert.equal(proposeRightly(hptuningOf(matrix, { surrogate }), view).length, 1);
    }
  });
}

for (const [name, surrogate] of Object.entries(SURROGATES)) {
  test(`two hundred experiments that are being tried are taken into account by the ${name} surrogate`, () => {
    const points = pointsOf(MIXED, 220);
    const view = viewOf({
      count: 2,
      observations: observe(points.slice(0, 20), mixedLoss),
      pending: points.slice(20),
    });

    assert.equal(proposeRightly(hptuningOf(MIXED, { surrogate }), view).length, 2);
  });

  for (const count of [1000, 10_000]) {
    test(`the ${name} surrogate survives ${count} equal objectives`, () => {
      const view = viewOf({
        index: count,
        observations: observe(pointsOf(PLANE, count), () => 0.5),
      });

      assert.equal(proposeRightly(hptuningOf(PLANE, { surrogate }), view).length, 1);
    });
  }
}

const branin = ({ a, b }: Values): number => {
  const [x, y] = [15 * Number(a) - 5, 15 * Number(b)];
  return (
    (y - (5.1 * x * x) / (4 * Math.PI ** 2) + (5 * x) / Math.PI - 6) ** 2 +
    10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) +
    10
  );
};

/** The best of thirty evaluations of the Branin function. */
function bestOf(hptuning: Hptuning): number {
  const observations: Observation[] = [];
  for (let index = 0; index < 30; index++) {
    const [suggestion] = propose(hptuning, viewOf({ index, observations: [...observations] }));
    assert.ok(suggestion);
    observations.push({ values: suggestion.values, objective: branin(suggestion.values) });
  }
  return Math.min(...observations.map(({ objective: one }) => one));
}

const SEEDS = [1, 2, 3, 4, 5];

const randomBests = SEEDS.map((seed) => {
  const { suggest } = createRandom({ matrix: PLANE, seed, nExperiments: 30 });
  const drawn = Array.from({ length: 30 }, (_, i) => suggest(i)).filter((one) => one !== null);
  return Math.min(...drawn.map(branin));
});
const [, , randomMedian = Number.NaN] = randomBests.toSorted((a, b) => a - b);

for (const [name, surrogate] of Object.entries(SURROGATES)) {
  test(`thirty evaluations of Branin by the ${name} surrogate beat random search for every seed`, () => {
    const bests = SEEDS.map((seed) => bestOf(hptuningOf(PLANE, { seed, surrogate })));

    for (const best of bests) assert.ok(best < randomMedian, `${bests} against ${randomMedian}`);
  });
}

test('noise does not stop a search from getting near the optimum', () => {
  const stream = createStream({ seed: 5, purpose: 0 });
  const observations: Observation[] = [];
  for (let index = 0; index < 30; index++) {
    const [suggestion] = propose(
      hptuningOf(PLANE),
      viewOf({ index, observations: [...observations] }),
    );
    assert.ok(suggestion);
    const noise = 0.1 * (stream.uniform(index, 0) - 0.5);
    observations.push({ values: suggestion.values, objective: bowl(suggestion.values) + noise });
  }
  const late = observations.slice(20).map(({ values }) => bowl(values));

  assert.ok(Math.min(...late) < 0.01, late.join());
});

const auto = (matrix: Matrix): Hptuning => ({
  ...hptuningOf(matrix),
  algorithm: {
    kind: 'auto',
    nExperiments: 60,
    training: null,
    metric: { name: 'loss', optimization: 'minimize' },
  },
});

test('auto begins in the middle of the matrix', () => {
  const [first] = propose(auto(PLANE), viewOf({ index: 0 }));

  assert.deepEqual(first?.values, { a: 0.5, b: 0.5 });
  assert.equal(first?.source, 'initial_design');
});

test('with eight parameters auto looks around in the middle half of each number, and through all words', () => {
  const many = matrixOf(
    Object.fromEntries([
      ...Array.from({ length: 8 }, (_, i) => [`p${i}`, { uniform: [0, 1] }]),
      ['word', { values: ['a', 'b', 'c', 'd'] }],
    ]),
  );
  const suggestions = propose(auto(many), viewOf({ index: 0, count: 10 }));
  const numbers = suggestions.flatMap(({ values: { word: _word, ...rest } }) =>
    Object.values(rest).map(Number),
  );

  assert.equal(numbers.length, 80);
  assert.equal(new Set(suggestions.map(({ values }) => values['word'])).size, 4);
  assert.ok(numbers.every((x) => x >= 0.25 && x <= 0.75));
  assert.ok(numbers.some((x) => x < 0.3) && numbers.some((x) => x > 0.7));
});

test('where three observations lie at the border within a hair the next one looks elsewhere', () => {
  // It grows towards the border, and noise keeps the surrogate from being certain there.
  const slope = ({ a, b }: Values): number => -Number(a) + (Number(b) - 0.3) ** 2;
  const points = [
    ...pointsOf(PLANE, 12),
    ...[0.3, 0.3001, 0.3002, 0.2999].map((b) => ({ a: 1, b })),
  ];
  const observations = observe(points, (values, i) => slope(values) + 0.01 * (i % 3));
  for (const index of [20, 21]) {
    const [next] = proposeRightly(auto(PLANE), viewOf({ index, observations }));
    assert.ok(next !== undefined);
    const { a, b } = next.values;
    const far = Math.hypot(Number(a) - 1, Number(b) - 0.3);
    assert.ok(far > 0.01, JSON.stringify(next.values));
  }
});

test('where experiments fail together nobody goes on trying', () => {
  // The bowl's lowest point cannot be evaluated: whoever believes the bowl goes there again and again.
  const fails = ({ a }: Values): boolean => Number(a) < 0.4;
  const points = pointsOf(PLANE, 20);
  const observations = observe(
    points.filter((values) => !fails(values)),
    bowl,
  );
  const failed = points.filter(fails);
  const view = viewOf({ index: 20, count: 6, observations, failed });
  const suggestions = proposeRightly(auto(PLANE), view);
  const lost = suggestions.filter(({ values }) => fails(values));

  assert.ok(lost.length <= 2, JSON.stringify(suggestions.map(({ values }) => values)));
});
