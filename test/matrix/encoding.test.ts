import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MatrixKind } from '../../lib/domain/hptuning.ts';
import { LIMITS } from '../../lib/domain/limits.ts';
import type { Value } from '../../lib/domain/values.ts';
import { valueKey } from '../../lib/domain/values.ts';
import { distinctValues, listSupport } from '../../lib/matrix/distinct.ts';
import type { Encoding, NumberAxis } from '../../lib/matrix/encoding.ts';
import { createEncoding } from '../../lib/matrix/encoding.ts';
import { createAxis } from '../../lib/matrix/sample.ts';
import { matrixOf, optionOf, rightOption } from './helpers.ts';

const encodingOf = (raw: unknown): Encoding => createEncoding(matrixOf({ x: raw }));

/** The point of one parameter's value. */
const pointOf = (encoding: Encoding, value: Value): number[] => [...encoding.pointOf({ x: value })];

function numberAxisOf(encoding: Encoding): NumberAxis {
  const [axis] = encoding.axes;
  assert.ok(axis?.kind === 'number');
  return axis;
}

function assertNear(actual: readonly number[], expected: readonly number[], what = ''): void {
  assert.equal(actual.length, expected.length, what);
  for (const [i, one] of actual.entries()) {
    assert.ok(Math.abs(one - (expected[i] ?? Number.NaN)) < 1e-12, `${what}: ${actual}`);
  }
}

const R = Math.SQRT1_2;

interface Case {
  readonly raw: unknown;
  readonly kind: 'number' | 'choice';
  /** Values with the coordinates that they have. */
  readonly points: readonly (readonly [Value, readonly number[]])[];
}

const CASES: Readonly<Record<MatrixKind, Case>> = {
  values: {
    raw: { values: [64, 16, 32, 16] },
    kind: 'choice',
    points: [
      [16, [0]],
      [32, [0.5]],
      [64, [1]],
    ],
  },
  pvalues: {
    raw: {
      pvalues: [
        [1, 0.5],
        [2, 0],
        [3, 0.25],
        [4, 0.25],
      ],
    },
    kind: 'choice',
    points: [
      [1, [R, 0, 0]],
      [3, [0, R, 0]],
      [4, [0, 0, R]],
    ],
  },
  range: {
    raw: { range: '0:5:1' },
    kind: 'choice',
    points: [
      [0, [0]],
      [1, [0.25]],
      [4, [1]],
    ],
  },
  linspace: {
    raw: { linspace: [-1, 1, 101] },
    kind: 'number',
    points: [
      [-1, [0]],
      [0, [0.5]],
      [1, [1]],
    ],
  },
  logspace: {
    raw: { logspace: '-4:-1:4' },
    kind: 'choice',
    points: [
      [1e-4, [0]],
      [1e-3, [1 / 3]],
      [1e-1, [1]],
    ],
  },
  geomspace: {
    raw: { geomspace: '1:10000:5' },
    kind: 'choice',
    points: [
      [1, [0]],
      [100, [0.5]],
      [10000, [1]],
    ],
  },
  uniform: {
    raw: { uniform: [-1, 3] },
    kind: 'number',
    points: [
      [-1, [0]],
      [0, [0.25]],
      [2.999, [0.99975]],
    ],
  },
  quniform: {
    raw: { quniform: '0:1:0.25' },
    kind: 'choice',
    points: [
      [0, [0]],
      [0.25, [0.25]],
      [1, [1]],
    ],
  },
  loguniform: {
    raw: { loguniform: '-8:0' },
    kind: 'number',
    points: [
      [Math.exp(-8), [0]],
      [Math.exp(-6), [0.25]],
      [Math.exp(-0.4), [0.95]],
    ],
  },
  qloguniform: {
    raw: { qloguniform: [0, Math.log(16), 1] },
    kind: 'choice',
    points: [
      [1, [0]],
      [2, [0.25]],
      [4, [0.5]],
      [16, [1]],
    ],
  },
  normal: {
    raw: { normal: '10:2' },
    kind: 'number',
    points: [
      [4, [0]],
      [10, [0.5]],
      [16, [1]],
    ],
  },
  qnormal: {
    raw: { qnormal: '10:2:0.5' },
    kind: 'number',
    points: [
      [4, [0]],
      [10, [0.5]],
      [10.5, [6.5 / 12]],
    ],
  },
  lognormal: {
    raw: { lognormal: '-2:1' },
    kind: 'number',
    points: [
      [Math.exp(-5), [0]],
      [Math.exp(-2), [0.5]],
      [Math.E, [1]],
    ],
  },
  qlognormal: {
    raw: { qlognormal: '3:1:8' },
    kind: 'number',
    points: [
      [0, [0]],
      [8, [Math.log(8) / 6]],
      [16, [Math.log(16) / 6]],
    ],
  },
};

