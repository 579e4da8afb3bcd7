import type { LowerTriangle, NotPositiveDefinite } from './dense.ts';
import * as dense from './dense.ts';
import { copyLower, DOUBLE, filled, scratchOf } from './scratch.ts';

/**
 * The heaviest loops as a WebAssembly module with strict SIMD, of which wasm/kernels.ts is the
 * source. Sums have the order that they have in dense.ts, so that either gives the same bits; where an
 * engine runs no WebAssembly everything works without.
 */

/** Below so many rows the copying costs more than it saves. */
const ROWS_MIN = 16;
/** Right-hand sides below which the same holds. */
const SIDES_MIN = 4;

/** `cholesky` of dense.ts. */
export function cholesky(a: Float64Array, n: number): NotPositiveDefinite | null {
  const scratch = n < ROWS_MIN ? null : scratchOf();
  if (scratch === null) return dense.cholesky(a, n);
  const size = filled(n);
  const { memory, places } = scratch.lay([size * size, size * size]);
  const [rows = 0, panels = 0] = places;
  // What is above the diagonal goes in and comes out as it is.
  memory.set(a.subarray(0, n * n), rows / DOUBLE);
  scratch.run('packLower', [rows, n, n, panels]);
  const pivot = scratch.run('factor', [panels, n]);
  if (pivot >= 0) return { kind: 'not-positive-definite', pivot };
  scratch.run('unpackLower', [panels, n, rows, n]);
  a.set(memory.subarray(rows / DOUBLE, rows / DOUBLE + n * n));
  return null;
}

/** `solveLower` of dense.ts. */
export function solveLower(triangle: LowerTriangle, b: Float64Array, count = 1): void {
  const { entries, n, stride } = triangle;
  const scratch = n < ROWS_MIN || count < SIDES_MIN ? null : scratchOf();
  if (scratch === null) {
    dense.solveLower(triangle, b, count);
    return;
  }
  const size = filled(n);
  const { memory, places } = scratch.lay([
    size * size,
    size * size,
    count * n,
    filled(count) * size,
  ]);
  const [rows = 0, panels = 0, sides = 0, sidePanels = 0] = places;
  const inside = { entries: memory, first: rows / DOUBLE, stride: n };
  copyLower({ entries, first: 0, stride }, inside, n);
  memory.set(b.subarray(0, count * n), sides / DOUBLE);
  scratch.run('packLower', [rows, n, n, panels]);
  scratch.run('solveMany', [panels, n, sides, count, sidePanels]);
  b.set(memory.subarray(sides / DOUBLE, sides / DOUBLE + count * n));
}

/** Points of a Matérn process of smoothness 5/2, and what is known of them. */
export interface MaternData {
  /** Points with each coordinate divided by its length scale: [n, d]. */
  readonly scaled: Float64Array;
  /** [n] */
  readonly y: Float64Array;
  readonly n: number;
  readonly d: number;
  readonly signal: number;
  /** Added to the diagonal. */
  readonly noise: number;
}

/** What the likelihood of a process and its gradient are made of; symbols as in Rasmussen and Williams. */
export interface MaternParts {
  /** yᵀ K⁻¹ y. */
  readonly fit: number;
  /** log det K. */
  readonly logDeterminant: number;
  /** Of the log likelihood, by the logarithm of each coordinate's length scale: [d]. */
  readonly byCoordinate: Float64Array;
  /** By the logarithm of the signal. */
  readonly bySignal: number;
  /** By the noise. */
  readonly byNoise: number;
}

/**
 * Returns the parts of the logarithm of the marginal likelihood and of its gradient, or why there is
 * no factor; undefined where the kernels do not run.
 *
 * *Cost* n³ + O(n² d).
 */
