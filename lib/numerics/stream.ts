import assert from 'node:assert/strict';
import { philox4x32 } from './philox.ts';

/**
 * Uniform random numbers in [0, 1) of 53 bits each, every one a function of (seed, purpose, index,
 * i).
 */
export interface Stream {
  /**
   * The i-th uniform of one index.
   *
   * @param index - 0 … 2^53 − 1
   * @param i - 0 … 2^32 − 1
   */
  readonly uniform: (index: number, i: number) => number;
  /** Fills `out` with the uniforms 0, 1, 2, … of one index. */
  readonly fill: (index: number, out: Float64Array) => void;
}

const TWO_32 = 2 ** 32;
const TWO_26 = 2 ** 26;
const TWO_MINUS_53 = 2 ** -53;

/** The upper 27 and 26 bits of two words as one double in [0, 1). */
const toUniform = (a: number, b: number): number => ((a >>> 5) * TWO_26 + (b >>> 6)) * TWO_MINUS_53;

/**
 * Returns the stream of one seed and one purpose. Streams of different purposes are independent. A
 * block of Philox holds two uniforms: the counter is (i / 2, index, purpose), the key is the seed.
 *
 * @param seed - 0 … 2^53 − 1
 * @param purpose - 0 … 2^32 − 1
 * *Asserts* that both are integers in their range.
 */
export function createStream({ seed, purpose }: { seed: number; purpose: number }): Stream {
  assert(Number.isSafeInteger(seed) && seed >= 0, 'a seed is an integer from 0 to 2^53 - 1');
  assert(purpose >>> 0 === purpose, 'a purpose is an unsigned 32-bit integer');
  const key = Uint32Array.of(seed >>> 0, Math.floor(seed / TWO_32));
  const counter = Uint32Array.of(0, 0, 0, purpose);
  const block = new Uint32Array(4);

  const setIndex = (index: number): void => {
    assert(Number.isSafeInteger(index) && index >= 0, 'an index is an integer from 0 to 2^53 - 1');
    counter[1] = index >>> 0;
    counter[2] = Math.floor(index / TWO_32);
  };

  const uniform = (index: number, i: number): number => {
    setIndex(index);
    counter[0] = i >>> 1;
    philox4x32(counter, key, block);
    return i & 1 ? toUniform(block[2]!, block[3]!) : toUniform(block[0]!, block[1]!);
  };

  const fill = (index: number, out: Float64Array): void => {
    setIndex(index);
    for (let i = 0; i < out.length; i += 2) {
      counter[0] = i >>> 1;
      philox4x32(counter, key, block);
      out[i] = toUniform(block[0]!, block[1]!);
      // A write past the end of a typed array is ignored, which an odd length relies on.
      out[i + 1] = toUniform(block[2]!, block[3]!);
    }
  };

  return { uniform, fill };
}
