/**
 * Dense linear algebra of symmetric positive definite matrices.
 *
 * | symbol | meaning |
 * |---|---|
 * | A | a symmetric positive definite matrix, [n, n] row by row |
 * | L | its Cholesky factor, lower triangular, A = L·Lᵀ |
 * | U | L⁻ᵀ, upper triangular: its row j is column j of L⁻¹ |
 *
 * Everything is a sum of products of two rows, which lie one after the other in memory. Sums of a
 * tile of 4 rows by 2 rows run side by side, each in the order of its columns, so that a result
 * does not depend on where the tiles lie.
 */

/** The matrix has no factor, as far as doubles can tell: the row at which that showed, 0-based. */
export interface NotPositiveDefinite {
  readonly kind: 'not-positive-definite';
  readonly pivot: number;
}

/** L, in the first n rows of a matrix that may have room for more. */
export interface LowerTriangle {
  /** [≥ n, stride], row by row; what is above the diagonal is never read. */
  readonly entries: Float64Array;
  readonly n: number;
  /** From one row to the next. */
  readonly stride: number;
}

/** Rounding of a sum of n products is at most about n times this. */
const ROUNDING = Number.EPSILON;

const TILE_ROWS = 4;
const TILE_COLUMNS = 2;
const MIRRORED = 16;

/** Some rows of a matrix: `count` of them from row `first` on. */
interface Rows {
  readonly matrix: Float64Array;
  readonly stride: number;
  first: number;
  count: number;
}

/** Two groups of rows, and the sums of their products: that of rows i and j at tile[2·i + j]. */
interface Tile {
  readonly tile: Float64Array;
  readonly left: Rows;
  readonly right: Rows;
}

const createTile = (
  left: { readonly matrix: Float64Array; readonly stride: number },
  right: { readonly matrix: Float64Array; readonly stride: number },
): Tile => ({
  tile: new Float64Array(TILE_ROWS * TILE_COLUMNS),
  left: { ...left, first: 0, count: 0 },
  right: { ...right, first: 0, count: 0 },
});

/** Sums the products of up to 4 rows by up to 2 over the columns in [from, to). */
function sumProducts(tile: Tile, from: number, to: number): void {
  if (tile.left.count < TILE_ROWS) sumOneByOne(tile, from, to);
  else if (tile.right.count < TILE_COLUMNS) sumColumn(tile, from, to);
  else sumTile(tile, from, to);
}

function sumTile({ tile, left, right }: Tile, from: number, to: number): void {
  const a = left.matrix;
  const b = right.matrix;
  let s00 = 0;
  let s01 = 0;
  let s10 = 0;
  let s11 = 0;
  let s20 = 0;
  let s21 = 0;
  let s30 = 0;
  let s31 = 0;
  const a0 = left.first * left.stride;
  const a1 = a0 + left.stride;
  const a2 = a1 + left.stride;
  const a3 = a2 + left.stride;
  const b0 = right.first * right.stride;
  const b1 = b0 + right.stride;
  for (let k = from; k < to; k++) {
    const y0 = b[b0 + k]!;
    const y1 = b[b1 + k]!;
    const x0 = a[a0 + k]!;
    s00 += x0 * y0;
    s01 += x0 * y1;
    const x1 = a[a1 + k]!;
    s10 += x1 * y0;
    s11 += x1 * y1;
    const x2 = a[a2 + k]!;
    s20 += x2 * y0;
    s21 += x2 * y1;
    const x3 = a[a3 + k]!;
    s30 += x3 * y0;
    s31 += x3 * y1;
  }
  tile[0] = s00;
  tile[1] = s01;
  tile[2] = s10;
  tile[3] = s11;
  tile[4] = s20;
  tile[5] = s21;
  tile[6] = s30;
  tile[7] = s31;
}

function sumColumn({ tile, left, right }: Tile, from: number, to: number): void {
  const a = left.matrix;
  const b = right.matrix;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const a0 = left.first * left.stride;
  const a1 = a0 + left.stride;
  const a2 = a1 + left.stride;
  const a3 = a2 + left.stride;
  const b0 = right.first * right.stride;
  for (let k = from; k < to; k++) {
    const y = b[b0 + k]!;
    s0 += a[a0 + k]! * y;
    s1 += a[a1 + k]! * y;
    s2 += a[a2 + k]! * y;
    s3 += a[a3 + k]! * y;
  }
  tile[0] = s0;
  tile[2] = s1;
  tile[4] = s2;
  tile[6] = s3;
}

