/**
 * Fractions of integers without a sign, for results that must not depend on how doubles round.
 *
 * | symbol | meaning |
 * |---|---|
 * | top, bottom | numerator and denominator, not necessarily in lowest terms |
 */
export interface Rational {
  /** From 0. */
  readonly top: bigint;
  /** From 1. */
  readonly bottom: bigint;
}

export const ONE: Rational = { top: 1n, bottom: 1n };

/** More than the 54 bits that decide how a quotient rounds. */
const QUOTIENT_BITS = 64;

/**
 * Returns the decimal that was written where a double was read: 2.9 is 29/10, though the double
 * nearest to it is not.
 *
 * @param x - finite, from 0
 */
export function toRational(x: number): Rational {
  const [mantissa = '', power = ''] = x.toExponential().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const exponent = Number(power) - fraction.length;
  const scale = 10n ** BigInt(Math.abs(exponent));
  const digits = BigInt(whole + fraction);
  return exponent < 0 ? { top: digits, bottom: scale } : { top: digits * scale, bottom: 1n };
}

export const multiply = (a: Rational, b: Rational): Rational => ({
  top: a.top * b.top,
  bottom: a.bottom * b.bottom,
});

/** Returns a / b, for b > 0. */
export const divide = (a: Rational, b: Rational): Rational => ({
  top: a.top * b.bottom,
  bottom: a.bottom * b.top,
});

/** Returns the largest integer that is not above. */
export const floor = ({ top, bottom }: Rational): bigint => top / bottom;

/** Returns the smallest integer that is not below. */
export const ceil = ({ top, bottom }: Rational): bigint => (top + bottom - 1n) / bottom;

/** Returns the nearest integer, the upper one of two. */
export const roundHalfUp = ({ top, bottom }: Rational): bigint =>
  (2n * top + bottom) / (2n * bottom);

/**
 * Returns the nearest double, of two the one whose last bit is 0.
 *
 * *Range* 0, and results from 2^-900 to 2^900.
 */
export function toDouble({ top, bottom }: Rational): number {
  const shift = QUOTIENT_BITS - (bitLength(top) - bitLength(bottom));
  const dividend = shift > 0 ? top << BigInt(shift) : top;
  const divisor = shift < 0 ? bottom << BigInt(-shift) : bottom;
  const quotient = dividend / divisor;
  // A remainder decides only where the quotient alone would be a tie, for which its last bit does.
  const isExact = dividend % divisor === 0n;
  return Number(isExact ? quotient : quotient | 1n) * 2 ** -shift;
}

/** The number of bits, up to three too many. */
const bitLength = (x: bigint): number => 4 * x.toString(16).length;
