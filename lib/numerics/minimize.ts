/**
 * Minimisation of a smooth function of many variables between bounds.
 *
 * | symbol | meaning |
 * |---|---|
 * | x | the variables, between lower and upper |
 * | g | the gradient |
 * | s, y | differences of successive x and g |
 * | rho | 1 / (sᵀ y) |
 * | free | not held at a bound by the gradient |
 */

/** What is minimised, and for how long. */
export interface Minimization extends Descent {
  /** The most iterations. */
  readonly iterations: number;
}

/** What is minimised. */
export interface Descent {
  /** Where it starts; brought between the bounds first. */
  readonly start: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Returns the value at x and writes the gradient; what is not finite counts as too far. */
  readonly evaluate: (x: Float64Array, gradient: Float64Array) => number;
  /** The most evaluations. */
  readonly evaluations: number;
  /** It ends where no free entry of the gradient is larger, or the relative decrease is below a hundredth of it. */
  readonly tolerance: number;
}

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  /** The largest free entry of the gradient, without its sign. */
  readonly gradientNorm: number;
  readonly evaluations: number;
  /** Why it ended; `start`: where it starts is too far already. */
  readonly reason: 'gradient' | 'decrease' | 'iterations' | 'evaluations' | 'line-search' | 'start';
}

/** Pairs of differences that are kept. */
const MEMORY = 10;
/** Share of the decrease that the gradient promises which a step must give (Armijo's rule). */
const SUFFICIENT = 1e-4;
/** Shares by which a step that is too long is cut: at least, at most. */
const CUT = { most: 0.1, least: 0.5 } as const;
const CUTS = 30;
/** What the relative decrease is compared with, in tolerances: it goes with the square of the distance that is left. */
const DECREASE_TOLERANCES = 1e-2;

/**
 * Returns a local minimum. Variables at a bound whose gradient points out of it stay there; the
 * others follow the quasi-Newton direction, projected back between the bounds. Deterministic; never
 * worse than where it starts.
 *
 * *Source* J. Nocedal, S. Wright, "Numerical optimization", 2nd edition, algorithms 7.4 and 7.5;
 * projected line search as in D. Bertsekas, "Projected Newton methods", SIAM J. Control 20 (1982).
 */
export const minimizeBounded = ({ iterations, ...descent }: Minimization): Minimum =>
  createDescent(descent)(iterations);

/**
 * Returns the same in parts: a function that goes on until so many iterations have been made in all, and returns what it has
 * reached. In how many parts makes no difference.
 */
export function createDescent({
  start,
  lower,
  upper,
  evaluate,
  evaluations,
  tolerance,
}: Descent): (iterations: number) => Minimum {
  const n = start.length;
  const project = (x: Float64Array): void => {
    for (let i = 0; i < n; i++) x[i] = Math.min(Math.max(x[i]!, lower[i]!), upper[i]!);
  };
  let x = start.slice();
  project(x);
  let gradient = new Float64Array(n);
  let value = evaluate(x, gradient);
  let spent = 1;
  let gradientNorm = Number.NaN;
  const end = (reason: Minimum['reason']): Minimum => ({
    x: x.slice(),
    value,
    gradientNorm,
    evaluations: spent,
    reason,
  });
  if (!isUsable(value, gradient)) return () => end('start');

  const pairs: Pair[] = [];
  const isFree = new Uint8Array(n);
  const direction = new Float64Array(n);
  let next = new Float64Array(n);
  let nextGradient = new Float64Array(n);
  let reason: Minimum['reason'] = 'iterations';
  let iteration = 0;

  return (iterations) => {
    for (; ; iteration++) {
      gradientNorm = 0;
      for (let i = 0; i < n; i++) {
        const g = gradient[i]!;
        isFree[i] = (g > 0 && x[i]! <= lower[i]!) || (g < 0 && x[i]! >= upper[i]!) ? 0 : 1;
        if (isFree[i] === 1) gradientNorm = Math.max(gradientNorm, Math.abs(g));
      }
      if (gradientNorm <= tolerance) return end('gradient');
      if (reason !== 'iterations') return end(reason);
      if (iteration >= iterations) return end('iterations');

      setDirection(direction, { gradient, isFree, pairs });
      for (let i = 0; i < n; i++) {
        const d = direction[i]!;
        if ((d < 0 && x[i]! <= lower[i]!) || (d > 0 && x[i]! >= upper[i]!)) direction[i] = 0;
      }
      if (!(product(gradient, direction) < 0)) {
        // The curvature that was gathered does not fit here: begin anew along the gradient.
        pairs.length = 0;
        setDirection(direction, { gradient, isFree, pairs });
      }
      let step = pairs.length === 0 ? Math.min(1, 1 / gradientNorm) : 1;
      let nextValue = Number.NaN;
      let isBetter = false;
      for (let cut = 0; cut < CUTS && !isBetter; cut++) {
        if (spent >= evaluations) return end('evaluations');
        for (let i = 0; i < n; i++) next[i] = x[i]! + step * direction[i]!;
        project(next);
        let promised = 0;
        for (let i = 0; i < n; i++) promised += gradient[i]! * (next[i]! - x[i]!);
        nextValue = evaluate(next, nextGradient);
        spent += 1;
        const canUse = isUsable(nextValue, nextGradient);
        isBetter = canUse && nextValue < value && nextValue <= value + SUFFICIENT * promised;
        // Where the parabola through the values and the slope is least.
        const least = -promised / (2 * (nextValue - value - promised));
        step *= canUse && least > CUT.most ? Math.min(least, CUT.least) : CUT.most;
      }
      if (!isBetter) {
        if (pairs.length === 0) return end('line-search');
        pairs.length = 0;
        continue;
      }
      remember(pairs, { x, gradient, next, nextGradient });
      const decrease = value - nextValue;
      [x, next] = [next, x];
      [gradient, nextGradient] = [nextGradient, gradient];
      value = nextValue;
      const little = tolerance * DECREASE_TOLERANCES * Math.max(1, Math.abs(value));
      if (decrease <= little) reason = 'decrease';
    }
  };
}

