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

/**
 * Chebyshev coefficients of (1 + x)² · (1 − x Phi(−x) / phi(x)) in t, as test/oracles/normal.py
 * derives them.
 */
const SHORTFALL = Float64Array.of(
  1.1786939013866438,
  -0.10125727962799318,
  -0.14865546208521888,
  0.09816848778580152,
  -0.03171798898152607,
  0.004118380306630206,
  0.0013840174983079264,
  -0.0009838340353495313,
  0.0002948950492045316,
  -4.709260195140171e-5,
  8.590029272920808e-7,
  1.3554619080433912e-6,
  -2.3147555595831767e-7,
  -1.7075440607920013e-8,
  9.949362873866235e-9,
  -2.4106464654592276e-10,
  -3.5666175303257516e-10,
  2.8945226947362402e-11,
  1.3016100717797053e-11,
  -1.5524538138949635e-12,
  -5.220930630315194e-13,
  6.950184611901334e-14,
  2.345944460700038e-14,
  -2.771885973444679e-15,
  -1.1544282194411682e-15,
  9.116045274446133e-17,
  5.955159763084838e-17,
);

/** c_0 + c_1 T_1(t) + c_2 T_2(t) + … by Clenshaw's recurrence. */
function chebyshevSum(coefficients: Float64Array, t: number): number {
  let b1 = 0;
  let b2 = 0;
  for (let j = coefficients.length - 1; j > 0; j--) {
    const b0 = 2 * t * b1 - b2 + coefficients[j]!;
    b2 = b1;
    b1 = b0;
  }
  return t * b1 - b2 + coefficients[0]!;
}

/** (1 + x) · exp(x²/2) · Phi(−x) for x ≥ 0: between 0.39 and 0.51. */
const scaledTail = (x: number): number => chebyshevSum(SCALED_TAIL, 1 - 10 / (x + 5));

/** (1 + x)² · (1 − x Phi(−x) / phi(x)) for x ≥ 0: between 1 and 1.42. */
const shortfall = (x: number): number => chebyshevSum(SHORTFALL, 1 - 10 / (x + 5));

/** Beyond this exp(−x²/2) is 0. */
const X_MAX = 40;

/**
 * exp(−x²/2). The square of x to the nearest sixteenth is exact, so that no digits are lost where
 * it is large.
 */
function gaussian(x: number): number {
  if (Math.abs(x) > X_MAX) return 0;
  const coarse = Math.round(x * 16) / 16;
  return Math.exp((-coarse * coarse) / 2) * Math.exp(((coarse - x) * (coarse + x)) / 2);
}

/**
 * Returns Phi(x), the probability that a standard normal variable is at most x.
 *
 * *Range* all doubles; relative error below 1e-14 where the result is not subnormal. NaN gives NaN.
 */
export function normalCdf(x: number): number {
  const distance = Math.abs(x);
  const tail = (scaledTail(distance) / (1 + distance)) * gaussian(x);
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

const SQRT_TWO_PI = 2.5066282746310002;
const HALF_LOG_TWO_PI = 0.9189385332046728;

/** phi(x) */
const density = (x: number): number => gaussian(x) / SQRT_TWO_PI;

/**
 * Returns log phi(x), the logarithm of the standard normal density.
 *
 * *Range* relative error below 1e-15; −∞ beyond 1.8e154.
 */
export const normalLogDensity = (x: number): number =>
  // Half of x first: the product overflows only where the result does.
  -x * (x / 2) - HALF_LOG_TWO_PI;

/**
 * Returns log Phi(x).
 *
 * *Range* all doubles; relative error below 1e-15 where the result is not subnormal.
 */
export function normalLogCdf(x: number): number {
  if (x > 0) return Math.log1p(-normalCdf(-x));
  return Math.log(scaledTail(-x) / (1 - x)) - x * (x / 2);
}

/**
 * Returns the derivative of log Phi: phi(x) / Phi(x), the inverse of Mills' ratio of the lower tail.
 *
 * *Range* all doubles; relative error below 1e-15 where the result is not subnormal.
 */
export function normalLogCdfSlope(x: number): number {
  if (x > 0) return density(x) / normalCdf(x);
  return (1 - x) / (SQRT_TWO_PI * scaledTail(-x));
}

/** phi(x) + x Phi(x) */
const expectedImprovement = (x: number): number => density(x) + x * normalCdf(x);

/**
 * Returns log(phi(x) + x Phi(x)), the logarithm of the expected improvement in units of the standard
 * deviation. Below 0 the two terms cancel ever more of their digits: there phi(x) is taken out of
 * the sum, and what is left is a Chebyshev polynomial.
 *
 * *Range* all doubles; relative error below 1e-15, absolute where the result is below 1 in size.
 * *Source* S. Ament et al., "Unexpected improvements to expected improvement for Bayesian
 * optimization", NeurIPS 2023, equation 9, whose three regimes this makes two.
 */
export function logExpectedImprovement(x: number): number {
  if (x > 0) return Math.log(expectedImprovement(x));
  return Math.log(shortfall(-x)) - 2 * Math.log(1 - x) + normalLogDensity(x);
}

/**
 * Returns the derivative of `logExpectedImprovement`: Phi(x) / (phi(x) + x Phi(x)).
 *
 * *Range* all doubles; relative error below 2e-15.
 */
export function logExpectedImprovementSlope(x: number): number {
  if (x > 0) return normalCdf(x) / expectedImprovement(x);
  return (SQRT_TWO_PI * scaledTail(-x) * (1 - x)) / shortfall(-x);
}
