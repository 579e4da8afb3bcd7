import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Matrix } from '../../../lib/domain/hptuning.ts';
import type { Values } from '../../../lib/domain/values.ts';
import { distinctPoints, listSupport } from '../../../lib/matrix/distinct.ts';
import type { Encoding } from '../../../lib/matrix/encoding.ts';
import { createEncoding } from '../../../lib/matrix/encoding.ts';
import { createValuesKey } from '../../../lib/matrix/values-key.ts';
import { createStream } from '../../../lib/numerics/stream.ts';
import { createInitialDesign } from '../../../lib/optimizers/bayes/initial-design.ts';
import type {
  Maximisation,
  Peak,
  Landscape as Whole,
} from '../../../lib/optimizers/bayes/maximise.ts';
import { createMaximiser } from '../../../lib/optimizers/bayes/maximise.ts';
import { matrixOf } from '../../matrix/helpers.ts';

const never = (): boolean => false;

/** A landscape point by point. */
type Landscape = Omit<Whole, 'atMany'>;

type Maximise = (
  maximisation: Partial<Omit<Maximisation, 'landscape'>> & { landscape: Landscape },
) => Peak | null;

const heightsOf = ({ at }: Landscape, { width }: Encoding, points: Float64Array): Float64Array =>
  Float64Array.from({ length: points.length / width }, (_, i) =>
    at(points.subarray(i * width, (i + 1) * width)),
  );

/** The maximiser of a matrix, for the first suggestion unless told otherwise. */
function maximiserOf(matrix: Matrix, seed = 1): Maximise {
  const design = createInitialDesign({ matrix, seed, points: distinctPoints(matrix) });
  const encoding = createEncoding(matrix);
  const maximise = createMaximiser({ matrix, seed, encoding, design });
  return ({ landscape, ...others }) =>
    maximise({
      index: 0,
      incumbents: [],
      isTried: never,
      box: null,
      landscape: { ...landscape, atMany: (points) => heightsOf(landscape, encoding, points) },
      ...others,
    });
}

/** A parabola around a point; its gradient is exact. */
const parabola = (top: readonly number[]): Landscape => {
  const at = (point: Float64Array): number =>
    -point.reduce((sum, t, c) => sum + (t - (top[c] ?? 0)) ** 2, 0);
  return {
    at,
    climb: (point, gradient) => {
      for (const [c, t] of point.entries()) gradient[c] = -2 * (t - (top[c] ?? 0));
      return at(point);
    },
  };
};

/** A landscape without any order: a number of its own for every point. */
function rugged(seed: number): Landscape {
  const stream = createStream({ seed, purpose: 0 });
  return {
    at: (point) => point.reduce((sum, t, c) => sum + stream.uniform(Math.round(t * 1e6), c), 0),
    climb: (point, gradient) => {
      gradient.fill(0);
      return rugged(seed).at(point);
    },
  };
}

const flat: Landscape = {
  at: () => 0,
  climb: (_point, gradient) => {
    gradient.fill(0);
    return 0;
  },
};

/** Every point of a finite matrix. */
const pointsOf = (matrix: Matrix): readonly Values[] =>
  matrix.reduce<readonly Values[]>(
    (points, { name, option }) =>
      points.flatMap((values) =>
        (listSupport(option)?.values ?? []).map((value) => ({ ...values, [name]: value })),
      ),
    [{}],
  );

const LISTED = {
  numbers: { a: { values: [5, 1, 9] }, b: { range: '0:7:1' } },
  categories: { a: { values: ['x', 'y', 'z'] }, b: { values: [true, false] } },
  everything: {
    a: { quniform: '0:1:0.25' },
    b: {
      pvalues: [
        ['x', 0.5],
        ['y', 0],
        ['z', 0.5],
      ],
    },
    c: { geomspace: '1:100:9' },
    d: { values: [3] },
  },
  'one parameter of 2,048 values': { a: { quniform: '1:2048:1' } },
};

