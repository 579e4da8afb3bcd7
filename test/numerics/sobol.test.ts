import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createPlainSobol, createSobol, SOBOL_DIMENSIONS } from '../../lib/numerics/sobol.ts';
import oracle from '../oracles/sobol.oracle.json' with { type: 'json' };

const plainPoint = (index: number): Uint32Array => {
  const point = new Uint32Array(SOBOL_DIMENSIONS);
  createPlainSobol(SOBOL_DIMENSIONS).fill(index, point);
  return point;
};

/** The first so many points of a scrambled sequence. */
const scrambledPoints = ({
  seed,
  count,
  dimensions,
  purpose = 9,
}: {
  readonly seed: number;
  readonly count: number;
  readonly dimensions: number;
  readonly purpose?: number;
}): Float64Array[] => {
  const { fill } = createSobol({ dimensions, seed, purpose });
  return Array.from({ length: count }, (_, index) => {
    const point = new Float64Array(dimensions);
    fill(index, point);
    return point;
  });
};

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

test('the first 256 plain points are those of SciPy in all 128 dimensions', () => {
  const { fill } = createPlainSobol(SOBOL_DIMENSIONS);
  const point = new Uint32Array(SOBOL_DIMENSIONS);
  const columns = oracle.leading.map((column) => Buffer.from(column, 'hex'));
  assert.equal(columns.length, SOBOL_DIMENSIONS);
  for (let index = 0; index < 256; index++) {
    fill(index, point);

    assert.deepEqual(
      Array.from(point, (x) => x / 2 ** 24),
      columns.map((column) => column[index]),
      `point ${index}`,
    );
  }
});

test('all 32 bits of an index reach the direction numbers of SciPy in all 128 dimensions', () => {
  for (let k = 0; k < 32; k++) {
    // The index whose Gray code has bit k alone.
    const point = plainPoint(2 ** (k + 1) - 1);

    assert.deepEqual(
      [...point],
      oracle.directions.map((numbers) => numbers[k]),
      `bit ${k}`,
    );
  }
});

test('scrambled, each interval of width 2^-k holds one of the first 2^k points in each dimension', () => {
  for (let k = 0; k <= 10; k++) {
    const count = 2 ** k;
    const points = scrambledPoints({ seed: k, count, dimensions: 24 });
    for (let d = 0; d < 24; d++) {
      const cells = new Set(points.map((point) => Math.floor((point[d] ?? 0) * count)));

      assert.equal(cells.size, count, `2^${k} points, dimension ${d}`);
    }
  }
});

test('scrambled, each box of area 1 / 64 holds one of 64 points in the first two dimensions', () => {
  for (let seed = 0; seed < 20; seed++) {
    const points = scrambledPoints({ seed, count: 64, dimensions: 2 });
    for (let wide = 1; wide <= 64; wide *= 2) {
      const cells = points.map(
        ([x = 0, y = 0]) => `${Math.floor(x * wide)}, ${Math.floor((y * 64) / wide)}`,
      );

      assert.equal(new Set(cells).size, 64, `${wide} columns`);
    }
  }
});

test('a point is a function of seed, purpose and index alone', () => {
  const parameters = fc.record({
    seed: fc.maxSafeNat(),
    purpose: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    dimensions: fc.integer({ min: 1, max: 5 }),
  });
  const index = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(parameters, index, index, ({ dimensions, ...randomness }, before, at) => {
      const used = createSobol({ dimensions, ...randomness });
      const wider = createSobol({ dimensions: dimensions + 1, ...randomness });
      const point = new Float64Array(dimensions);
      const widerPoint = new Float64Array(dimensions + 1);

      used.fill(before, point);
      used.fill(at, point);
      wider.fill(at, widerPoint);

      assert.deepEqual(point, widerPoint.subarray(0, dimensions));
      assert.ok(point.every((x) => 0 < x && x < 1 && Number.isInteger(x * 2 ** 33)));
    }),
    { seed: 1 },
  );
});

