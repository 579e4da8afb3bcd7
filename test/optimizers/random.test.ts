import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LIMITS } from '../../lib/domain/limits.ts';
import { valueKey } from '../../lib/domain/values.ts';
import { distinctPoints } from '../../lib/matrix/distinct.ts';
import { createRandom } from '../../lib/optimizers/random.ts';
import { matrixOf, rightOption } from '../matrix/helpers.ts';

const ordinal = (length: number): number[] => Array.from({ length }, (_, i) => i);

const keyOf = (values: ReturnType<ReturnType<typeof createRandom>['suggest']>): string =>
  JSON.stringify(values === null ? null : Object.entries(values).map(([k, v]) => [k, valueKey(v)]));

const anyMatrix = fc
  .array(rightOption, { minLength: 1, maxLength: 4 })
  .map((options) => matrixOf(Object.fromEntries(options.map((option, i) => [`p${i}`, option]))));

test('suggestions are distinct, and there are as many as planned or as can be found', () => {
  fc.assert(
    fc.property(anyMatrix, fc.maxSafeNat(), (matrix, seed) => {
      fc.pre(distinctPoints(matrix) < 1e4 || distinctPoints(matrix) > LIMITS.orderedSpacePoints);
      const random = createRandom({ matrix, seed, nExperiments: 40 });
      const found = ordinal(random.planned).map((i) => random.suggest(i));
      const keys = found.filter((values) => values !== null).map(keyOf);

      assert.equal(random.planned, Math.min(40, distinctPoints(matrix)));
      assert.equal(new Set(keys).size, keys.length);
      assert.equal(random.suggest(random.planned), null);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('the same seed gives the same values in whatever order they are asked for', () => {
  fc.assert(
    fc.property(anyMatrix, fc.maxSafeNat(), (matrix, seed) => {
      fc.pre(distinctPoints(matrix) < 1e4 || distinctPoints(matrix) > LIMITS.orderedSpacePoints);
      const forwards = createRandom({ matrix, seed, nExperiments: 30 });
      const backwards = createRandom({ matrix, seed, nExperiments: 30 });
      const indices = ordinal(forwards.planned);

      const late = indices.toReversed().map((i) => backwards.suggest(i));
      const early = indices.map((i) => forwards.suggest(i));

      assert.deepEqual(late.reverse(), early);
      assert.deepEqual(
        indices.map((i) => backwards.suggest(i)),
        early,
      );
    }),
    { seed: 2, numRuns: 200 },
  );
});

const FINITE = { a: { values: ['x', 'y', 'x'] }, b: { quniform: '0:3:1' }, c: { range: '0:5:1' } };
const INFINITE = { a: { uniform: [0, 1] }, b: { values: [1, 2] } };
const LARGE = { a: { quniform: '0:9999:1' }, b: { range: '0:10000:1' } };

for (const [name, raw] of Object.entries({ FINITE, INFINITE, LARGE })) {
  test(`a longer search begins with the values of a shorter one (${name.toLowerCase()} matrix)`, () => {
    const matrix = matrixOf(raw);
    const short = createRandom({ matrix, seed: 9, nExperiments: 5 });
    const long = createRandom({ matrix, seed: 9, nExperiments: 35 });

    assert.deepEqual(ordinal(5).map(short.suggest), ordinal(5).map(long.suggest));
  });

  test(`different seeds give different values (${name.toLowerCase()} matrix)`, () => {
    const matrix = matrixOf(raw);
    const traces = [0, 1, 2 ** 32, 2 ** 53 - 1].map((seed) => {
      const random = createRandom({ matrix, seed, nExperiments: 10 });
      return JSON.stringify(ordinal(10).map(random.suggest));
    });

    assert.equal(new Set(traces).size, 4);
  });
}

test('a finite matrix is drawn to its last point, repeats and impossible items not counted', () => {
  const matrix = matrixOf({
    a: { values: [1, 2, 1] },
    b: {
      pvalues: [
        ['u', 0.999],
        ['v', 0.001],
        ['w', 0],
      ],
    },
    c: { quniform: '0:1:0.5' },
  });

  const random = createRandom({ matrix, seed: 4, nExperiments: 1000 });

  assert.equal(random.planned, 12);
  const drawn = ordinal(12).map((i) => keyOf(random.suggest(i)));
  assert.equal(new Set(drawn).size, 12);
  assert.equal(random.suggest(12), null);
});

test('a matrix just above the ordered size is drawn from without repeats', () => {
  const matrix = matrixOf({ a: { range: '0:10000:1' }, b: { range: '0:105:1' } });
  assert.ok(distinctPoints(matrix) > LIMITS.orderedSpacePoints);

  const random = createRandom({ matrix, seed: 1, nExperiments: 200_000 });
  const cells = new Set(
    ordinal(200_000).map((i) => {
      const values = random.suggest(i);
      return Number(values?.['a']) * 105 + Number(values?.['b']);
    }),
  );

  assert.equal(cells.size, 200_000);
});

test('a matrix of which nothing new turns up in a thousand redraws counts as exhausted', () => {
  const rare = 1e-9;
  const coin = {
    pvalues: [
      ['heads', 1 - rare],
      ['tails', rare],
    ],
  };
  const matrix = matrixOf(Object.fromEntries(ordinal(21).map((i) => [`coin${i}`, coin])));
  const random = createRandom({ matrix, seed: 1, nExperiments: 100 });

  assert.equal(random.planned, 100);
  assert.equal(random.suggest(1), null);
  assert.equal(random.suggest(99), null);
  assert.equal(random.suggest(0)?.['coin0'], 'heads');
});

/** Chi-square of counts against shares of their sum. */
function chiSquare(counts: readonly number[], shares: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return shares.reduce((sum, share, i) => {
    const expected = total * share;
    return sum + ((counts[i] ?? 0) - expected) ** 2 / expected;
  }, 0);
}

test('the probabilities of pvalues are honoured over 100,000 draws', () => {
  const matrix = matrixOf({
    activation: {
      pvalues: [
        ['elu', 0.1],
        ['relu', 0.2],
        ['sigmoid', 0.7],
      ],
    },
    lr: { uniform: [0, 1] },
  });
  const random = createRandom({ matrix, seed: 12, nExperiments: 100_000 });
  const drawn = ordinal(100_000).map((i) => random.suggest(i)?.['activation']);
  const counts = ['elu', 'relu', 'sigmoid'].map((word) => drawn.filter((w) => w === word).length);

  // The 0.999 quantile of chi-square with 2 degrees of freedom.
  assert.ok(chiSquare(counts, [0.1, 0.2, 0.7]) < 13.8, counts.join());
});

test('probabilities that add up to 0.9 are honoured in their ratio over 100,000 draws', () => {
  const matrix = matrixOf({
    activation: {
      pvalues: [
        ['relu', 0.1],
        ['sigmoid', 0.8],
      ],
    },
    lr: { normal: [0, 1] },
  });
  const random = createRandom({ matrix, seed: 2, nExperiments: 100_000 });
  const drawn = ordinal(100_000).map((i) => random.suggest(i)?.['activation']);
  const counts = ['relu', 'sigmoid'].map((word) => drawn.filter((w) => w === word).length);

  // The 0.999 quantile of chi-square with 1 degree of freedom.
  assert.ok(chiSquare(counts, [1 / 9, 8 / 9]) < 10.8, counts.join());
});

test('the first draw from a small finite matrix has the weights of its points', () => {
  const matrix = matrixOf({
    a: {
      pvalues: [
        ['u', 0.1],
        ['v', 0.9],
      ],
    },
    b: { quniform: '0:2:1' },
  });
  const points = ['u0', 'u1', 'u2', 'v0', 'v1', 'v2'];
  const shares = [0.025, 0.05, 0.025, 0.225, 0.45, 0.225];
  const drawn = ordinal(20_000).map((seed) => {
    const values = createRandom({ matrix, seed, nExperiments: 1 }).suggest(0);
    return `${values?.['a']}${values?.['b']}`;
  });
  const counts = points.map((point) => drawn.filter((p) => p === point).length);

  // The 0.999 quantile of chi-square with 5 degrees of freedom.
  assert.ok(chiSquare(counts, shares) < 20.5, counts.join());
});

test('n_experiments outside of 1 to 10^6 is refused by an assertion', () => {
  const matrix = matrixOf(INFINITE);
  for (const nExperiments of [0, -1, 0.5, 1_000_001]) {
    assert.throws(() => createRandom({ matrix, seed: 1, nExperiments }), assert.AssertionError);
  }
});
