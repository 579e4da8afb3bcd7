import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Matrix } from '../../../lib/domain/hptuning.ts';
import { LIMITS } from '../../../lib/domain/limits.ts';
import type { Values } from '../../../lib/domain/values.ts';
import { distinctPoints, listSupport } from '../../../lib/matrix/distinct.ts';
import { createValuesKey } from '../../../lib/matrix/values-key.ts';
import { createInitialDesign } from '../../../lib/optimizers/bayes/initial-design.ts';
import type { Draw } from '../../../lib/optimizers/distinct-draws.ts';
import { matrixOf, rightOption } from '../../matrix/helpers.ts';

const ordinal = (length: number): number[] => Array.from({ length }, (_, i) => i);

const designOf = (matrix: Matrix, seed: number): Draw =>
  createInitialDesign({ matrix, seed, points: distinctPoints(matrix) });

/** The points of a design from the first one on. */
const firstOf = (design: Draw, count: number): readonly Values[] =>
  ordinal(count)
    .map(design)
    .filter((values) => values !== null);

const anyMatrix = fc
  .array(rightOption, { minLength: 1, maxLength: 4 })
  .map((options) => matrixOf(Object.fromEntries(options.map((option, i) => [`p${i}`, option]))))
  .filter(
    (matrix) => distinctPoints(matrix) < 1000 || distinctPoints(matrix) > LIMITS.orderedSpacePoints,
  );

test('points are distinct, and none is given twice', () => {
  fc.assert(
    fc.property(anyMatrix, fc.maxSafeNat(), (matrix, seed) => {
      const points = firstOf(designOf(matrix, seed), 40);
      const keys = new Set(points.map(createValuesKey(matrix)));

      assert.equal(keys.size, points.length);
      // A distribution without end may be so narrow that doubles cannot tell its values apart.
      if (Number.isFinite(distinctPoints(matrix))) {
        assert.equal(points.length, Math.min(40, distinctPoints(matrix)));
      }
    }),
    { seed: 1, numRuns: 150 },
  );
});

test('points have every parameter of the matrix in its order', () => {
  const matrix = matrixOf({ b: { uniform: [0, 1] }, a: { values: ['x', 1] } });

  for (const values of firstOf(designOf(matrix, 1), 10)) {
    assert.deepEqual(Object.keys(values), ['b', 'a']);
  }
});

test('the point of an index does not depend on which others are asked for, or how many', () => {
  fc.assert(
    fc.property(anyMatrix, fc.maxSafeNat(), (matrix, seed) => {
      const count = Math.min(30, distinctPoints(matrix));
      const forwards = ordinal(count).map(designOf(matrix, seed));
      const backwards = ordinal(count).toReversed().map(designOf(matrix, seed)).toReversed();
      const alone = designOf(matrix, seed)(count - 1);

      assert.deepEqual(backwards, forwards);
      assert.deepEqual(alone, forwards.at(-1));
    }),
    { seed: 2, numRuns: 80 },
  );
});

test('different seeds give different designs', () => {
  const matrix = matrixOf({ a: { uniform: [0, 1] }, b: { values: ['x', 'y', 'z'] } });
  const first = ordinal(50).map((seed) => designOf(matrix, seed)(0)?.['a']);

  assert.equal(new Set(first).size, 50);
});

const FINITE = {
  'one parameter': { a: { values: [1, 2, 3, 4, 5, 6, 7] } },
  'one point': { a: { values: ['only'] }, b: { linspace: [1, 2, 1] } },
  'repeated values': { a: { values: ['x', 'y', 'x'] }, b: { range: '0:5:1' } },
  'every finite option': {
    a: { quniform: '0:3:1' },
    b: { qloguniform: '0:2:2' },
    c: { geomspace: '1:8:4' },
    d: { linspace: [0, 1, 2] },
  },
  'unlikely items': {
    a: {
      pvalues: [
        ['often', 0.999999],
        ['rarely', 1e-6],
        ['never', 0],
      ],
    },
    b: { values: [1, 2, 3] },
  },
};

for (const [name, raw] of Object.entries(FINITE)) {
  test(`a finite matrix of ${name} is covered to its last point, and then there is none`, () => {
    const matrix = matrixOf(raw);
    const expected = matrix.reduce<readonly Values[]>(
      (points, { name: key, option }) =>
        points.flatMap((values) =>
          (listSupport(option)?.values ?? []).map((value) => ({ ...values, [key]: value })),
        ),
      [{}],
    );
    const keyOf = createValuesKey(matrix);
    for (const seed of [0, 1, 2]) {
      const design = designOf(matrix, seed);
      const found = firstOf(design, expected.length);

      assert.deepEqual(found.map(keyOf).toSorted(), expected.map(keyOf).toSorted());
      assert.equal(design(expected.length), null);
      assert.equal(design(expected.length + 1000), null);
    }
  });
}