function sumOneByOne({ tile, left, right }: Tile, from: number, to: number): void {
  for (let i = 0; i < left.count; i++) {
    const a = (left.first + i) * left.stride;
    for (let j = 0; j < right.count; j++) {
      const b = (right.first + j) * right.stride;
      let sum = 0;
      for (let k = from; k < to; k++) sum += left.matrix[a + k]! * right.matrix[b + k]!;
      tile[TILE_COLUMNS * i + j] = sum;
    }
  }
}

/** Moves the tile to rows from `first` on, of which the last is before `end`. */
function moveTo(rows: Rows, first: number, end: number, most: number): void {
  rows.first = first;
  rows.count = Math.min(most, end - first);
}

/**
 * Replaces the lower triangle of A by L; what is above the diagonal is neither read nor written.
 *
 * @param a - shape [n, n]; after a failure its lower triangle means nothing
 * @returns null, or the failure: a pivot that rounding alone could have made
 * *Cost* n³/3 operations.
 */
export function cholesky(a: Float64Array, n: number): NotPositiveDefinite | null {
  const rows = { matrix: a, stride: n };
  const tile = createTile(rows, rows);
  for (let first = 0; first < n; first += TILE_ROWS) {
    moveTo(tile.left, first, n, TILE_ROWS);
    const end = first + tile.left.count;
    for (let column = 0; column < end; column += TILE_COLUMNS) {
      moveTo(tile.right, column, end, TILE_COLUMNS);
      sumProducts(tile, 0, column);
      for (let i = Math.max(first, column); i < end; i++) {
        for (let j = column; j < column + tile.right.count && j <= i; j++) {
          let sum = tile.tile[TILE_COLUMNS * (i - first) + j - column]!;
          for (let k = column; k < j; k++) sum += a[i * n + k]! * a[j * n + k]!;
          const entry = a[i * n + j]!;
          if (i > j) a[i * n + j] = (entry - sum) / a[j * n + j]!;
          else if (entry - sum > n * ROUNDING * entry) a[i * n + i] = Math.sqrt(entry - sum);
          else return { kind: 'not-positive-definite', pivot: i };
        }
      }
    }
  }
  return null;
}

/**
 * Adds a row and a column to A: turns row n of its triangle, which holds the new row of A up to the
 * diagonal, into that of L, to the last bit what `cholesky` makes of the larger matrix.
 *
 * @param triangle - with room for a row n
 * @param least - above 0: what the square of the new diagonal entry is raised to where it is less;
 * that adds the difference to the diagonal of A
 * *Cost* n² operations.
 */
export function appendRow({ entries, n, stride }: LowerTriangle, least: number): void {
  const row = entries.subarray(n * stride, n * stride + n + 1);
  solveLower({ entries, n, stride }, row);
  let sum = 0;
  for (let k = 0; k < n; k++) sum += row[k]! * row[k]!;
  row[n] = Math.sqrt(Math.max(row[n]! - sum, least));
}

/**
 * Replaces each b by the x with L·x = b.
 *
 * @param b - shape [count, n] row by row; of a longer vector the first n entries
 * *Cost* count·n² operations.
 */
export function solveLower(
  { entries, n, stride }: LowerTriangle,
  b: Float64Array,
  count = 1,
): void {
  const tile = createTile({ matrix: entries, stride }, { matrix: b, stride: n });
  for (let side = 0; side < count; side += TILE_COLUMNS) {
    moveTo(tile.right, side, count, TILE_COLUMNS);
    for (let first = 0; first < n; first += TILE_ROWS) {
      moveTo(tile.left, first, n, TILE_ROWS);
      sumProducts(tile, 0, first);
      for (let j = 0; j < tile.right.count; j++) {
        const x = (side + j) * n;
        for (let i = first; i < first + tile.left.count; i++) {
          let sum = tile.tile[TILE_COLUMNS * (i - first) + j]!;
          for (let k = first; k < i; k++) sum += entries[i * stride + k]! * b[x + k]!;
          b[x + i] = (b[x + i]! - sum) / entries[i * stride + i]!;
        }
      }
    }
  }
}

/**
 * Replaces each b by the x with Lᵀ·x = b.
 *
 * @param b - shape [count, n] row by row; of a longer vector the first n entries
 * *Cost* count·n² operations.
 */
export function solveUpper(triangle: LowerTriangle, b: Float64Array, count = 1): void {
  const { n } = triangle;
  for (let side = 0; side < count; side++) {
    const x = b.subarray(side * n, (side + 1) * n);
    let end = n;
    for (; end % TILE_ROWS > 0; end--) takeOutOne(triangle, x, end - 1);
    for (; end > 0; end -= TILE_ROWS) takeOutFour(triangle, x, end - TILE_ROWS);
  }
}

