import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as dense from '../../lib/numerics/dense.ts';
import * as kernels from '../../lib/numerics/kernels.ts';
import { KERNELS_WASM } from '../../lib/numerics/kernels-wasm.ts';
import { MATERN_5_2 } from '../../lib/numerics/radial.ts';
import { compileKernels } from '../../scripts/compile-kernels.ts';

test('the module is what its source is compiled to', async () => {
  const compiled = await compileKernels();

  assert.equal(compiled, KERNELS_WASM);
});

const weyl = (i: number): number => ((i * Math.SQRT2) % 2) - 1;

/** Points, values and what else a process has, of a size that fills panels or does not. */
const processes = fc
  .record({
    n: fc.integer({ min: 1, max: 75 }),
    d: fc.integer({ min: 1, max: 7 }),
    first: fc.integer({ min: 1, max: 10_000 }),
    signal: fc.double({ min: 0.1, max: 5, noNaN: true }),
  })
  .map(({ n, d, first, signal }) => ({
    n,
    d,
    signal,
    noise: 1e-3,
    scaled: Float64Array.from({ length: n * d }, (_, i) => weyl(first + i)),
    y: Float64Array.from({ length: n }, (_, i) => weyl(3 * (first + i))),
  }));

function distanceOf(a: Float64Array, b: Float64Array): number {
  return Math.sqrt(a.reduce((sum, one, c) => sum + (one - (b[c] ?? 0)) * (one - (b[c] ?? 0)), 0));
}

/** K by the covariance function itself; what is above the diagonal is poison. */
function covarianceMatrix({ scaled, n, d, signal, noise }: kernels.MaternData): Float64Array {
  const row = (i: number): Float64Array => scaled.subarray(i * d, i * d + d);
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    if (i < j) return Number.NaN;
    return i === j ? signal + noise : signal * MATERN_5_2.value(distanceOf(row(i), row(j)));
  });
}

test('a factor and solutions have the bits that the loops in TypeScript give', () => {
  fc.assert(
    fc.property(processes, fc.integer({ min: 1, max: 9 }), (data, count) => {
      const { n } = data;
      const entries = covarianceMatrix(data);
      const twin = entries.slice();
      const sides = Float64Array.from({ length: count * n }, (_, i) => weyl(7 * i));
      const twinSides = sides.slice();

      const outcome = kernels.cholesky(entries, n);
      kernels.solveLower({ entries, n, stride: n }, sides, count);

      assert.deepEqual(outcome, dense.cholesky(twin, n));
      assert.deepEqual(entries, twin);
      dense.solveLower({ entries: twin, n, stride: n }, twinSides, count);
      assert.deepEqual(sides, twinSides);
    }),
  );
});

test('a factor of many blocks has the bits that the loops in TypeScript give', () => {
  const n = 603;
  const scaled = Float64Array.from({ length: 3 * n }, (_, i) => 3 * weyl(i + 1));
  const data = { scaled, n, d: 3, signal: 1, noise: 1e-6, y: new Float64Array(n) };
  const twin = covarianceMatrix(data);
  dense.cholesky(twin, n);

  const entries = kernels.maternFactor(data);

  assert.ok(entries instanceof Float64Array);
  for (let i = 0; i < n; i++) {
    const row = [i * n, i * n + i + 1] as const;
    assert.deepEqual(entries.subarray(...row), twin.subarray(...row));
  }
});

test('a matrix without a factor says which row shows it, in the middle of a block as well', () => {
  const n = 61;
  for (const pivot of [0, 18, 35, 60]) {
    const matrix = Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));
    matrix[pivot * n + pivot] = -1;

    assert.deepEqual(kernels.cholesky(matrix, n), { kind: 'not-positive-definite', pivot });
  }
});