const UNIFORM = {
  uniform: { raw: { uniform: [0, 1] }, toUnit: (x: number) => x },
  shifted: { raw: { uniform: [-8, 24] }, toUnit: (x: number) => (x + 8) / 32 },
  loguniform: { raw: { loguniform: [-4, 4] }, toUnit: (x: number) => (Math.log(x) + 4) / 8 },
};

test('the first 2^m points have one point in each of 2^m equal parts of every interval', () => {
  const matrix = matrixOf(
    Object.fromEntries(Object.entries(UNIFORM).map(([name, { raw }]) => [name, raw])),
  );
  for (const seed of ordinal(20)) {
    const design = designOf(matrix, seed);
    for (const m of [1, 3, 6, 8]) {
      const points = firstOf(design, 2 ** m);
      for (const [name, { toUnit }] of Object.entries(UNIFORM)) {
        const parts = points.map((values) => Math.floor(2 ** m * toUnit(Number(values[name]))));

        assert.deepEqual(
          parts.toSorted((a, b) => a - b),
          ordinal(2 ** m),
        );
      }
    }
  }
});

test('sixteen points of two parameters have one point in each cell of every 4 by 4, 2 by 8 and 8 by 2', () => {
  const matrix = matrixOf({ a: { uniform: [0, 1] }, b: { uniform: [0, 1] } });
  for (const seed of ordinal(20)) {
    const points = firstOf(designOf(matrix, seed), 16);
    for (const [rows, columns] of [
      [4, 4],
      [2, 8],
      [8, 2],
    ] as const) {
      const cells = points.map(
        ({ a, b }) => Math.floor(rows * Number(a)) * columns + Math.floor(columns * Number(b)),
      );

      assert.equal(new Set(cells).size, 16);
    }
  }
});

test('eight points of two and of four categories have each of them equally often', () => {
  const matrix = matrixOf({
    a: { values: ['x', 'y'] },
    b: { values: ['p', 'q', 'r', 's'] },
    c: { uniform: [0, 1] },
  });
  for (const seed of ordinal(20)) {
    const points = firstOf(designOf(matrix, seed), 8);
    const count = (name: string, word: string): number =>
      points.filter((values) => values[name] === word).length;

    assert.deepEqual([count('a', 'x'), count('a', 'y')], [4, 4]);
    assert.deepEqual(
      ['p', 'q', 'r', 's'].map((word) => count('b', word)),
      [2, 2, 2, 2],
    );
  }
});

const WEIGHTS = [
  ['elu', 0.1],
  ['relu', 0.2],
  ['tanh', 0],
  ['sigmoid', 0.7],
] as const;

for (const [name, other] of Object.entries({
  'an endless': { uniform: [0, 1] },
  'a finite': { values: [1, 2, 3] },
})) {
  for (const index of [0, 1]) {
    test(`point ${index} of ${name} matrix has the weights of pvalues over 5,000 seeds`, () => {
      const matrix = matrixOf({ activation: { pvalues: WEIGHTS }, other });
      const drawn = ordinal(5000).map((seed) => designOf(matrix, seed)(index)?.['activation']);
      const statistic = WEIGHTS.filter(([, weight]) => weight > 0).reduce((sum, [word, weight]) => {
        const expected = 5000 * weight;
        const count = drawn.filter((one) => one === word).length;
        return sum + (count - expected) ** 2 / expected;
      }, 0);

      assert.ok(!drawn.includes('tanh'));
      // The 0.999 quantile of chi-square with 2 degrees of freedom; a finite matrix, from which
      // points are taken away, has them for its first point only.
      if (index === 0 || 'uniform' in other) assert.ok(statistic < 13.8, `${statistic}`);
    });
  }
}

test('a thousand points of a hundred parameters are distinct', () => {
  const matrix = matrixOf(
    Object.fromEntries(ordinal(LIMITS.parameters).map((i) => [`p${i}`, { uniform: [0, 1] }])),
  );
  const points = firstOf(designOf(matrix, 3), 1000);

  assert.equal(new Set(points.map(createValuesKey(matrix))).size, 1000);
});
