import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LIMITS } from '../../lib/domain/limits.ts';
import { valueKey } from '../../lib/domain/values.ts';
import { distinctPoints, distinctValues, listSupport } from '../../lib/matrix/distinct.ts';
import { createAxis } from '../../lib/matrix/sample.ts';
import { createStream } from '../../lib/numerics/stream.ts';
import { matrixOf, optionOf, rightOption } from './helpers.ts';

const COUNTS: readonly (readonly [unknown, number])[] = [
  [{ values: [1, 1.0, '1', true, [1], [1], 'a', 'a'] }, 5],
  [{ values: [0, -0] }, 1],
  [
    {
      pvalues: [
        ['a', 0.5],
        ['b', 0],
        ['a', 0.5],
      ],
    },
    1,
  ],
  [
    {
      pvalues: [
        ['a', 0.1],
        ['b', 0.9],
      ],
    },
    2,
  ],
  [{ range: '1e16:1.0000000000000008e16:1' }, 1],
  [{ linspace: '0:1:11' }, 11],
  [{ logspace: { start: -1, stop: 1, num: 5, base: 1 } }, 1],
  [{ quniform: '0:1:0.1' }, 11],
  [{ quniform: '0.05:0.95:0.1' }, 9],
  [{ quniform: '0:1e15:1' }, 1e15 + 1],
  [{ qloguniform: '0:5:1' }, 148],
  [{ uniform: '0:1' }, Number.POSITIVE_INFINITY],
  [{ loguniform: '0:1' }, Number.POSITIVE_INFINITY],
  [{ normal: '0:1' }, Number.POSITIVE_INFINITY],
  [{ lognormal: '0:1' }, Number.POSITIVE_INFINITY],
  [{ qnormal: '0:1:1' }, Number.POSITIVE_INFINITY],
  [{ qlognormal: '0:1:1' }, Number.POSITIVE_INFINITY],
];

for (const [raw, expected] of COUNTS) {
  test(`${JSON.stringify(raw)} gives ${expected} different values`, () => {
    assert.equal(distinctValues(optionOf(raw)), expected);
  });
}

test('the points of a matrix are the product of the different values of its parameters', () => {
  const finite = { a: { values: [1, 1, 2] }, b: { quniform: '0:9:1' } };

  assert.equal(distinctPoints(matrixOf(finite)), 20);
  assert.equal(
    distinctPoints(matrixOf({ ...finite, c: { uniform: '0:1' } })),
    Number.POSITIVE_INFINITY,
  );
});

test('repeats add up their weights and items without probability are left out', () => {
  const raw = {
    pvalues: [
      ['a', 0.2],
      ['b', 0.4],
      ['c', 0],
      ['a', 0.2],
    ],
  };

  const support = listSupport(optionOf(raw));

  assert.deepEqual(support?.values, ['a', 'b']);
  assert.deepEqual([...(support?.weights ?? [])], [0.5, 0.5]);
});

test('multiples at the bounds weigh half of those between them', () => {
  const support = listSupport(optionOf({ quniform: '0:4:1' }));

  assert.deepEqual(support?.values, [0, 1, 2, 3, 4]);
  assert.deepEqual([...(support?.weights ?? [])], [0.125, 0.25, 0.25, 0.25, 0.125]);
});

test('an option with more values than an ordered space may have points has no list of them', () => {
  const limit = LIMITS.orderedSpacePoints;

  assert.equal(listSupport(optionOf({ quniform: [1, limit, 1] }))?.values.length, limit);
  assert.equal(listSupport(optionOf({ quniform: [0, limit, 1] })), null);
  assert.equal(listSupport(optionOf({ uniform: '0:1' })), null);
});

test('every value that is drawn is one of the listed ones, which are different and weigh 1 together', () => {
  const stream = createStream({ seed: 5, purpose: 1 });
  fc.assert(
    fc.property(rightOption, (raw) => {
      const option = optionOf(raw);
      const support = distinctValues(option) < 5000 ? listSupport(option) : null;
      if (support === null) return;
      const keys = new Set(support.values.map(valueKey));
      const axis = createAxis(option);

      assert.equal(keys.size, distinctValues(option));
      assert.ok(support.weights.every((weight) => weight > 0));
      assert.ok(Math.abs(support.weights.reduce((a, b) => a + b) - 1) < 1e-12);
      for (let i = 0; i < 50; i++) {
        assert.ok(keys.has(valueKey(axis.valueOf(axis.draw(stream.uniform(i, 0))))));
      }
    }),
    { seed: 2, numRuns: 300 },
  );
});

for (const raw of [{ quniform: '-0.2:1.3:0.25' }, { qloguniform: '0:2.5:1.5' }]) {
  test(`the weights of ${JSON.stringify(raw)} are the shares with which its values are drawn`, () => {
    const option = optionOf(raw);
    const support = listSupport(option);
    assert.ok(support);
    const axis = createAxis(option);
    const cells = 1_000_000;
    const counts = new Map<string, number>();
    for (let cell = 0; cell < cells; cell++) {
      const key = valueKey(
        axis.valueOf(axis.draw(Math.floor(((cell + 0.5) / cells) * 2 ** 53) / 2 ** 53)),
      );
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }

    for (const [i, value] of support.values.entries()) {
      const share = (counts.get(valueKey(value)) ?? 0) / cells;
      assert.ok(Math.abs(share - (support.weights[i] ?? 0)) < 2 / cells, `${value}: ${share}`);
    }
  });
}