for (const [name, raw] of Object.entries(LISTED)) {
  const matrix = matrixOf(raw);
  const { pointOf } = createEncoding(matrix);
  const keyOf = createValuesKey(matrix);
  const points = pointsOf(matrix);

  test(`the best untried point of a small matrix is found exactly: ${name}`, () => {
    const maximise = maximiserOf(matrix);
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 0.95, noNaN: true }), (seed, share) => {
        const landscape = rugged(seed);
        const stream = createStream({ seed, purpose: 1 });
        const tried = new Set(points.filter((_, i) => stream.uniform(i, 0) < share).map(keyOf));
        const heights = points
          .filter((values) => !tried.has(keyOf(values)))
          .map((values) => landscape.at(pointOf(values)));

        const peak = maximise({ landscape, isTried: (values) => tried.has(keyOf(values)) });

        assert.equal(peak?.height, heights.length === 0 ? undefined : Math.max(...heights));
        if (peak !== null) assert.ok(!tried.has(keyOf(peak.values)));
      }),
      { seed: 1, numRuns: points.length > 1000 ? 5 : 50 },
    );
  });

  test(`where every point has been tried there is no peak: ${name}`, () => {
    assert.equal(maximiserOf(matrix)({ landscape: flat, isTried: () => true }), null);
  });
}

test('a height of -Infinity is better than none', () => {
  const bottomless: Landscape = { ...flat, at: () => Number.NEGATIVE_INFINITY };
  const peak = maximiserOf(matrixOf(LISTED.numbers))({ landscape: bottomless });

  assert.ok(peak !== null);
});

const MIXED = matrixOf({
  lr: { loguniform: '-10:0' },
  activation: { values: ['relu', 'elu', 'tanh'] },
  momentum: { uniform: [0, 1] },
  units: { quniform: '1:1000:1' },
  batch: { values: [128, 16, 32, 64] },
  seed: { values: [7] },
});

/** Coordinates: lr, relu, elu, tanh, momentum, units, batch. */
const TOPS = [
  [0.3, 0, 1, 0, 0.7, 0.25, 1 / 3],
  [0.05, 1, 0, 0, 0.99, 0.9, 1],
  [0.5, 0, 0, 1, 0.5, 0.4, 0],
];

for (const top of TOPS) {
  test(`the peak of a smooth landscape at ${top.map((t) => t.toFixed(2)).join()} is found`, () => {
    const [lr = 0, relu = 0, elu = 0, , momentum = 0, units = 0, batch = 0] = top;
    for (const seed of [1, 2, 3]) {
      const peak = maximiserOf(MIXED, seed)({ landscape: parabola(top) });
      assert.ok(peak);
      const { values } = peak;

      assert.ok(Math.abs((Math.log(Number(values['lr'])) + 10) / 10 - lr) < 1e-3);
      assert.ok(Math.abs(Number(values['momentum']) - momentum) < 1e-3);
      assert.equal(values['units'], Math.round(1 + 999 * units));
      assert.equal(values['activation'], relu === 1 ? 'relu' : elu === 1 ? 'elu' : 'tanh');
      assert.equal(values['batch'], [16, 32, 64, 128][Math.round(3 * batch)]);
      assert.equal(values['seed'], 7);
    }
  });
}

test('a peak at the edge of the cube is reached to the edge', () => {
  const matrix = matrixOf({ a: { uniform: [-1, 1] }, b: { uniform: [0, 5] } });
  const peak = maximiserOf(matrix)({ landscape: parabola([-0.5, 2]) });

  assert.equal(peak?.values['a'], -1);
  assert.ok(Math.abs(Number(peak?.values['b']) - 5) < 1e-12);
});

test('the highest of many peaks is found', () => {
  const matrix = matrixOf({ a: { uniform: [0, 1] }, b: { uniform: [0, 1] } });
  const top = [0.62, 0.31];
  const bowl = parabola(top);
  const at = (point: Float64Array): number =>
    point.reduce((sum, t, c) => sum + Math.cos(20 * (t - (top[c] ?? 0))), 4 * bowl.at(point));
  const waves: Landscape = {
    at,
    climb: (point, gradient) => {
      bowl.climb(point, gradient);
      for (const [c, t] of point.entries()) {
        gradient[c] = 4 * (gradient[c] ?? 0) - 20 * Math.sin(20 * (t - (top[c] ?? 0)));
      }
      return at(point);
    },
  };
  for (const seed of [1, 2, 3, 4, 5]) {
    const peak = maximiserOf(matrix, seed)({ landscape: waves });

    assert.ok(Math.abs(Number(peak?.values['a']) - 0.62) < 1e-3, `${peak?.values['a']}`);
    assert.ok(Math.abs(Number(peak?.values['b']) - 0.31) < 1e-3, `${peak?.values['b']}`);
  }
});

