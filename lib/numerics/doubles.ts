const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);

/**
 * Returns the largest double below `x`.
 *
 * @param x - any finite double but the most negative one
 */
export function previousDouble(x: number): number {
  // Zero has two sets of bits and the step below it changes the sign.
  if (x === 0) return -Number.MIN_VALUE;
  double[0] = x;
  bits[0] = bits[0]! + (x > 0 ? -1n : 1n);
  return double[0];
}

/** Returns the double nearest to `x` that is no infinity. */
export const nearestFinite = (x: number): number =>
  Math.min(Math.max(x, -Number.MAX_VALUE), Number.MAX_VALUE);

/** Rounds to the nearest integer, ties to the even one. Never −0. */
export function roundTiesToEven(x: number): number {
  const up = Math.round(x);
  const rounded = up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
  return rounded + 0;
}
