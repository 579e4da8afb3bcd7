import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Spread } from '../../lib/numerics/fanova.ts';
import { decompose } from '../../lib/numerics/fanova.ts';
import type { TreeNode } from '../../lib/numerics/forest.ts';
import oracle from '../oracles/fanova.oracle.json' with { type: 'json' };

type OracleTree = (typeof oracle)['trees'][number];

function treeOf(of: OracleTree, node = 0): TreeNode {
  const [low, high] = [of.low[node] ?? -1, of.high[node] ?? -1];
  if (low < 0) return { kind: 'leaf', value: of.value[node] ?? Number.NaN };
  const [axis, at] = [of.axis[node] ?? 0, of.at[node] ?? 0];
  return { kind: 'cut', axis, at, low: treeOf(of, low), high: treeOf(of, high) };
}

const near = (actual: number, expected: number, what: string): void => {
  const isNear = Math.abs(actual - expected) <= 1e-12 * Math.max(1, Math.abs(expected));
  assert.ok(isNear, `${what}: ${actual} instead of ${expected}`);
};

test("trees of scikit-learn are taken apart as Optuna's fANOVA does", () => {
  const even: readonly Spread[] = [{ kind: 'even' }, { kind: 'even' }, { kind: 'even' }];
  for (const tree of oracle.trees) {
    const { total, single, pair } = decompose(treeOf(tree), even);

    near(total, tree.total, 'V');
    for (const [axis, variance] of tree.single.entries()) {
      near(single[axis] ?? Number.NaN, variance, `V_${axis}`);
    }
    for (const { axes, variance } of tree.pairs) {
      const [j = 0, k = 0] = axes;
      near(pair(j, k), variance, `V_${j}${k}`);
      near(pair(k, j), variance, `V_${k}${j}`);
    }
  }
});

/** Axis 0 is even, with thresholds at tenths; axis 1 has four listed numbers, axis 2 three categories. */
const SPREADS: readonly Spread[] = [
  { kind: 'even' },
  { kind: 'codes', count: 4 },
  { kind: 'categories', shares: [0.5, 0.3, 0.2] },
];

const tree = fc.letrec<{ node: TreeNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.integer({ min: -3, max: 3 }).map((value): TreeNode => ({ kind: 'leaf', value })),
    fc.tuple(fc.integer({ min: 1, max: 9 }), tie('node'), tie('node')).map(
      ([tenths, low, high]): TreeNode => ({
        ...{ kind: 'cut', axis: 0, low, high },
        at: tenths / 10,
      }),
    ),
    fc.tuple(fc.integer({ min: 0, max: 2 }), tie('node'), tie('node')).map(
      ([code, low, high]): TreeNode => ({
        ...{ kind: 'cut', axis: 1, low, high },
        at: code + 0.5,
      }),
    ),
    fc
      .tuple(fc.uint8Array({ minLength: 3, maxLength: 3, max: 1 }), tie('node'), tie('node'))
      .map(([marks, low, high]): TreeNode => ({ kind: 'pick', axis: 2, marks, low, high })),
  ),
})).node;

function predict(node: TreeNode, point: readonly number[]): number {
  if (node.kind === 'leaf') return node.value;
  const x = point[node.axis] ?? 0;
  const isLow = node.kind === 'cut' ? x <= node.at : node.marks[x] === 1;
  return predict(isLow ? node.low : node.high, point);
}

/** Every cell of the matrix: a point in it, with its place and its share on each axis. */
const CELLS = Array.from({ length: 10 }, (_, a) =>
  Array.from({ length: 4 }, (_, b) =>
    [0.5, 0.3, 0.2].map((share, c) => ({
      point: [a / 10 + 0.05, b, c],
      places: [a, b, c],
      shares: [0.1, 0.25, share],
    })),
  ),
).flat(2);

/** The variance of the mean of a tree where some axes are given, summed up over all cells. */
function varianceOf(node: TreeNode, axes: readonly number[]): number {
  const given = new Map<string, { share: number; sum: number }>();
  let mean = 0;
  for (const { point, places, shares } of CELLS) {
    const share = shares.reduce((product, one) => product * one, 1);
    const key = axes.map((axis) => places[axis]).join();
    const of = given.get(key) ?? { share: 0, sum: 0 };
    given.set(key, of);
    of.share += share;
    of.sum += share * predict(node, point);
    mean += share * predict(node, point);
  }
  return [...given.values()].reduce(
    (variance, { share, sum }) => variance + share * (sum / share - mean) ** 2,
    0,
  );
}

test('the marginals of any tree are those that summing over all cells gives', () => {
  fc.assert(
    fc.property(tree, (root) => {
      const { total, single, pair } = decompose(root, SPREADS);

      near(total, varianceOf(root, [0, 1, 2]), 'V');
      const expected = [0, 1, 2].map((axis) => varianceOf(root, [axis]));
      for (const [axis, variance] of expected.entries()) near(single[axis] ?? 0, variance, 'V_j');
      for (const [j, k] of [
        [0, 1],
        [0, 2],
        [1, 2],
        [2, 1],
      ] as const) {
        const alone = (expected[j] ?? 0) + (expected[k] ?? 0);
        near(pair(j, k), varianceOf(root, [j, k]) - alone, 'V_jk');
      }
    }),
    { seed: 12, numRuns: 300 },
  );
});

test('a tree of one leaf has no variance', () => {
  const { total, single, pair } = decompose({ kind: 'leaf', value: 5 }, SPREADS);

  assert.deepEqual([total, ...single, pair(0, 1)], [0, 0, 0, 0, 0]);
});