for (const [kind, { raw, points, ...expected }] of Object.entries(CASES)) {
  test(`values of ${kind} have the coordinates that their option gives them`, () => {
    const encoding = encodingOf(raw);

    assert.equal(encoding.axes[0]?.kind, expected.kind);
    for (const [value, point] of points) {
      assertNear(pointOf(encoding, value), point, String(value));
    }
  });
}

const CATEGORIES = {
  words: ['relu', 'elu', 'tanh'],
  'true and false': [true, false],
  'words and numbers': ['auto', 1, 2],
  lists: [[16], [16, 32], []],
};

for (const [name, values] of Object.entries(CATEGORIES)) {
  test(`${name} are one-hot and stand at distance 1 from one another`, () => {
    const encoding = encodingOf({ values });
    const points = values.map((value) => pointOf(encoding, value));

    assert.equal(encoding.width, values.length);
    for (const [i, one] of points.entries()) {
      for (const other of points.slice(0, i)) {
        assertNear([Math.hypot(...one.map((t, c) => t - (other[c] ?? 0)))], [1]);
      }
    }
  });
}

/** A value that the option gives, for a uniform. */
function drawOf(raw: unknown, u: number): Value {
  const axis = createAxis(optionOf(raw));
  return axis.valueOf(axis.draw(u));
}

const uniform = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
/** Draws from the middle of a normal distribution, within three standard deviations. */
const central = fc.double({ min: 0.0014, max: 0.9986, noNaN: true });
/** Rounding of a bound's exponential or logarithm. */
const ROUNDING = 1e-9;

