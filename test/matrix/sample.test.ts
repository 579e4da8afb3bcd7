import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MatrixOption } from '../../lib/domain/hptuning.ts';
import { valueKey } from '../../lib/domain/values.ts';
import { listValues } from '../../lib/matrix/enumerate.ts';
import { createAxis } from '../../lib/matrix/sample.ts';
import { normalCdf } from '../../lib/numerics/normal.ts';
import { createStream } from '../../lib/numerics/stream.ts';
import { optionOf, rightOption } from './helpers.ts';

const LAST_UNIFORM = 1 - 2 ** -53;
const uniform = fc.oneof(
  fc.maxSafeNat().map((k) => k * 2 ** -53),
  fc.constantFrom(0, 2 ** -53, 0.5, LAST_UNIFORM),
);

const draw = (option: MatrixOption, u: number) => {
  const axis = createAxis(option);
  return axis.valueOf(axis.draw(u));
};

/** Whether a value may come from an option, by the meaning of the option alone. */
function isInside(option: MatrixOption, value: unknown): boolean {
  if (option.kind === 'pvalues') {
    return option.values.some((item, i) => {
      const probability = option.probabilities[i] ?? 0;
      return probability > 0 && JSON.stringify(item) === JSON.stringify(value);
    });
  }
  const values = listValues(option);
  if (values !== null) {
    return values.some((item) => JSON.stringify(item) === JSON.stringify(value));
  }
  if (typeof value !== 'number' || !Number.isFinite(value) || Object.is(value, -0)) return false;
  switch (option.kind) {
    case 'uniform':
      return option.low <= value && value < option.high;
    case 'quniform':
      return option.low <= value && value <= option.high;
    case 'loguniform':
      return Math.exp(option.low) <= value && value < Math.exp(option.high);
    case 'qloguniform':
      return Math.exp(option.low) <= value && value <= Math.exp(option.high);
    case 'lognormal':
      return value > 0;
    case 'qlognormal':
      return value >= 0;
    default:
      return true;
  }
}