test('a narrow peak is found from an incumbent on its slope', () => {
  const matrix = matrixOf(
    Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`p${i}`, { uniform: [0, 1] }])),
  );
  const top = Array.from({ length: 8 }, (_, i) => 0.1 + i / 10);
  const at = (point: Float64Array): number => Math.exp(2000 * parabola(top).at(point));
  const needle: Landscape = {
    at,
    climb: (point, gradient) => {
      const height = at(point);
      for (const [c, t] of point.entries()) gradient[c] = -4000 * (t - (top[c] ?? 0)) * height;
      return height;
    },
  };
  const incumbent = Object.fromEntries(top.map((t, i) => [`p${i}`, t + 0.01]));

  const peak = maximiserOf(matrix)({ landscape: needle, incumbents: [incumbent] });

  assert.ok((peak?.height ?? 0) > 0.999, `${peak?.height}`);
});

test('of a parameter of many categories the best is found by name', () => {
  const words = Array.from({ length: 60 }, (_, i) => `w${i}`);
  const matrix = matrixOf({ word: { values: words }, x: { uniform: [0, 1] } });
  const top = [...words.map((word) => (word === 'w41' ? 1 : 0)), 0.4];

  const peak = maximiserOf(matrix)({ landscape: parabola(top) });

  assert.equal(peak?.values['word'], 'w41');
  assert.ok(Math.abs(Number(peak?.values['x']) - 0.4) < 1e-3);
});

const ENDLESS = {
  mixed: MIXED,
  'of a large finite kind': matrixOf({ a: { quniform: '1:100:1' }, b: { range: '0:50:1' } }),
};

for (const [name, matrix] of Object.entries(ENDLESS)) {
  test(`a matrix ${name} is never given the same point twice, on whatever landscape`, () => {
    const keyOf = createValuesKey(matrix);
    const maximise = maximiserOf(matrix);
    for (const landscape of [flat, rugged(1), parabola(new Array(9).fill(0.5))]) {
      const tried = new Set<string>();
      let incumbents: readonly Values[] = [];
      for (let index = 0; index < 12; index++) {
        const isTried = (values: Values): boolean => tried.has(keyOf(values));
        const peak = maximise({ landscape, index, incumbents, isTried });

        assert.ok(peak !== null && !isTried(peak.values));
        tried.add(keyOf(peak.values));
        incumbents = [peak.values, ...incumbents];
      }
    }
  });
}

test('where the peak itself has been tried, the next best is near it', () => {
  const matrix = matrixOf({ a: { quniform: '0:100:1' }, b: { quniform: '0:100:1' } });
  const maximise = maximiserOf(matrix);
  const landscape = parabola([0.43, 0.71]);
  const isTried = ({ a, b }: Values): boolean => a === 43 && b === 71;

  assert.deepEqual(maximise({ landscape })?.values, { a: 43, b: 71 });
  assert.ok((maximise({ landscape, isTried })?.height ?? -1) > -0.01);
});

test('the last untried point of a matrix too large for a list is found', () => {
  const matrix = matrixOf(
    Object.fromEntries(['a', 'b', 'c'].map((name) => [name, { quniform: '1:15:1' }])),
  );
  const maximise = maximiserOf(matrix);
  const isTried = ({ a, b, c }: Values): boolean => a !== 15 || b !== 1 || c !== 8;
  const peak = maximise({ landscape: parabola([0, 1, 0]), isTried });

  assert.deepEqual(peak?.values, { a: 15, b: 1, c: 8 });
  assert.equal(maximise({ landscape: flat, isTried: () => true }), null);
});

test('a peak is what it says: its point is that of its values, its height that of its point', () => {
  const { pointOf } = createEncoding(MIXED);
  const landscape = parabola([0.3, 0, 0, 1, 0.7, 0.2, 0.5]);
  const peak = maximiserOf(MIXED)({ landscape });

  assert.ok(peak);
  assert.deepEqual(peak.point, pointOf(peak.values));
  assert.equal(peak.height, landscape.at(peak.point));
});

test('a maximisation depends on its index, its seed and nothing that went before', () => {
  const twice = maximiserOf(MIXED);
  const landscape = rugged(5);
  const first = twice({ landscape, index: 3 });
  twice({ landscape, index: 4 });

  assert.deepEqual(twice({ landscape, index: 3 }), first);
  assert.deepEqual(maximiserOf(MIXED)({ landscape, index: 3 }), first);
  assert.notDeepEqual(twice({ landscape, index: 4 }), first);
  assert.notDeepEqual(maximiserOf(MIXED, 2)({ landscape, index: 3 }), first);
});

