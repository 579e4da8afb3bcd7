import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Spread } from '../../lib/numerics/fanova.ts';
import { decompose } from '../../lib/numerics/fanova.ts';
import type { Column, TreeNode } from '../../lib/numerics/forest.ts';
import { growForest } from '../../lib/numerics/forest.ts';
import { createStream } from '../../lib/numerics/stream.ts';
import oracle from '../oracles/fanova.oracle.json' with { type: 'json' };

const TREES = 32;
const stream = createStream({ seed: 1, purpose: 1 });

const ordered = (x: readonly number[]): Column => ({
  axis: { kind: 'ordered' },
  x: Float64Array.from(x),
});

/** The share of the variance that each axis explains alone, averaged over the trees of a forest. */
function sharesOf(columns: readonly Column[], y: readonly number[], trees = TREES): number[] {
  const spreads = columns.map(
    ({ axis }): Spread =>
      axis.kind === 'ordered'
        ? { kind: 'even' }
        : {
            kind: 'categories',
            shares: Array.from({ length: axis.levels }, () => 1 / axis.levels),
          },
  );
  const forest = growForest({ columns, y: Float64Array.from(y), trees, stream });
  const parts = forest.map((tree) => decompose(tree, spreads));
  return columns.map(
    (_, j) =>
      parts.reduce((sum, { single, total }) => sum + (single[j] ?? 0) / total, 0) / parts.length,
  );
}

test('a forest of scikit-learn on the same rows gives the same shares, but for what is drawn', () => {
  const { x, y, shares } = oracle.forest;
  const columns = [0, 1, 2].map((axis) => ordered(x.map((row) => row[axis] ?? 0)));

  const own = sharesOf(columns, y);

  for (const [axis, share] of shares.entries()) {
    assert.ok(Math.abs((own[axis] ?? 0) - share) < 0.02, `${axis}: ${own[axis]}, not ${share}`);
  }
});

test('the shares of a known function are those of its analytic decomposition', () => {
  // y = 3 x0 + x1²: variances 9/12 and 1/5 - 1/9.
  const points = createStream({ seed: 9, purpose: 1 });
  const rows = Array.from({ length: 2_000 }, (_, i) => [0, 1, 2].map((j) => points.uniform(i, j)));
  const columns = [0, 1, 2].map((axis) => ordered(rows.map((row) => row[axis] ?? 0)));
  const y = rows.map(([a = 0, b = 0]) => 3 * a + b ** 2);

  const [first = 0, second = 0, third = 1] = sharesOf(columns, y, 8);

  const [alone, squared] = [9 / 12, 1 / 5 - 1 / 9];
  assert.ok(Math.abs(first - alone / (alone + squared)) < 0.02, `${first}`);
  assert.ok(Math.abs(second - squared / (alone + squared)) < 0.02, `${second}`);
  assert.ok(third < 0.002, `${third}`);
});

test('categories explain what is theirs, however their codes are numbered', () => {
  const points = createStream({ seed: 9, purpose: 1 });
  const n = 400;
  const codes = Array.from({ length: n }, (_, i) => Math.floor(points.uniform(i, 0) * 4));
  const numbers = Array.from({ length: n }, (_, i) => points.uniform(i, 1));
  const effects = [1, -1, 1, -1];
  // Variances 1 and 1/12.
  const y = codes.map((code, i) => (effects[code] ?? 0) + (numbers[i] ?? 0));
  const category: Column = { axis: { kind: 'category', levels: 4 }, x: Float64Array.from(codes) };

  const [first = 0, second = 0] = sharesOf([category, ordered(numbers)], y);

  assert.ok(Math.abs(first - 12 / 13) < 0.02, `${first}`);
  assert.ok(Math.abs(second - 1 / 13) < 0.02, `${second}`);
});

const leaves = (node: TreeNode): number =>
  node.kind === 'leaf' ? 1 : leaves(node.low) + leaves(node.high);

test('the same seed grows the same trees, and another one others', () => {
  const columns = [ordered(oracle.forest.x.map(([x = 0]) => x))];
  const y = Float64Array.from(oracle.forest.y);
  const grown = growForest({ columns, y, trees: 2, stream });

  const again = growForest({ columns, y, trees: 2, stream });
  const other = growForest({
    ...{ columns, y, trees: 2 },
    stream: createStream({ seed: 2, purpose: 1 }),
  });

  assert.deepEqual(again, grown);
  assert.notDeepEqual(other, grown);
  assert.notDeepEqual(grown[0], grown[1]);
});

