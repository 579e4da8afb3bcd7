/** Added to a double below 2^51 and subtracted again, it leaves the nearest whole number. */
const SHIFTER = 6755399441055744;
/** ln 2 in two parts, of which whole multiples of the first up to 2^20 are exact. */
const LN_2_HIGH = 0.6931471803691238;
const LN_2_LOW = 1.9082149292705877e-10;
/** Below this e^x counts as 0, before it is subnormal. */
const LEAST = -708;
const POWERS = Float64Array.from({ length: 1024 }, (_, i) => 2 ** -i);

/**
 * Returns e^x by additions and products alone: the same bits on every machine and in every version
 * of an engine, as `Math.exp` does not promise. `wasm/kernels.ts` has it too.
 *
 * @param x - at most 0; below −708 the result is 0
 * *Range* relative error below 4e-16.
 */
export function decay(x: number): number {
  if (!(x >= LEAST)) return 0;
  const k = x * Math.LOG2E + SHIFTER - SHIFTER;
  const r = x - k * LN_2_HIGH - k * LN_2_LOW;
  // Even and odd powers apart: two sums that do not wait for each other.
  const square = r * r;
  let even = 1 / 479001600;
  even = even * square + 1 / 3628800;
  even = even * square + 1 / 40320;
  even = even * square + 1 / 720;
  even = even * square + 1 / 24;
  even = even * square + 0.5;
  even = even * square + 1;
  let odd = 1 / 6227020800;
  odd = odd * square + 1 / 39916800;
  odd = odd * square + 1 / 362880;
  odd = odd * square + 1 / 5040;
  odd = odd * square + 1 / 120;
  odd = odd * square + 1 / 6;
  odd = odd * square + 1;
  const sum = even + odd * r;
  return sum * POWERS[-k]!;
}
