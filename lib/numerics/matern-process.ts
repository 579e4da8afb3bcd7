import type { LowerTriangle } from './dense.ts';
import type { Kept, Scratch } from './scratch.ts';
import { copyLower, DOUBLE, filled, scratchOf } from './scratch.ts';

/**
 * What a Matérn process of smoothness 5/2 predicts, by the kernels. The process stays in their memory until another one is asked,
 * so that a prediction copies nothing but points in and numbers out.
 */

/** A process given observations; it must not change. Symbols as in `lib/optimizers/bayes/gaussian-process.ts`. */
export interface MaternProcess {
  /** The factor of K. */
  readonly triangle: LowerTriangle;
  /** Points with each coordinate divided by its length scale: [≥ n, d]. */
  readonly scaled: Float64Array;
  /** K⁻¹ y: [n]. */
  readonly alpha: Float64Array;
  /** 1 over the length scale of each coordinate: [d]. */
  readonly inverseScales: Float64Array;
  readonly signal: number;
}

/**
 * Writes the mean at each point and what is explained of the variance there, [count, 2]; returns
 * false where the kernels do not run.
 *
 * @param points - coordinates divided by length scales, [count, d]
 * *Cost* count·n² operations.
 */
export function maternPredict(
  process: MaternProcess,
  points: Float64Array,
  out: Float64Array,
): boolean {
  const scratch = scratchOf();
  if (scratch === null) return false;
  const { n, d, places } = held(scratch, process);
  const [triangle = 0, columns = 0, alpha = 0] = places;
  const size = filled(n);
  const count = out.length / 2;
  const laid = scratch.lay([points.length, size + PANELS * 4 * size, out.length]);
  const [at = 0, room = 0, to = 0] = laid.places;
  laid.memory.set(points, at / DOUBLE);
  const { signal } = process;
  scratch.run('predict', [triangle, n, columns, d, signal, alpha, at, count, room, to]);
  out.set(laid.memory.subarray(to / DOUBLE, to / DOUBLE + out.length));
  return true;
}

/** As many as the kernel works on together. */
const PANELS = 8;

/**
 * Writes the mean and the standard deviation at a point, then by each coordinate how they change,
 * [d + 1, 2]; for the standard deviation 0 where that is 0. Returns false where the kernels do not run.
 *
 * @param point - coordinates divided by length scales, [d]
 * *Cost* 2·n² operations.
 */
export function maternSlopes(
  process: MaternProcess,
  point: Float64Array,
  out: Float64Array,
): boolean {
  const scratch = scratchOf();
  if (scratch === null) return false;
  const { n, d, places } = held(scratch, process);
  const [triangle = 0, columns = 0, alpha = 0, scales = 0] = places;
  const laid = scratch.lay([d, 5 * filled(n), out.length]);
  const [at = 0, room = 0, to = 0] = laid.places;
  laid.memory.set(point, at / DOUBLE);
  const { signal } = process;
  scratch.run('predictSlopes', [triangle, n, columns, d, signal, alpha, at, scales, room, to]);
  out.set(laid.memory.subarray(to / DOUBLE, to / DOUBLE + out.length));
  return true;
}

/** Where the process lies, once it is there: its triangle in panels, its points in columns, alpha and the scales. */
function held(
  scratch: Scratch,
  process: MaternProcess,
): Kept & { readonly n: number; readonly d: number } {
  const { n, entries, stride } = process.triangle;
  const d = process.inverseScales.length;
  const size = filled(n);
  const kept = scratch.keep(process, [size * size, d * size, size, d]);
  if (kept.isNew) {
    const [triangle = 0, columns = 0, alpha = 0, scales = 0] = kept.places;
    const laid = scratch.lay([size * size]);
    const [rows = 0] = laid.places;
    const { memory } = laid;
    copyLower(
      { entries, first: 0, stride },
      { entries: memory, first: rows / DOUBLE, stride: n },
      n,
    );
    scratch.run('packLower', [rows, n, n, triangle]);
    for (let i = 0; i < n; i++) {
      for (let c = 0; c < d; c++) {
        memory[columns / DOUBLE + c * size + i] = process.scaled[i * d + c]!;
      }
    }
    memory.set(process.alpha, alpha / DOUBLE);
    memory.set(process.inverseScales, scales / DOUBLE);
  }
  return { ...kept, n, d };
}