export function maternLikelihood(data: MaternData): MaternParts | NotPositiveDefinite | undefined {
  const { n, d, y, signal } = data;
  const scratch = scratchOf();
  if (scratch === null) return undefined;
  const size = filled(n);
  const square = size * size;
  const width = Math.ceil(d / 2) * 2;
  const { memory, places } = scratch.lay([
    n * width,
    d * size,
    square,
    square,
    square,
    square,
    square,
    size,
    width + 2,
  ]);
  const [
    points = 0,
    columns = 0,
    values = 0,
    slopes = 0,
    panels = 0,
    room = 0,
    inverse = 0,
    alpha = 0,
    out = 0,
  ] = places;
  writePoints(memory, data, { points, columns });
  scratch.run('maternAll', [points, width, columns, d, n, signal, values, slopes]);
  scratch.run('packLower', [values, n, size, panels]);
  raiseDiagonal(memory, panels, data);
  const pivot = scratch.run('factor', [panels, n]);
  if (pivot >= 0) return { kind: 'not-positive-definite', pivot };
  const solution = memory.subarray(alpha / DOUBLE, alpha / DOUBLE + size);
  solution.fill(0);
  solution.set(y);
  scratch.run('solveOne', [panels, n, alpha]);
  let fit = 0;
  for (let i = 0; i < n; i++) fit += solution[i]! * solution[i]!;
  let logDeterminant = 0;
  for (let i = 0; i < n; i++) logDeterminant += Math.log(memory[diagonalAt(panels, n, i)]!);
  scratch.run('solveOneUpper', [panels, n, alpha]);
  scratch.run('invert', [panels, n, room, inverse]);
  scratch.run('weigh', [points, width, n, signal, values, slopes, inverse, alpha, out]);
  const [bySignal = 0, byNoise = 0] = memory.subarray(out / DOUBLE + width);
  return {
    fit,
    logDeterminant: 2 * logDeterminant,
    byCoordinate: memory.slice(out / DOUBLE, out / DOUBLE + d),
    bySignal: bySignal + byNoise * signal,
    byNoise,
  };
}

/**
 * Returns the Cholesky factor of K, [n, n] row by row, or why there is none; undefined where the
 * kernels do not run.
 *
 * *Cost* n³ / 3 + O(n² d).
 */
export function maternFactor(
  data: Omit<MaternData, 'y'>,
): Float64Array | NotPositiveDefinite | undefined {
  const { n, d, signal } = data;
  const scratch = scratchOf();
  if (scratch === null) return undefined;
  const size = filled(n);
  const width = Math.ceil(d / 2) * 2;
  const { memory, places } = scratch.lay([n * width, d * size, size * size, size * size]);
  const [points = 0, columns = 0, values = 0, panels = 0] = places;
  writePoints(memory, data, { points, columns });
  scratch.run('maternAll', [points, width, columns, d, n, signal, values, 0]);
  scratch.run('packLower', [values, n, size, panels]);
  raiseDiagonal(memory, panels, data);
  const pivot = scratch.run('factor', [panels, n]);
  if (pivot >= 0) return { kind: 'not-positive-definite', pivot };
  scratch.run('unpackLower', [panels, n, values, size]);
  const entries = new Float64Array(n * n);
  copyLower(
    { entries: memory, first: values / DOUBLE, stride: size },
    { entries, first: 0, stride: n },
    n,
  );
  return entries;
}

/** Where an entry of the diagonal lies in panels. */
const diagonalAt = (panels: number, n: number, i: number): number =>
  panels / DOUBLE + (i - (i % 4)) * filled(n) + 4 * i + (i % 4);

function raiseDiagonal(
  memory: Float64Array,
  panels: number,
  { n, noise }: { readonly n: number; readonly noise: number },
): void {
  for (let i = 0; i < n; i++) memory[diagonalAt(panels, n, i)]! += noise;
}

/** Writes points row by row, filled up with 0 to an even number of coordinates, and in columns. */
function writePoints(
  memory: Float64Array,
  { scaled, n, d }: Omit<MaternData, 'y'>,
  places: { readonly points: number; readonly columns: number },
): void {
  const width = Math.ceil(d / 2) * 2;
  const size = filled(n);
  const points = places.points / DOUBLE;
  const columns = places.columns / DOUBLE;
  for (let i = 0; i < n; i++) {
    if (width > d) memory[points + i * width + d] = 0;
    for (let c = 0; c < d; c++) {
      const one = scaled[i * d + c]!;
      memory[points + i * width + c] = one;
      memory[columns + c * size + i] = one;
    }
  }
}
