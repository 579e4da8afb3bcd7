import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LowerTriangle } from '../../lib/numerics/dense.ts';
import {
  appendRow,
  cholesky,
  inverseOf,
  logDeterminant,
  solveLower,
  solveUpper,
} from '../../lib/numerics/dense.ts';
import tables from '../oracles/dense.oracle.json' with { type: 'json' };

/** The square matrix of a lower triangle that is written row by row; what is above is poison. */
function square(lower: readonly number[], n: number): Float64Array {
  const matrix = new Float64Array(n * n).fill(Number.NaN);
  let next = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) matrix[i * n + j] = lower[next++] ?? Number.NaN;
  }
  return matrix;
}

const lowerOf = (matrix: Float64Array, n: number): readonly number[] =>
  Array.from({ length: n }, (_, i) => [...matrix.subarray(i * n, i * n + i + 1)]).flat();

function factored(matrix: Float64Array, n: number): LowerTriangle {
  const entries = matrix.slice();
  assert.equal(cholesky(entries, n), null);
  return { entries, n, stride: n };
}

function assertClose(actual: Iterable<number>, expected: readonly number[], tolerance: number) {
  const largest = Math.max(...expected.map(Math.abs));
  const found = [...actual];
  assert.equal(found.length, expected.length);
  for (const [i, one] of expected.entries()) {
    assert.ok(Math.abs((found[i] ?? Number.NaN) - one) <= tolerance * largest, `entry ${i}`);
  }
}

for (const table of tables.matrices) {
  const { name, n } = table;
  // Solutions lose as many digits as the condition has.
  const tolerance = 1e-15 * (10 + table.condition);

  test(`a matrix, ${name}, has the factor, the inverse and the solutions of 50-digit arithmetic`, () => {
    const triangle = factored(square(table.matrix, n), n);
    const half = Float64Array.from(table.side);
    solveLower(triangle, half);
    const solution = half.slice();
    solveUpper(triangle, solution);

    assertClose(lowerOf(triangle.entries, n), table.factor, tolerance);
    assertClose([logDeterminant(triangle)], [table.logDeterminant], tolerance);
    assertClose(half, table.halfSolution, tolerance);
    assertClose(solution, table.solution, tolerance);
    assertClose(lowerOf(inverseOf(triangle), n), table.inverse, tolerance);
  });
}

/** A positive definite matrix of up to 23 rows: products of rows of a Weyl sequence, and more on the diagonal. */
const positiveDefinite = fc
  .tuple(fc.integer({ min: 1, max: 23 }), fc.integer({ min: 1, max: 10_000 }))
  .map(([n, first]) => {
    const weyl = (i: number): number => (((first + i) * Math.SQRT2) % 2) - 1;
    const product = (i: number, j: number): number =>
      [0, 1, 2].reduce((sum, k) => sum + weyl(3 * i + k) * weyl(3 * j + k), 0);
    const lower = Array.from({ length: n }, (_, i) =>
      Array.from({ length: i + 1 }, (_, j) => product(i, j) + (i === j ? 0.5 : 0)),
    ).flat();
    return { n, lower, sides: Float64Array.from({ length: 3 * n }, (_, i) => weyl(7 * i)) };
  });

test('a matrix times its inverse is the identity', () => {
  fc.assert(
    fc.property(positiveDefinite, ({ n, lower }) => {
      const matrix = square(lower, n);
      const inverse = inverseOf(factored(matrix, n));

      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let k = 0; k < n; k++) {
            const entry = matrix[Math.max(i, k) * n + Math.min(i, k)] ?? Number.NaN;
            sum += entry * (inverse[k * n + j] ?? Number.NaN);
          }
          assert.ok(Math.abs(sum - (i === j ? 1 : 0)) < 1e-12, `${i}, ${j}: ${sum}`);
        }
      }
    }),
  );
});

test('a factor to which rows are appended one by one has the bits of one that is made at once', () => {
  fc.assert(
    fc.property(positiveDefinite, fc.integer({ min: 0, max: 5 }), ({ n, lower }, room) => {
      const stride = n + room;
      const grown = new Float64Array(stride * stride).fill(Number.NaN);
      const matrix = square(lower, n);
      for (let i = 0; i < n; i++) {
        grown.set(matrix.subarray(i * n, i * n + i + 1), i * stride);
        appendRow({ entries: grown, n: i, stride }, 1e-300);
      }

      const { entries } = factored(matrix, n);
      for (let i = 0; i < n; i++) {
        const row = grown.subarray(i * stride, i * stride + i + 1);
        assert.deepEqual(row, entries.subarray(i * n, i * n + i + 1));
      }
    }),
  );
});

test('many right-hand sides are solved with the bits of each alone', () => {
  fc.assert(
    fc.property(positiveDefinite, ({ n, lower, sides }) => {
      const triangle = factored(square(lower, n), n);
      const together = sides.slice();
      solveLower(triangle, together, 3);
      solveUpper(triangle, together, 3);

      for (let i = 0; i < 3; i++) {
        const alone = sides.slice(i * n, (i + 1) * n);
        solveLower(triangle, alone);
        solveUpper(triangle, alone);
        assert.deepEqual(together.slice(i * n, (i + 1) * n), alone);
      }
    }),
  );
});

test('a row that repeats an earlier one is appended with as much as it is asked to leave', () => {
  const entries = Float64Array.of(2, 0, 4, 4);

  appendRow({ entries, n: 1, stride: 2 }, 1e-10);

  assert.deepEqual(entries, Float64Array.of(2, 0, 2, 1e-5));
});

test('a matrix without a factor says which row shows it', () => {
  const cases = [
    { matrix: [0], n: 1, pivot: 0 },
    { matrix: [-1], n: 1, pivot: 0 },
    { matrix: [Number.NaN], n: 1, pivot: 0 },
    { matrix: [1, 1, 1], n: 2, pivot: 1 },
    { matrix: [1, 2, 1, 0, 0, 1], n: 3, pivot: 1 },
    // What is left of the diagonal could be rounding.
    { matrix: [1, 1, 1 + 2 ** -52, 0, 0, 1], n: 3, pivot: 1 },
    { matrix: [1, 0, 1, 0, 0, Number.NaN], n: 3, pivot: 2 },
  ];
  for (const { matrix, n, pivot } of cases) {
    assert.deepEqual(cholesky(square(matrix, n), n), { kind: 'not-positive-definite', pivot });
  }
});

test('an empty matrix has an empty factor', () => {
  const triangle = factored(new Float64Array(0), 0);
  solveLower(triangle, new Float64Array(0));
  solveUpper(triangle, new Float64Array(0));

  assert.equal(logDeterminant(triangle), 0);
  assert.equal(inverseOf(triangle).length, 0);
});