test('no rows, few rows, equal rows and equal objectives make a single leaf', () => {
  const grow = (x: readonly number[], y: readonly number[]) =>
    growForest({ columns: [ordered(x)], y: Float64Array.from(y), trees: 3, stream });

  assert.deepEqual(grow([], []).map(leaves), [1, 1, 1]);
  assert.deepEqual(grow([1, 2], [1, 2]).map(leaves), [1, 1, 1]);
  const many = Array.from({ length: 50 }, (_, i) => i);
  const alike = many.map(() => 0.5);
  assert.deepEqual(grow(alike, many).map(leaves), [1, 1, 1]);
  assert.deepEqual(grow(many, alike).map(leaves), [1, 1, 1]);
  assert.ok(grow(many, many).every((tree) => leaves(tree) > 5));
});

/** What a tree predicts of a row. */
function predict(node: TreeNode, columns: readonly Column[], row: number): number {
  if (node.kind === 'leaf') return node.value;
  const x = columns[node.axis]?.x[row] ?? 0;
  const isLow = node.kind === 'cut' ? x <= node.at : node.marks[x] === 1;
  return predict(isLow ? node.low : node.high, columns, row);
}

/** The sum of squares that is left by the best split of drawn rows into two parts of at least three. */
function bestByTrying(columns: readonly Column[], y: readonly number[], drawn: readonly number[]) {
  const spread = (rows: readonly number[]): number => {
    const mean = rows.reduce((sum, row) => sum + (y[row] ?? 0), 0) / rows.length;
    return rows.reduce((sum, row) => sum + ((y[row] ?? 0) - mean) ** 2, 0);
  };
  let best = spread(drawn);
  const tryOut = (isLow: (row: number) => boolean): void => {
    const [low, high] = [drawn.filter(isLow), drawn.filter((row) => !isLow(row))];
    if (low.length >= 3 && high.length >= 3) best = Math.min(best, spread(low) + spread(high));
  };
  for (const { axis, x } of columns) {
    if (axis.kind === 'ordered') {
      for (const at of new Set(x)) tryOut((row) => (x[row] ?? 0) <= at);
    } else {
      // That a cut in the order of the means is best holds only where parts cannot be too small.
      const sizes = Array.from(
        { length: axis.levels },
        (_, code) => drawn.filter((row) => x[row] === code).length,
      );
      if (sizes.some((size) => size > 0 && size < 3)) continue;
      for (let set = 0; set < 2 ** axis.levels; set++) {
        tryOut((row) => ((set >> (x[row] ?? 0)) & 1) === 1);
      }
    }
  }
  return best;
}

test('the first split of a tree is the best one of all', () => {
  const row = fc.tuple(
    fc.integer({ min: 0, max: 6 }),
    fc.integer({ min: 0, max: 2 }),
    fc.integer({ min: -4, max: 4 }),
  );
  fc.assert(
    fc.property(fc.array(row, { minLength: 6, maxLength: 30 }), (rows) => {
      const n = rows.length;
      const columns: readonly Column[] = [
        ordered(rows.map(([x]) => x)),
        { axis: { kind: 'category', levels: 4 }, x: Float64Array.from(rows, ([, code]) => code) },
      ];
      const y = rows.map(([, , objective]) => objective);
      const [tree] = growForest({ columns, y: Float64Array.from(y), trees: 1, stream });
      assert.ok(tree !== undefined);

      const drawn = Array.from({ length: n }, (_, i) => Math.floor(stream.uniform(0, i) * n));
      const parts = new Map<TreeNode, number[]>();
      for (const one of drawn) {
        const { kind } = tree;
        const x = kind === 'leaf' ? 0 : (columns[tree.axis]?.x[one] ?? 0);
        const isLow = kind === 'cut' ? x <= tree.at : kind === 'pick' && tree.marks[x] === 1;
        const part = kind === 'leaf' ? tree : isLow ? tree.low : tree.high;
        parts.set(part, [...(parts.get(part) ?? []), one]);
      }
      const left = [...parts.values()].reduce((sum, part) => {
        const mean = part.reduce((total, one) => total + (y[one] ?? 0), 0) / part.length;
        return sum + part.reduce((total, one) => total + ((y[one] ?? 0) - mean) ** 2, 0);
      }, 0);
      const best = bestByTrying(columns, y, drawn);
      assert.ok(left <= best + 1e-9, `${left} is left, ${best} could be`);
      for (const one of drawn) assert.ok(Number.isFinite(predict(tree, columns, one)));
    }),
    { seed: 3, numRuns: 300 },
  );
});
