import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as dense from '../../lib/numerics/dense.ts';
import type { MaternProcess } from '../../lib/numerics/matern-process.ts';
import { maternPredict, maternSlopes } from '../../lib/numerics/matern-process.ts';
import { MATERN_5_2 } from '../../lib/numerics/radial.ts';

const weyl = (i: number): number => ((i * Math.SQRT2) % 2) - 1;
const at = (numbers: Float64Array, i: number): number => numbers[i] ?? Number.NaN;

/** A process of a size that fills panels or does not, with room for more rows or without. */
const processes = fc
  .record({
    n: fc.integer({ min: 1, max: 75 }),
    d: fc.integer({ min: 1, max: 7 }),
    room: fc.integer({ min: 0, max: 3 }),
    first: fc.integer({ min: 1, max: 10_000 }),
    signal: fc.double({ min: 0.1, max: 5, noNaN: true }),
  })
  .map(({ n, d, room, first, signal }): MaternProcess => {
    const scaled = Float64Array.from({ length: (n + room) * d }, (_, i) => weyl(first + i));
    const covariances = Float64Array.from({ length: n * n }, (_, place) => {
      const [i, j] = [Math.floor(place / n), place % n];
      const point = scaled.subarray(i * d, i * d + d);
      return i === j ? signal + 1e-3 : signal * MATERN_5_2.value(distance(point, scaled, j));
    });
    assert.equal(dense.cholesky(covariances, n), null);
    const stride = n + room;
    const entries = new Float64Array(stride * stride).fill(Number.NaN);
    for (let i = 0; i < n; i++) {
      entries.set(covariances.subarray(i * n, i * n + i + 1), i * stride);
    }
    const triangle = { entries, n, stride };
    const alpha = Float64Array.from({ length: n }, (_, i) => weyl(3 * (first + i)));
    const inverseScales = Float64Array.from({ length: d }, (_, c) => 0.5 + c);
    return { triangle, scaled, alpha, inverseScales, signal };
  });

function distance(point: Float64Array, scaled: Float64Array, j: number): number {
  const d = point.length;
  const other = scaled.subarray(j * d, j * d + d);
  return Math.sqrt(point.reduce((sum, one, c) => sum + (one - at(other, c)) ** 2, 0));
}

const pointOf = (d: number, i: number): Float64Array =>
  Float64Array.from({ length: d }, (_, c) => weyl(11 * (i * d + c)));

/** Mean, what is explained, and L⁻¹ k, by the loops in TypeScript. */
function twin({ triangle, scaled, alpha, signal }: MaternProcess, point: Float64Array) {
  const distances = Float64Array.from({ length: triangle.n }, (_, i) => distance(point, scaled, i));
  const solved = distances.map((r) => signal * MATERN_5_2.value(r));
  const mean = solved.reduce((sum, one, i) => sum + one * at(alpha, i), 0);
  dense.solveLower(triangle, solved);
  const explained = solved.reduce((sum, one) => sum + one * one, 0);
  return { distances, mean, explained, solved };
}

test('predictions have the bits that the loops in TypeScript give, however many are asked at once', () => {
  fc.assert(
    fc.property(processes, fc.integer({ min: 1, max: 40 }), (process, count) => {
      const d = process.inverseScales.length;
      const points = Array.from({ length: count }, (_, i) => pointOf(d, i));
      const out = new Float64Array(2 * count);

      const ran = maternPredict(process, Float64Array.from(points.flatMap((one) => [...one])), out);

      assert.ok(ran);
      const expected = points.flatMap((point) => {
        const { mean, explained } = twin(process, point);
        return [mean, explained];
      });
      assert.deepEqual([...out], expected);
    }),
  );
});

test('gradients have the bits that the loops in TypeScript give', () => {
  fc.assert(
    fc.property(processes, (process) => {
      const { triangle, scaled, alpha, inverseScales, signal } = process;
      const d = inverseScales.length;
      const point = pointOf(d, 5);
      const out = new Float64Array(2 * d + 2);

      const ran = maternSlopes(process, point, out);

      assert.ok(ran);
      const { distances, mean, explained, solved } = twin(process, point);
      const sd = Math.sqrt(Math.max(signal - explained, 0));
      dense.solveUpper(triangle, solved);
      const expected = [mean, sd, ...new Float64Array(2 * d)];
      for (let i = 0; i < triangle.n; i++) {
        const slope = signal * MATERN_5_2.slope(at(distances, i));
        const bySd = sd > 0 ? (-slope * at(solved, i)) / sd : 0;
        for (let c = 0; c < d; c++) {
          const difference = (at(point, c) - at(scaled, i * d + c)) * at(inverseScales, c);
          expected[2 * c + 2] = (expected[2 * c + 2] ?? 0) + slope * at(alpha, i) * difference;
          expected[2 * c + 3] = (expected[2 * c + 3] ?? 0) + bySd * difference;
        }
      }
      assert.deepEqual([...out], expected);
    }),
  );
});

test('processes that take turns do not see each other', () => {
  const [one, other] = fc.sample(processes, { numRuns: 2, seed: 7 });
  assert.ok(one !== undefined && other !== undefined);
  const meanOf = (process: MaternProcess): number => {
    const out = new Float64Array(2);
    assert.ok(maternPredict(process, pointOf(process.inverseScales.length, 3), out));
    return at(out, 0);
  };

  const alone = [meanOf(one), meanOf(other)];

  assert.deepEqual([meanOf(one), meanOf(other)], alone);
  assert.notEqual(alone[0], alone[1]);
});