test('indices at which the sequence of candidates begins again are good ones too', () => {
  const matrix = matrixOf({ a: { uniform: [0, 1] } });
  for (const index of [2 ** 23 - 1, 2 ** 23, 1_000_000]) {
    const peak = maximiserOf(matrix)({ landscape: parabola([0.4]), index });

    assert.ok(Math.abs(Number(peak?.values['a']) - 0.4) < 1e-6);
  }
});

test('an incumbent with values that the matrix does not list leads to values that it lists', () => {
  const incumbent = { lr: 0.5, activation: 'relu', momentum: 0.5, units: 3.7, batch: 48, seed: 7 };
  const peak = maximiserOf(MIXED)({
    landscape: parabola([0.9, 1, 0, 0, 0.5, 0.0027, 0.5]),
    incumbents: [incumbent],
  });

  assert.ok([16, 32, 64, 128].includes(Number(peak?.values['batch'])), `${peak?.values['batch']}`);
  assert.ok(Number.isInteger(peak?.values['units']), `${peak?.values['units']}`);
});

test('an incumbent with a number between weighted ones leads to one of these', () => {
  const matrix = matrixOf({
    layers: {
      pvalues: [
        [1, 0.5],
        [8, 0.5],
      ],
    },
    x: { uniform: [0, 1] },
  });
  const peak = maximiserOf(matrix)({
    landscape: parabola([0, 0, 0.5]),
    incumbents: [{ layers: 6, x: 0.5 }],
  });

  assert.ok([1, 8].includes(Number(peak?.values['layers'])), `${peak?.values['layers']}`);
});

test('what is looked for in a box stays in it, numbers that are listed or rounded as near as they can', () => {
  const matrix = matrixOf({
    a: { uniform: [0, 10] },
    b: { loguniform: [-6, 0] },
    n: { normal: [0, 1] },
    q: { quniform: '0:1000:1' },
    word: { values: ['x', 'y'] },
  });
  const { axes, width, pointOf } = createEncoding(matrix);
  const lower = new Float64Array(width);
  const upper = new Float64Array(width).fill(1);
  const numbers = axes.filter(({ kind }) => kind === 'number');
  for (const [i, { first }] of numbers.entries()) {
    lower[first] = 0.1 + 0.2 * i;
    upper[first] = 0.15 + 0.2 * i;
  }
  const maximise = maximiserOf(matrix);
  const incumbents = [{ a: 9, b: 0.9, n: 2.9, q: 0, word: 'x' }];
  for (const landscape of [flat, rugged(3), parabola([1, 0, 0.5, 0.5, 0, 0])]) {
    for (let index = 0; index < 10; index++) {
      const peak = maximise({ landscape, index, incumbents, box: { lower, upper } });
      assert.ok(peak !== null);
      const point = pointOf(peak.values);
      for (const { first } of numbers) {
        const t = point[first] ?? Number.NaN;
        assert.ok(t >= (lower[first] ?? 0) - 1e-3, JSON.stringify(peak.values));
        assert.ok(t <= (upper[first] ?? 1) + 1e-3, JSON.stringify(peak.values));
      }
    }
  }
});

test('the top of a slope in a box is at its border', () => {
  const matrix = matrixOf({ a: { uniform: [0, 1] }, b: { uniform: [0, 1] } });
  const box = { lower: Float64Array.of(0.2, 0.5), upper: Float64Array.of(0.3, 0.7) };
  const peak = maximiserOf(matrix)({ landscape: parabola([1, 0.6]), box });

  assert.ok(Math.abs(Number(peak?.values['a']) - 0.3) < 1e-9);
  assert.ok(Math.abs(Number(peak?.values['b']) - 0.6) < 1e-4);
});

test('where everything in a box was tried the rest is looked at', () => {
  const matrix = matrixOf({ a: { quniform: '0:9999:1' } });
  const box = { lower: Float64Array.of(0.5), upper: Float64Array.of(0.5001) };
  const isTried = ({ a }: Values): boolean => Number(a) >= 4990 && Number(a) <= 5010;
  const peak = maximiserOf(matrix)({ landscape: parabola([0.8]), isTried, box });

  assert.ok(Math.abs(Number(peak?.values['a']) - 0.8 * 9999) < 2, JSON.stringify(peak));
});