/** Solves for x[i] and takes it out of the equations before it. */
function takeOutOne({ entries: l, stride }: LowerTriangle, x: Float64Array, i: number): void {
  const row = i * stride;
  const known = x[i]! / l[row + i]!;
  x[i] = known;
  for (let k = 0; k < i; k++) x[k]! -= l[row + k]! * known;
}

/** The same for x[i] to x[i + 3], which reads and writes the other equations only once. */
function takeOutFour(triangle: LowerTriangle, x: Float64Array, i: number): void {
  const { entries: l, stride } = triangle;
  const l0 = i * stride;
  const l1 = l0 + stride;
  const l2 = l1 + stride;
  const l3 = l2 + stride;
  const x3 = x[i + 3]! / l[l3 + i + 3]!;
  const x2 = (x[i + 2]! - l[l3 + i + 2]! * x3) / l[l2 + i + 2]!;
  const x1 = (x[i + 1]! - l[l3 + i + 1]! * x3 - l[l2 + i + 1]! * x2) / l[l1 + i + 1]!;
  const x0 = (x[i]! - l[l3 + i]! * x3 - l[l2 + i]! * x2 - l[l1 + i]! * x1) / l[l0 + i]!;
  x[i] = x0;
  x[i + 1] = x1;
  x[i + 2] = x2;
  x[i + 3] = x3;
  for (let k = 0; k < i; k++) {
    x[k] = x[k]! - l[l3 + k]! * x3 - l[l2 + k]! * x2 - l[l1 + k]! * x1 - l[l0 + k]! * x0;
  }
}

/** Returns log det A = 2·Σ log L[i, i]. */
export function logDeterminant({ entries, n, stride }: LowerTriangle): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.log(entries[i * stride + i]!);
  return 2 * sum;
}

/**
 * Returns A⁻¹.
 *
 * @param out - shape [n, n], overwritten
 * @returns out
 * *Cost* 2·n³/3 operations.
 */
export function inverseOf(
  triangle: LowerTriangle,
  out: Float64Array = new Float64Array(triangle.n * triangle.n),
): Float64Array {
  writeInverseFactor(triangle, out);
  multiplyInverseFactor(out, triangle.n);
  mirror(out, triangle.n);
  return out;
}

/** Writes U to the upper triangle of a matrix and zeros below it. */
function writeInverseFactor({ entries: l, n, stride }: LowerTriangle, u: Float64Array): void {
  const tile = createTile({ matrix: l, stride }, { matrix: u, stride: n });
  u.fill(0, 0, n * n);
  for (let first = 0; first < n; first += TILE_ROWS) {
    moveTo(tile.left, first, n, TILE_ROWS);
    const end = first + tile.left.count;
    for (let column = 0; column < end; column += TILE_COLUMNS) {
      moveTo(tile.right, column, end, TILE_COLUMNS);
      sumProducts(tile, column, first);
      for (let j = column; j < column + tile.right.count; j++) {
        const start = Math.max(first, j);
        for (let i = start; i < end; i++) {
          let sum = tile.tile[TILE_COLUMNS * (i - first) + j - column]!;
          for (let k = start; k < i; k++) sum += l[i * stride + k]! * u[j * n + k]!;
          u[j * n + i] = ((i === j ? 1 : 0) - sum) / l[i * stride + i]!;
        }
      }
    }
  }
}

/** Writes U·Uᵀ to the lower triangle of the matrix that holds U in its upper one. */
function multiplyInverseFactor(u: Float64Array, n: number): void {
  const rows = { matrix: u, stride: n };
  const tile = createTile(rows, rows);
  for (let first = 0; first < n; first += TILE_ROWS) {
    moveTo(tile.left, first, n, TILE_ROWS);
    const end = first + tile.left.count;
    for (let column = 0; column < end; column += TILE_COLUMNS) {
      moveTo(tile.right, column, end, TILE_COLUMNS);
      sumProducts(tile, end, n);
      for (let i = Math.max(first, column); i < end; i++) {
        for (let j = column; j < column + tile.right.count && j <= i; j++) {
          let sum = tile.tile[TILE_COLUMNS * (i - first) + j - column]!;
          // Entries of U from column i on: those are read for the last time in row i.
          for (let k = i; k < end; k++) sum += u[i * n + k]! * u[j * n + k]!;
          u[i * n + j] = sum;
        }
      }
    }
  }
}

/** Writes the lower triangle to the upper one, in blocks that fit the cache. */
function mirror(matrix: Float64Array, n: number): void {
  for (let first = 0; first < n; first += MIRRORED) {
    for (let i = 0; i < n; i++) {
      const end = Math.min(first + MIRRORED, i);
      for (let j = first; j < end; j++) matrix[j * n + i] = matrix[i * n + j]!;
    }
  }
}
