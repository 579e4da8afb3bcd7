import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { philox4x32 } from '../../lib/numerics/philox.ts';

const MASK = 0xffffffffn;

/** The same function in the words of the paper, with 64-bit products. */
function slowPhilox(counter: readonly number[], key: readonly number[]): number[] {
  let [c0 = 0n, c1 = 0n, c2 = 0n, c3 = 0n] = counter.map(BigInt);
  let [k0 = 0n, k1 = 0n] = key.map(BigInt);
  for (let round = 0; round < 10; round++) {
    const product0 = 0xd2511f53n * c0;
    const product1 = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [
      (product1 >> 32n) ^ c1 ^ k0,
      product1 & MASK,
      (product0 >> 32n) ^ c3 ^ k1,
      product0 & MASK,
    ];
    k0 = (k0 + 0x9e3779b9n) & MASK;
    k1 = (k1 + 0xbb67ae85n) & MASK;
  }
  return [c0, c1, c2, c3].map(Number);
}

function philox(counter: readonly number[], key: readonly number[]): number[] {
  const out = new Uint32Array(4);
  philox4x32(Uint32Array.from(counter), Uint32Array.from(key), out);
  return [...out];
}

const ONES = 0xffffffff;

const KNOWN_ANSWERS = [
  {
    name: 'zeros',
    counter: [0, 0, 0, 0],
    key: [0, 0],
    answer: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  },
  {
    name: 'ones',
    counter: [ONES, ONES, ONES, ONES],
    key: [ONES, ONES],
    answer: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    name: 'digits of pi',
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    answer: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
];

for (const { name, counter, key, answer } of KNOWN_ANSWERS) {
  test(`Philox gives the published answer for ${name}`, () => {
    assert.deepEqual(philox(counter, key), answer);
  });
}

test('Philox equals its slow twin with 64-bit products for any counter and key', () => {
  const word = fc.integer({ min: 0, max: ONES });
  fc.assert(
    fc.property(fc.tuple(word, word, word, word), fc.tuple(word, word), (counter, key) => {
      assert.deepEqual(philox(counter, key), slowPhilox(counter, key));
    }),
    { numRuns: 1000, seed: 1 },
  );
});