test('a point of fewer bits is the middle of the cell that holds the whole one', () => {
  const point = new Float64Array(3);
  const coarse = new Float64Array(3);
  const randomness = { dimensions: 3, seed: 5, purpose: 2 };
  for (const bits of [1, 7, 10, 14, 31]) {
    for (const index of [0, 1, 1_000, 2 ** 32 - 1]) {
      createSobol(randomness).fill(index, point);
      createSobol({ ...randomness, bits }).fill(index, coarse);

      const cells = 2 ** bits;
      assert.deepEqual(
        coarse,
        point.map((x) => (Math.floor(x * cells) + 0.5) / cells),
      );
    }
  }
});

test('the points of a seed and a purpose never change', () => {
  const [first, , third] = scrambledPoints({ seed: 42, count: 3, dimensions: 2, purpose: 3 });

  assert.deepEqual(first, Float64Array.of(4_715_301_707 / 2 ** 33, 3_803_386_861 / 2 ** 33));
  assert.deepEqual(third, Float64Array.of(678_461_043 / 2 ** 33, 1_849_860_317 / 2 ** 33));
});

test('sequences of two seeds, purposes or dimensions have no scramble in common', () => {
  const [one] = scrambledPoints({ seed: 1, count: 1, dimensions: 100 });
  const [otherSeed] = scrambledPoints({ seed: 2, count: 1, dimensions: 100 });
  const [highSeed] = scrambledPoints({ seed: 2 ** 32 + 1, count: 1, dimensions: 100 });
  const [otherPurpose] = scrambledPoints({ seed: 1, count: 1, dimensions: 100, purpose: 8 });
  const all = [one, otherSeed, highSeed, otherPurpose].flatMap((point) => [...(point ?? [])]);

  assert.equal(new Set(all).size, 400);
});

test('a bit flips or not, whatever the bit before it flips in the other half', () => {
  const seeds = 1_000;
  let same = 0;
  for (let seed = 0; seed < seeds; seed++) {
    // Plain, they are 0, 1/2, 3/4, 1/4.
    const [a = 0, b = 0, c = 0, d = 0] = scrambledPoints({ seed, count: 4, dimensions: 1 }).map(
      ([x = 0]) => x,
    );
    if (a < d === b < c) same++;
  }

  // Five standard errors.
  assert.ok(Math.abs(same - seeds / 2) < 5 * Math.sqrt(seeds / 4), String(same));
});

test('over the seeds each point is uniform', () => {
  const seeds = 4_000;
  const points = Array.from({ length: seeds }, (_, seed) => {
    const point = new Float64Array(3);
    createSobol({ dimensions: 3, seed, purpose: 1 }).fill(5, point);
    return point[2] ?? 0;
  });

  // Five standard errors of the first two moments.
  assert.ok(Math.abs(mean(points) - 1 / 2) < 5 * Math.sqrt(1 / 12 / seeds));
  assert.ok(Math.abs(mean(points.map((x) => x * x)) - 1 / 3) < 5 * Math.sqrt(4 / 45 / seeds));
});

test('the mean of a square over 64 points has no bias and a thousandth of the variance of random ones', () => {
  const seeds = 400;
  const means = Array.from({ length: seeds }, (_, seed) =>
    mean(scrambledPoints({ seed, count: 64, dimensions: 4 }).map((point) => (point[3] ?? 0) ** 2)),
  );

  const variance = mean(means.map((x) => (x - 1 / 3) ** 2));
  assert.ok(variance < 4 / 45 / 64 / 1_000, String(variance));
  assert.ok(Math.abs(mean(means) - 1 / 3) < 5 * Math.sqrt(variance / seeds));
});

test('dimensions without direction numbers, and what is not a seed, purpose or index, are refused', () => {
  const good = { dimensions: 2, seed: 1, purpose: 1 };
  const refused = [
    { ...good, dimensions: 0 },
    { ...good, dimensions: 1.5 },
    { ...good, dimensions: SOBOL_DIMENSIONS + 1 },
    { ...good, seed: -1 },
    { ...good, seed: 2 ** 53 },
    { ...good, purpose: 0.5 },
    { ...good, purpose: 2 ** 32 },
    { ...good, bits: 0 },
    { ...good, bits: 33 },
    { ...good, bits: 14.5 },
  ];
  for (const each of refused) assert.throws(() => createSobol(each));
  const { fill } = createSobol(good);
  for (const index of [-1, 0.5, 2 ** 32, Number.NaN]) {
    assert.throws(() => fill(index, new Float64Array(2)));
  }
});