/** Whether a value and its gradient can be worked with. */
const isUsable = (value: number, gradient: Float64Array): boolean =>
  Number.isFinite(value) && gradient.every(Number.isFinite);

interface Pair {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly rho: number;
}

/** Keeps the differences between two points where the function curves upwards between them. */
function remember(
  pairs: Pair[],
  moved: {
    readonly x: Float64Array;
    readonly gradient: Float64Array;
    readonly next: Float64Array;
    readonly nextGradient: Float64Array;
  },
): void {
  const s = moved.next.map((one, i) => one - moved.x[i]!);
  const y = moved.nextGradient.map((one, i) => one - moved.gradient[i]!);
  const pair = createPair(s, y);
  if (pair === null) return;
  pairs.push(pair);
  if (pairs.length > MEMORY) pairs.shift();
}

/** Less curvature than this is rounding. */
const CURVATURE_MIN = 1e-12;

function createPair(s: Float64Array, y: Float64Array): Pair | null {
  const sy = product(s, y);
  return sy > CURVATURE_MIN * product(y, y) ? { s, y, rho: 1 / sy } : null;
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** The two-loop recursion, over the free variables; others do not move. */
function setDirection(
  direction: Float64Array,
  {
    gradient,
    isFree,
    pairs,
  }: {
    readonly gradient: Float64Array;
    readonly isFree: Uint8Array;
    readonly pairs: readonly Pair[];
  },
): void {
  const n = direction.length;
  const hold = (vector: Float64Array): Float64Array =>
    vector.map((one, i) => (isFree[i] === 1 ? one : 0));
  for (let i = 0; i < n; i++) direction[i] = isFree[i] === 1 ? -gradient[i]! : -0;
  const held = isFree.includes(0)
    ? pairs.flatMap(({ s, y }) => createPair(hold(s), hold(y)) ?? [])
    : pairs;
  const alphas = new Float64Array(held.length);
  for (let k = held.length - 1; k >= 0; k--) {
    const { s, y, rho } = held[k]!;
    const alpha = rho * product(s, direction);
    alphas[k] = alpha;
    for (let i = 0; i < n; i++) direction[i]! -= alpha * y[i]!;
  }
  const latest = held.at(-1);
  if (latest !== undefined) {
    const scale = 1 / (latest.rho * product(latest.y, latest.y));
    for (let i = 0; i < n; i++) direction[i]! *= scale;
  }
  for (let k = 0; k < held.length; k++) {
    const { s, y, rho } = held[k]!;
    const beta = rho * product(y, direction);
    for (let i = 0; i < n; i++) direction[i]! += s[i]! * (alphas[k]! - beta);
  }
}