test('every draw of every option is finite and inside its bounds, and its code names it', () => {
  fc.assert(
    fc.property(rightOption, uniform, (raw, u) => {
      const option = optionOf(raw);
      const axis = createAxis(option);
      const code = axis.draw(u);
      const value = axis.valueOf(code);

      assert.ok(isInside(option, value), `${JSON.stringify(raw)} gave ${value}`);
      assert.ok(Number.isFinite(code) && !Object.is(code, -0));
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test('two draws have the same code exactly where they have equal values', () => {
  fc.assert(
    fc.property(rightOption, uniform, uniform, (raw, u, v) => {
      const axis = createAxis(optionOf(raw));
      const [a, b] = [axis.draw(u), axis.draw(v)];

      assert.equal(a === b, valueKey(axis.valueOf(a)) === valueKey(axis.valueOf(b)));
    }),
    { seed: 2, numRuns: 1000 },
  );
});

test('a distribution of numbers rises with the uniform number it is drawn with', () => {
  fc.assert(
    fc.property(rightOption, uniform, uniform, (raw, u, v) => {
      const option = optionOf(raw);
      fc.pre('low' in option || 'loc' in option);
      const axis = createAxis(option);

      assert.ok(axis.draw(Math.min(u, v)) <= axis.draw(Math.max(u, v)));
    }),
    { seed: 3, numRuns: 1000 },
  );
});

test('the upper bound of a uniform distribution is never drawn, however near it is', () => {
  for (const [low, high] of [
    [0, 1],
    [1, 1 + 2 ** -52],
    [1e16, 1e16 + 2],
    [-5e-324, 0],
    [0, 5e-324],
  ]) {
    const value = draw(optionOf({ uniform: [low, high] }), LAST_UNIFORM);
    assert.ok(Number(value) < Number(high), `${low}:${high} gave ${value}`);
  }
});

const DRAWS: readonly (readonly [unknown, number, unknown])[] = [
  [{ values: ['a', 'b', 'c'] }, 0, 'a'],
  [{ values: ['a', 'b', 'c'] }, 0.34, 'b'],
  [{ values: ['a', 'b', 'c'] }, LAST_UNIFORM, 'c'],
  [{ values: [[32, 64], [128]] }, 0.1, [32, 64]],
  [
    {
      pvalues: [
        ['a', 0],
        ['b', 0.25],
        ['c', 0.75],
        ['d', 0],
      ],
    },
    0,
    'b',
  ],
  [
    {
      pvalues: [
        ['a', 0],
        ['b', 0.25],
        ['c', 0.75],
        ['d', 0],
      ],
    },
    0.25,
    'c',
  ],
  [
    {
      pvalues: [
        ['a', 0],
        ['b', 0.25],
        ['c', 0.75],
        ['d', 0],
      ],
    },
    LAST_UNIFORM,
    'c',
  ],
  [
    {
      pvalues: [
        ['a', 0.1],
        ['b', 0.1],
      ],
    },
    0.49,
    'a',
  ],
  [
    {
      pvalues: [
        ['a', 0.1],
        ['b', 0.1],
      ],
    },
    0.5,
    'b',
  ],
  [{ uniform: '-1:3' }, 0.5, 1],
  [{ quniform: '0:1:0.1' }, 0.3125, 0.3],
  [{ quniform: '0:1:0.1' }, LAST_UNIFORM, 1],
  [{ quniform: '-1:1:0.5' }, 0.5, 0],
  [{ quniform: '-1:1:0.5' }, 0.4375, 0],
  [{ loguniform: '0:0.5' }, 0.5, Math.exp(0.25)],
  [{ qloguniform: '0:1:0.25' }, 0.5, 1.75],
  [{ normal: '3:2' }, 0.25, 1.6510204996078368],
  [{ lognormal: '0:1' }, 0.25, Math.exp(-0.6744897501960817)],
  [{ qnormal: '3:2:0.5' }, 0.25, 1.5],
  [{ qlognormal: '0:1:0.5' }, 0.25, 0.5],
  [{ normal: '1e308:1e308' }, LAST_UNIFORM, Number.MAX_VALUE],
  [{ lognormal: '0:1000' }, LAST_UNIFORM, Number.MAX_VALUE],
  [{ lognormal: '0:1000' }, 0, Number.MIN_VALUE],
  [{ qlognormal: '0:1000:0.1' }, 0, 0],
];

for (const [raw, u, expected] of DRAWS) {
  test(`${JSON.stringify(raw)} draws ${JSON.stringify(expected)} at ${u}`, () => {
    assert.deepEqual(draw(optionOf(raw), u), expected);
  });
}

const DISTRIBUTIONS: readonly { raw: unknown; cdf: (x: number) => number }[] = [
  { raw: { uniform: '-2:6' }, cdf: (x) => (x + 2) / 8 },
  { raw: { loguniform: '-9:-1' }, cdf: (x) => (Math.log(x) + 9) / 8 },
  { raw: { normal: '10:3' }, cdf: (x) => normalCdf((x - 10) / 3) },
  { raw: { lognormal: '-1:0.5' }, cdf: (x) => normalCdf((Math.log(x) + 1) / 0.5) },
];

for (const { raw, cdf } of DISTRIBUTIONS) {
  test(`100,000 draws of ${JSON.stringify(raw)} follow its distribution function`, () => {
    const draws = 100_000;
    const axis = createAxis(optionOf(raw));
    const stream = createStream({ seed: 3, purpose: 1 });
    const sorted = Float64Array.from({ length: draws }, (_, i) => axis.draw(stream.uniform(i, 0)));
    sorted.sort();

    let distance = 0;
    for (const [i, x] of sorted.entries()) {
      distance = Math.max(distance, (i + 1) / draws - cdf(x), cdf(x) - i / draws);
    }

    // The 0.999 quantile of Kolmogorov's distribution.
    assert.ok(distance * Math.sqrt(draws) < 1.95, `distance ${distance}`);
  });
}
