import type { MatrixOption } from '../domain/hptuning.ts';
import { roundTiesToEven } from '../numerics/doubles.ts';

/** Up to this many steps from zero, neighbouring multiples of a number are different doubles. */
export const MULTIPLES_MAX = 2 ** 51;

/** Powers of ten up to this one are exact doubles. */
const EXACT_POWER_MAX = 22;

/** A double as the shortest decimal that names it: coefficient · 10^exponent. */
interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

function toDecimal(x: number): Decimal {
  const [mantissa = '', exponent = ''] = x.toExponential().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return { coefficient: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

/**
 * The largest integer that is at most a / b, for b > 0, both taken as the decimals that name them.
 */
function floorQuotient(a: Decimal, b: Decimal): bigint {
  const exponent = Math.min(a.exponent, b.exponent);
  const dividend = a.coefficient * 10n ** BigInt(a.exponent - exponent);
  const divisor = b.coefficient * 10n ** BigInt(b.exponent - exponent);
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}

/** Bounds, both of which can be reached, and the step. */
export interface Steps {
  readonly low: number;
  readonly high: number;
  readonly q: number;
}

export type QuantisedOption = Extract<MatrixOption, { readonly low: number; readonly q: number }>;

/** Returns the bounds of the values that a quantised option with bounds gives, and their step. */
export const quantisedBounds = ({ kind, low, high, q }: QuantisedOption): Steps =>
  kind === 'quniform' ? { low, high, q } : { low: Math.exp(low), high: Math.exp(high), q };

/**
 * The first and the last k with low ≤ k·q ≤ high; there is none where the first is above the last.
 */
export interface Multiples {
  readonly first: number;
  readonly last: number;
}

/**
 * Returns which multiples of q lie inside the bounds. The three numbers are taken as the decimals
 * that were written: 0.3 is a multiple of 0.1, though 3 * 0.1 is not the double 0.3.
 *
 * *Range* exact up to 2^53.
 */
export function multiplesInside({ low, high, q }: Steps): Multiples {
  const step = toDecimal(q);
  return {
    first: Number(-floorQuotient(toDecimal(-low), step)) + 0,
    last: Number(floorQuotient(toDecimal(high), step)),
  };
}

/**
 * Returns a function from k to the double nearest to k times the decimal that was written as q:
 * with q = 0.1, three of them are 0.3 and not 0.30000000000000004.
 */
export function createMultipleOf(q: number): (k: number) => number {
  const { coefficient, exponent } = toDecimal(q);
  const factor = Number(coefficient);
  const power = Number(`1e${Math.abs(exponent)}`);
  const isExactPower = Math.abs(exponent) <= EXACT_POWER_MAX;
  return (k) => {
    const product = k * factor;
    // Both operands are exact, so that the division or multiplication rounds once and correctly.
    if (isExactPower && Number.isSafeInteger(product)) {
      return (exponent < 0 ? product / power : product * power) + 0;
    }
    return Number(`${BigInt(k) * coefficient}e${exponent}`);
  };
}

/**
 * Returns a function from x to the multiple of q that is nearest to it, ties to the even one, and
 * lies inside the bounds. Multiples that doubles cannot tell apart (beyond 2^51 of them) are not
 * looked for: such an x is its own multiple.
 */
export function createQuantise(steps: Steps): (x: number) => number {
  const { first, last } = multiplesInside(steps);
  const multipleOf = createMultipleOf(steps.q);
  return (x) => {
    const ratio = x / steps.q;
    if (Math.abs(ratio) > MULTIPLES_MAX) return x;
    return multipleOf(Math.min(Math.max(roundTiesToEven(ratio), first), last));
  };
}
