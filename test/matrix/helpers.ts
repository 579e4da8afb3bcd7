import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Matrix, MatrixOption } from '../../lib/domain/hptuning.ts';
import { parseMatrix } from '../../lib/matrix/parse.ts';

/** The matrix of a document that has no mistake in it. */
export function matrixOf(raw: unknown): Matrix {
  const { matrix, mistakes } = parseMatrix(raw, 'hptuning.matrix');
  assert.deepEqual(mistakes, []);
  return matrix;
}

/** The option of a parameter that has no mistake in it. */
export function optionOf(raw: unknown): MatrixOption {
  const [parameter] = matrixOf({ x: raw });
  assert.ok(parameter);
  return parameter.option;
}

/** The matrix of random search on the reference page. */
export const REFERENCE = {
  lr: { logspace: '0.01:0.1:5' },
  dropout: { values: [0.2, 0.5] },
  activation: {
    pvalues: [
      ['elu', 0.1],
      ['relu', 0.2],
      ['sigmoid', 0.7],
    ],
  },
  param1: { uniform: [0, 1] },
};

/** A parameter for every option. */
export const EVERY_OPTION = {
  values: { values: ['a', 2, true, [16, 32]] },
  pvalues: {
    pvalues: [
      ['a', 0.25],
      ['b', 0],
      ['c', 0.5],
    ],
  },
  range: { range: '0:1:0.1' },
  linspace: { linspace: [-1, 1, 7] },
  logspace: { logspace: '-5:-1:9' },
  geomspace: { geomspace: '1e-4:0.3:12' },
  uniform: { uniform: '-1:1' },
  quniform: { quniform: '0:1:0.05' },
  loguniform: { loguniform: '-9:-1' },
  qloguniform: { qloguniform: '0:6:4' },
  normal: { normal: '0:1' },
  qnormal: { qnormal: '5:10:0.5' },
  lognormal: { lognormal: '-2:1' },
  qlognormal: { qlognormal: '3:1:8' },
};

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const decimal = fc
  .tuple(fc.integer({ min: -9999, max: 9999 }), fc.integer({ min: 0, max: 6 }))
  .map(([digits, places]) => digits / 10 ** places);
/** Mostly numbers as people write them, and some that use all of a double's range. */
const number = fc.oneof({ weight: 4, arbitrary: decimal }, { weight: 1, arbitrary: finite });
const positive = number.map(Math.abs).filter((x) => x > 0);

/** Two different numbers in order, at a finite distance. */
const bounds = fc
  .tuple(number, number)
  .map(([a, b]): [number, number] => (a < b ? [a, b] : [b, a]))
  .filter(([low, high]) => low < high && high - low < Number.POSITIVE_INFINITY);
/** Bounds whose exponentials are ordinary numbers. */
const exponents = bounds.filter(([low, high]) => low > -700 && high < 300);
const num = fc.integer({ min: 1, max: 50 });

const scalar = fc.oneof(number, fc.string({ maxLength: 5 }), fc.boolean());
const value = fc.oneof({ weight: 5, arbitrary: scalar }, fc.array(scalar, { maxLength: 3 }));

const listed: fc.Arbitrary<unknown> = fc.oneof(
  fc.array(value, { minLength: 1, maxLength: 12 }).map((values) => ({ values })),
  fc.tuple(bounds, fc.integer({ min: 1, max: 40 })).map(([[start, stop], count]) => ({
    range: { start, stop, step: (stop - start) / count },
  })),
  fc.tuple(bounds, num).map(([[start, stop], n]) => ({ linspace: [start, stop, n] })),
  fc.tuple(exponents, num).map(([[start, stop], n]) => ({ logspace: [start, stop, n] })),
  fc
    .tuple(positive, positive, num, fc.boolean())
    .filter(([a, b]) => a !== b)
    .map(([a, b, n, isNegative]) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      return { geomspace: isNegative ? [-high, -low, n] : [low, high, n] };
    }),
);

const moments = fc.record({ loc: number, scale: positive });
const logMoments = fc.record({ loc: decimal.filter((x) => Math.abs(x) < 500), scale: positive });

const drawn: fc.Arbitrary<unknown> = fc.oneof(
  fc
    .array(fc.tuple(value, fc.integer({ min: 0, max: 9 })), { minLength: 1, maxLength: 8 })
    .filter((pairs) => pairs.some(([, share]) => share > 0))
    .map((pairs) => {
      const sum = pairs.reduce((total, [, share]) => total + share, 0);
      return { pvalues: pairs.map(([item, share]) => [item, share / sum]) };
    }),
  bounds.map((pair) => ({ uniform: pair })),
  exponents.map((pair) => ({ loguniform: pair })),
  fc.tuple(bounds, positive).map(([pair, q]) => ({ quniform: [...pair, q] })),
  fc.tuple(exponents, positive).map(([pair, q]) => ({ qloguniform: [...pair, q] })),
  moments.map((normal) => ({ normal })),
  logMoments.map((lognormal) => ({ lognormal })),
  fc.tuple(moments, positive).map(([pair, q]) => ({ qnormal: { ...pair, q } })),
  fc.tuple(logMoments, positive).map(([pair, q]) => ({ qlognormal: { ...pair, q } })),
);

const isRight = (raw: unknown): boolean => parseMatrix({ x: raw }, '').mistakes.length === 0;

/** Options of every kind, as a document has them, without mistakes. */
export const rightOption: fc.Arbitrary<unknown> = fc.oneof(listed, drawn).filter(isRight);

/** Options that grid search takes. */
export const listedOption: fc.Arbitrary<unknown> = listed.filter(isRight);
