import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { philox4x32 } from '../../lib/numerics/philox.ts';
import { createStream } from '../../lib/numerics/stream.ts';

const exactInteger = fc.maxSafeNat();

test('a uniform number is a multiple of 2^-53 in [0, 1) for any seed, purpose, index and place', () => {
  const word = fc.integer({ min: 0, max: 0xffffffff });
  fc.assert(
    fc.property(exactInteger, word, exactInteger, word, (seed, purpose, index, i) => {
      const u = createStream({ seed, purpose }).uniform(index, i);

      assert.ok(u >= 0 && u < 1);
      assert.ok(Number.isInteger(u * 2 ** 53));
    }),
    { seed: 1 },
  );
});

test('filling an array gives the same uniform numbers as asking for each in any order', () => {
  fc.assert(
    fc.property(
      exactInteger,
      exactInteger,
      fc.integer({ min: 0, max: 9 }),
      (seed, index, length) => {
        const stream = createStream({ seed, purpose: 3 });
        const filled = new Float64Array(length);
        stream.fill(index, filled);

        const backwards = Array.from({ length }, (_, k) => stream.uniform(index, length - 1 - k));

        assert.deepEqual([...filled], backwards.reverse());
      },
    ),
    { seed: 2 },
  );
});

test('a uniform number is made of the block whose counter is half its place, its index and its purpose', () => {
  const block = new Uint32Array(4);
  philox4x32(Uint32Array.of(2, 7, 5, 9), Uint32Array.of(3, 1), block);
  const [, , high = 0, low = 0] = block;

  const u = createStream({ seed: 2 ** 32 + 3, purpose: 9 }).uniform(5 * 2 ** 32 + 7, 5);

  assert.equal(u, (Math.floor(high / 32) * 2 ** 26 + Math.floor(low / 64)) / 2 ** 53);
});

test('seeds, purposes, indices and places that differ anywhere give different numbers', () => {
  const seeds = [0, 1, 2 ** 32, 2 ** 53 - 1];
  const places = seeds.flatMap((seed) =>
    [1, 2].flatMap((purpose) =>
      [0, 1, 2 ** 32, 2 ** 53 - 1].flatMap((index) =>
        [0, 1, 2, 3].map((i) => createStream({ seed, purpose }).uniform(index, i)),
      ),
    ),
  );

  assert.equal(new Set(places).size, places.length);
});

test('seeds and indices outside of 0 to 2^53 - 1 are refused', () => {
  for (const wrong of [-1, 0.5, 2 ** 53, Number.NaN]) {
    assert.throws(() => createStream({ seed: wrong, purpose: 1 }), assert.AssertionError);
    assert.throws(
      () => createStream({ seed: 1, purpose: 1 }).uniform(wrong, 0),
      assert.AssertionError,
    );
  }
});

test('uniform numbers fill the unit interval evenly', () => {
  const cells = new Float64Array(100);
  const draws = 100_000;
  const stream = createStream({ seed: 11, purpose: 1 });
  for (let index = 0; index < draws; index++) {
    const cell = Math.floor(stream.uniform(index, 0) * 100);
    cells[cell] = (cells[cell] ?? 0) + 1;
  }

  const chiSquare = cells.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);

  // The 0.999 quantile of chi-square with 99 degrees of freedom.
  assert.ok(chiSquare < 148.2, `chi-square ${chiSquare}`);
});