test('points of values that can be drawn lie in the unit cube', () => {
  fc.assert(
    fc.property(rightOption, central, (raw, u) => {
      const encoding = encodingOf(raw);
      const option = optionOf(raw);
      // A multiple of q may lie farther out than what it was rounded from, and so may a double.
      fc.pre(
        !('loc' in option) || (!('q' in option) && option.scale > 1e-6 * Math.abs(option.loc)),
      );
      const value = drawOf(raw, u);

      for (const t of pointOf(encoding, value)) {
        assert.ok(t >= -ROUNDING && t <= 1 + ROUNDING, `${JSON.stringify(value)} is at ${t}`);
      }
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('points of values from any distribution are finite, however far in its tails', () => {
  fc.assert(
    fc.property(rightOption, uniform, (raw, u) => {
      const point = pointOf(encodingOf(raw), drawOf(raw, u));

      assert.ok(point.every(Number.isFinite), point.join());
    }),
    { seed: 2, numRuns: 500 },
  );
});

test('the coordinate of a listed or quantised value leads back to it', () => {
  fc.assert(
    fc.property(rightOption, uniform, (raw, u) => {
      const encoding = encodingOf(raw);
      const [axis] = encoding.axes;
      fc.pre(
        axis?.kind === 'number' && distinctValues(optionOf(raw)) <= LIMITS.exactInteger / 2 ** 20,
      );
      const value = drawOf(raw, u);
      assert.ok(axis?.kind === 'number' && typeof value === 'number');

      assert.equal(axis.valueAt(axis.coordinateOf(value)), value);
    }),
    { seed: 3, numRuns: 200 },
  );
});

const ROUND_TRIPS = {
  'a long range': { range: '0:10:0.1' },
  'a long geometric sequence': { geomspace: '1e-9:1e9:1000' },
  'a long list in no order': {
    values: Array.from({ length: 200 }, (_, i) => ((i * 77) % 200) ** 3),
  },
  'as many values as a list may have': { linspace: [0, 1, LIMITS.listedValues] },
  'a finely quantised interval': { quniform: '0:1:0.001' },
  'a million steps': { quniform: '-500000:500000:1' },
  'a finely quantised logarithmic interval': { qloguniform: '0:9:1' },
};

for (const [name, raw] of Object.entries(ROUND_TRIPS)) {
  test(`of ${name} every coordinate leads back to its value`, () => {
    const { valueAt, coordinateOf } = numberAxisOf(encodingOf(raw));
    const values = listSupport(optionOf(raw))?.values ?? [];
    const off = values.filter(
      (value) => typeof value !== 'number' || valueAt(coordinateOf(value)) !== value,
    );

    assert.ok(values.length > 64);
    assert.deepEqual(off, []);
  });
}

for (const kind of ['qnormal', 'qlognormal']) {
  test(`every value of ${kind} within three standard deviations is led back to`, () => {
    fc.assert(
      fc.property(central, (u) => {
        const raw = { [kind]: '1:2:0.25' };
        const { valueAt, coordinateOf } = numberAxisOf(encodingOf(raw));
        const value = drawOf(raw, u);
        assert.ok(typeof value === 'number');

        assert.equal(valueAt(coordinateOf(value)), value);
      }),
      { seed: 4, numRuns: 300 },
    );
  });
}

const DISTRIBUTIONS = {
  uniform: [-3, 5],
  loguniform: [-9, 2],
  normal: [4, 2],
  lognormal: [-1, 2],
};

for (const [kind, bounds] of Object.entries(DISTRIBUTIONS)) {
  test(`a value of ${kind} and its coordinate lead to each other`, () => {
    const { valueAt, coordinateOf } = numberAxisOf(encodingOf({ [kind]: bounds }));
    fc.assert(
      fc.property(uniform, (t) => {
        assert.ok(Math.abs(coordinateOf(valueAt(t)) - t) < 1e-12);
      }),
      { seed: 5, numRuns: 300 },
    );
  });
}

test('every coordinate leads to a value that the option allows', () => {
  fc.assert(
    fc.property(rightOption, fc.double({ min: 0, max: 1, noNaN: true }), (raw, t) => {
      const [axis] = encodingOf(raw).axes;
      fc.pre(axis?.kind === 'number');
      const option = optionOf(raw);
      const value = axis.valueAt(t);

      assert.ok(Number.isFinite(value) && !Object.is(value, -0), `${value}`);
      if (distinctValues(option) < 1e5) {
        const keys = listSupport(option)?.values.map(valueKey);
        assert.ok(keys?.includes(valueKey(value)), `${value} is not one of its values`);
      } else if ('low' in option) {
        const isLog = option.kind.includes('log');
        assert.ok(value >= (isLog ? Math.exp(option.low) : option.low));
        assert.ok(value <= (isLog ? Math.exp(option.high) : option.high));
      }
    }),
    { seed: 6, numRuns: 500 },
  );
});

const WIDE = {
  normal: { normal: [0, 1e308] },
  qnormal: { qnormal: [0, 1e308, 1] },
  lognormal: { lognormal: [0, 400] },
  qlognormal: { qlognormal: [0, 400, 1] },
};

for (const [kind, raw] of Object.entries(WIDE)) {
  test(`every coordinate of the widest ${kind} leads to a finite value, and back into the cube`, () => {
    const { valueAt, coordinateOf } = numberAxisOf(encodingOf(raw));

    for (const t of [0, 0.25, 0.5, 0.75, 1]) {
      const value = valueAt(t);
      assert.ok(Number.isFinite(value), `${value} at ${t}`);
      assert.ok(coordinateOf(value) >= 0 && coordinateOf(value) <= 1, `${coordinateOf(value)}`);
    }
  });
}

const FARTHEST = {
  'of a few': { values: [-1.7e308, 0, 1.7e308] },
  'of two': { values: [-1.7e308, 1.7e308] },
};

for (const [name, raw] of Object.entries(FARTHEST)) {
  test(`listed numbers ${name} as far apart as doubles allow are evenly spaced`, () => {
    const encoding = encodingOf(raw);
    const { values } = raw;

    assertNear(
      values.flatMap((value) => pointOf(encoding, value)),
      values.map((_, i) => i / (values.length - 1)),
    );
  });
}

test('the upper bound of a half-open interval is never reached', () => {
  assert.ok(numberAxisOf(encodingOf({ uniform: [0, 1] })).valueAt(1) < 1);
  assert.ok(numberAxisOf(encodingOf({ loguniform: [0, 1] })).valueAt(1) < Math.E);
});

const LOGARITHMIC = {
  'logspace of few values': { logspace: '-6:0:7' },
  'logspace of many values': { logspace: '-6:0:700' },
  'geomspace of few values': { geomspace: '1e-3:1e3:13' },
  'geomspace of many values': { geomspace: '1e-3:1e3:130' },
  'negative geomspace': { geomspace: '-1000:-1:4' },
};

for (const [name, raw] of Object.entries(LOGARITHMIC)) {
  test(`${name} is evenly spaced`, () => {
    const encoding = encodingOf(raw);
    const values = listSupport(optionOf(raw))?.values ?? [];
    const last = values.length - 1;

    assertNear(
      values.flatMap((value) => pointOf(encoding, value)),
      values.map((_, i) => i / last),
    );
  });
}

for (const [kind, raw] of Object.entries({
  loguniform: { loguniform: [-12, 5] },
  lognormal: { lognormal: [-12, 5] },
})) {
  test(`equal ratios are equal distances to ${kind}`, () => {
    const { coordinateOf } = numberAxisOf(encodingOf(raw));

    assertNear(
      [coordinateOf(1e-3) - coordinateOf(1e-4)],
      [coordinateOf(1e-1) - coordinateOf(1e-2)],
    );
  });
}

const OFF_LIST = {
  'few listed numbers': { raw: { values: [1, 10, 100] }, below: 10, value: 30, above: 100 },
  'many listed numbers': { raw: { range: '0:1000:1' }, below: 41, value: 41.3, above: 42 },
  'a geometric sequence': { raw: { geomspace: '1:1000:4' }, below: 1, value: 2, above: 10 },
  'few quantised numbers': { raw: { quniform: '0:8:2' }, below: 2, value: 2.5, above: 4 },
  'many quantised numbers': { raw: { quniform: '0:800:2' }, below: 2, value: 2.5, above: 4 },
  'quantised logarithms': { raw: { qloguniform: '0:3:2' }, below: 2, value: 2.5, above: 4 },
};

for (const [name, { raw, below, value, above }] of Object.entries(OFF_LIST)) {
  test(`of ${name}, one that is not among them stands between its neighbours`, () => {
    const encoding = encodingOf(raw);
    const at = (one: number): number => pointOf(encoding, one)[0] ?? Number.NaN;

    assert.ok(at(below) < at(value) && at(value) < at(above));
  });
}

test('a number outside of a list stands at its end', () => {
  const encoding = encodingOf({ values: [1, 2, 3] });

  assert.deepEqual(
    [-5, 0.99, 3.01, 1e300].flatMap((one) => pointOf(encoding, one)),
    [0, 0, 1, 1],
  );
});

test('a category that is not listed is as far from all of them', () => {
  const encoding = encodingOf({
    pvalues: [
      [1, 0.5],
      [3, 0.5],
    ],
  });

  assert.deepEqual(pointOf(encoding, 2), [0, 0]);
});

const NEAREST = {
  'few listed numbers': { raw: { values: [64, 16, 32] }, value: 50, nearest: 64 },
  'many listed numbers': { raw: { range: '0:1000:1' }, value: 41.3, nearest: 41 },
  'few quantised numbers': { raw: { quniform: '0:8:2' }, value: 2.5, nearest: 2 },
  'many quantised numbers': { raw: { quniform: '0:800:2' }, value: 3.5, nearest: 4 },
  'a quantised distribution': { raw: { qnormal: '0:100:5' }, value: 12.4, nearest: 10 },
  'weighted numbers': {
    raw: {
      pvalues: [
        [1, 0.5],
        [8, 0.5],
      ],
    },
    value: 6,
    nearest: 8,
  },
  'a constant': { raw: { quniform: '1:2:1.5' }, value: 1.7, nearest: 1.5 },
};

for (const [name, { raw, value, nearest }] of Object.entries(NEAREST)) {
  test(`of ${name}, ${nearest} is the nearest to ${value}`, () => {
    assert.equal(encodingOf(raw).axes[0]?.nearest(value), nearest);
  });
}

test('the value nearest to a listed or quantised one is that one', () => {
  fc.assert(
    fc.property(rightOption, central, (raw, u) => {
      const option = optionOf(raw);
      fc.pre(!('loc' in option) && distinctValues(option) <= LIMITS.exactInteger / 2 ** 20);
      const value = drawOf(raw, u);

      assert.equal(valueKey(encodingOf(raw).axes[0]?.nearest(value) ?? ''), valueKey(value));
    }),
    { seed: 7, numRuns: 500 },
  );
});

const CONSTANTS = {
  'one number': { values: [3] },
  'one word': { values: ['adam'] },
  'one number twice': { values: [3, 3] },
  'one word twice': { values: ['adam', 'adam'] },
  'a word without rival': {
    pvalues: [
      ['adam', 1],
      ['sgd', 0],
    ],
  },
  'a sequence of one': { linspace: [1, 2, 1] },
  'one multiple': { quniform: '1:2:1.5' },
  'one multiple of a logarithmic interval': { qloguniform: '0:1:2' },
};

for (const [name, raw] of Object.entries(CONSTANTS)) {
  test(`${name}: a parameter that is constant has no coordinate`, () => {
    const matrix = matrixOf({ x: raw, lr: { uniform: [0, 1] } });
    const encoding = createEncoding(matrix);
    const only = drawOf(raw, 0.5);

    assert.equal(encoding.width, 1);
    assert.equal(encoding.axes[0]?.width, 0);
    assert.deepEqual([...encoding.pointOf({ x: only, lr: 0.25 })], [0.25]);
  });
}

test('a matrix of constants has points without coordinates', () => {
  const encoding = createEncoding(matrixOf({ a: { values: [1] }, b: { values: ['x'] } }));

  assert.equal(encoding.width, 0);
  assert.equal(encoding.pointOf({ a: 1, b: 'x' }).length, 0);
});

const words = (length: number): string[] => Array.from({ length }, (_, i) => `w${i}`);

for (const { count, width } of [
  { count: 511, width: 511 },
  { count: 512, width: 512 },
  { count: 513, width: 512 },
  { count: LIMITS.listedValues, width: 512 },
]) {
  test(`${count} categories have ${width} coordinates`, () => {
    const encoding = encodingOf({ values: words(count) });
    const ends = [words(count)[0] ?? '', words(count)[width - 1] ?? ''];

    assert.equal(encoding.width, width);
    assert.deepEqual(
      ends.map((word) => pointOf(encoding, word).indexOf(R)),
      [0, width - 1],
    );
    assert.deepEqual(
      pointOf(encoding, words(count).at(-1) ?? '').filter((t) => t !== 0),
      [R],
    );
  });
}

test('a hundred parameters of fifty categories share five hundred coordinates', () => {
  const raw = Object.fromEntries(words(LIMITS.parameters).map((n) => [n, { values: words(50) }]));
  const encoding = createEncoding(matrixOf(raw));

  assert.equal(encoding.width, 500);
});

test('the coordinates of a hundred parameters of every kind stand side by side', () => {
  const options = Object.values(CASES).map(({ raw }) => raw);
  const matrix = matrixOf(
    Object.fromEntries(words(LIMITS.parameters).map((n, i) => [n, options[i % options.length]])),
  );
  const encoding = createEncoding(matrix);
  const values = Object.fromEntries(
    matrix.map(({ name, option }) => {
      const axis = createAxis(option);
      return [name, axis.valueOf(axis.draw(0.7))];
    }),
  );
  const point = encoding.pointOf(values);

  let first = 0;
  for (const [i, axis] of encoding.axes.entries()) {
    assert.equal(axis.name, matrix[i]?.name);
    assert.equal(axis.first, first);
    const alone = createEncoding(matrix.slice(i, i + 1)).pointOf(values);
    assert.deepEqual(point.slice(first, first + axis.width), alone);
    first += axis.width;
  }
  assert.equal(encoding.width, first);
  assert.equal(point.length, first);
});

test('a value that is missing is an assertion', () => {
  const encoding = createEncoding(matrixOf({ a: { uniform: [0, 1] }, b: { uniform: [0, 1] } }));

  assert.throws(() => encoding.pointOf({ a: 0.5 }), assert.AssertionError);
});
