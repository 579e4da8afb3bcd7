/**
 * The standard normal distribution.
 *
 * | symbol | meaning |
 * |---|---|
 * | x | a value |
 * | p | Phi(x), the probability below x |
 * | q | p − 1/2 |
 * | t | (x − 5) / (x + 5), which maps x ≥ 0 to [−1, 1) |
 */

/**
 * Chebyshev coefficients of (1 + x) · exp(x²/2) · Phi(−x) in t, as test/oracles/normal.py derives
 * them.
 */
const SCALED_TAIL = Float64Array.of(
  0.4619742120721857,
  -0.06516520239491264,
  -0.005458781501136567,
  0.01229619904556344,
  -0.006470872915703688,
  0.0022407355224168305,
  -0.0005638623774651974,
  9.984031082925812e-5,
  -9.849514843168493e-6,
  -4.032494233045217e-7,
  2.99023962013034e-7,
  -3.032070748442814e-8,
  -4.617665713929027e-9,
  1.3298288008382692e-9,
  3.007242719019045e-11,
  -4.4299537255328156e-11,
  1.3999857147018152e-12,
  1.4718957028912571e-12,
  -9.325953119165372e-14,
  -5.294681169067695e-14,
  3.958188414414517e-15,
  2.1048214642963194e-15,
  -1.345671286136144e-16,
  -9.097614914495833e-17,
);

/** exp(x²/2) · Phi(−x) for x ≥ 0, by Clenshaw's recurrence. */
function scaledTail(x: number): number {
  const t = 1 - 10 / (x + 5);
  let b1 = 0;
  let b2 = 0;
  for (let j = SCALED_TAIL.length - 1; j > 0; j--) {
    const b0 = 2 * t * b1 - b2 + SCALED_TAIL[j]!;
    b2 = b1;
    b1 = b0;
  }
  return (t * b1 - b2 + SCALED_TAIL[0]!) / (1 + x);
}

/**
 * exp(−x²/2). The square of x to the nearest sixteenth is exact, so that no digits are lost where
 * it is large.
 */
function gaussian(x: number): number {
  const coarse = Math.round(x * 16) / 16;
  return Math.exp((-coarse * coarse) / 2) * Math.exp(((coarse - x) * (coarse + x)) / 2);
}

/**
 * Returns Phi(x), the probability that a standard normal variable is at most x.
 *
 * *Range* all doubles; relative error below 1e-14 where the result is not subnormal. NaN gives NaN.
 */
export function normalCdf(x: number): number {
  // Beyond 40 the tail is smaller than the smallest double.
  if (x < -40) return 0;
  if (x > 40) return 1;
  const tail = scaledTail(Math.abs(x)) * gaussian(x);
  return x > 0 ? 1 - tail : tail;
}

/**
 * Numerator and denominator of one of Wichura's three fits, lowest power first, rounded to doubles.
 */
interface Fit {
  readonly numerator: Float64Array;
  readonly denominator: Float64Array;
}

/** |q| ≤ 0.425, in 0.425² − q². */
const CENTRE: Fit = {
  numerator: Float64Array.of(
    3.3871328727963665,
    133.14166789178438,
    1971.5909503065513,
    13731.69376550946,
    45921.95393154987,
    67265.7709270087,
    33430.57558358813,
    2509.0809287301227,
  ),
  denominator: Float64Array.of(
    1,
    42.31333070160091,
    687.1870074920579,
    5394.196021424751,
    21213.794301586597,
    39307.89580009271,
    28729.085735721943,
    5226.495278852854,
  ),
};

/** r = sqrt(−log p) ≤ 5, in r − 1.6. */
const TAIL: Fit = {
  numerator: Float64Array.of(
    1.4234371107496835,
    4.630337846156546,
    5.769497221460691,
    3.6478483247632045,
    1.2704582524523684,
    0.2417807251774506,
    0.022723844989269184,
    0.0007745450142783414,
  ),
  denominator: Float64Array.of(
    1,
    2.053191626637759,
    1.6763848301838038,
    0.6897673349851,
    0.14810397642748008,
    0.015198666563616457,
    0.0005475938084995345,
    1.0507500716444169e-9,
  ),
};

/** r > 5, in r − 5. */
const FAR_TAIL: Fit = {
  numerator: Float64Array.of(
    6.657904643501103,
    5.463784911164114,
    1.7848265399172913,
    0.29656057182850487,
    0.026532189526576124,
    0.0012426609473880784,
    2.7115555687434876e-5,
    2.0103343992922881e-7,
  ),
  denominator: Float64Array.of(
    1,
    0.599832206555888,
    0.1369298809227358,
    0.014875361290850615,
    0.0007868691311456133,
    1.8463183175100548e-5,
    1.421511758316446e-7,
    2.0442631033899397e-15,
  ),
};

function polynomial(coefficients: Float64Array, x: number): number {
  let sum = 0;
  for (let power = coefficients.length - 1; power >= 0; power--)
    sum = sum * x + coefficients[power]!;
  return sum;
}

const ratio = ({ numerator, denominator }: Fit, x: number): number =>
  polynomial(numerator, x) / polynomial(denominator, x);

/**
 * Returns the x with Phi(x) = p.
 *
 * @param p - in (0, 1)
 * *Range* all of (0, 1), 0 and 1 give −∞ and ∞; relative error below 2e-15.
 * *Source* M. Wichura, "Algorithm AS 241: the percentage points of the normal distribution",
 * Applied Statistics 37 (1988), PPND16.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(CENTRE, 0.180625 - q * q);
  const tail = q < 0 ? p : 1 - p;
  if (tail === 0) return q < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const r = Math.sqrt(-Math.log(tail));
  const distance = r <= 5 ? ratio(TAIL, r - 1.6) : ratio(FAR_TAIL, r - 5);
  return q < 0 ? -distance : distance;
}

const HALF_STEP = 2 ** -54;

/**
 * Returns a standard normal variable as a function of a uniform one: the quantile of the middle of
 * its cell. The cells of u and 1 − 2^-53 − u give values that differ in nothing but the sign.
 *
 * @param u - a multiple of 2^-53 in [0, 1)
 * @returns finite: between −8.3 and 8.3
 */
export const normalFromUniform = (u: number): number =>
  // Above one half u + 2^-54 would need 54 bits, while its distance from 1 needs fewer.
  u < 0.5 ? normalQuantile(u + HALF_STEP) : -normalQuantile(1 - u - HALF_STEP);
