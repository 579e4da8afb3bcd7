/*
 * The inner loops of lib/numerics in AssemblyScript, with two doubles side by side. Every sum has the order that its twin in
 * TypeScript has, so that both give the same bits; see lib/numerics/kernels.ts.
 *
 * A panel is four rows of a matrix, or four right-hand sides, column by column: [columns][4]. A matrix in panels has them one
 * after the other, each as long as the matrix has columns; rows are filled up to a multiple of four.
 */

const DOUBLE: usize = 8;
const FOUR: usize = 32;

/** Panels that are worked on together, so that the others come from memory once for all of them. */
const TOGETHER: usize = 8;
/** Columns of a panel that stay in the nearest cache meanwhile. */
const NEAR: usize = 512;

/** Where the sums of a tile are: [4][4], the row of the second panel, then that of the first; there are TOGETHER of them. */
const TILE: usize = memory.data(1024, 16);
const TILE_SIZE: usize = 128;

/** Sums the products of two panels over some columns, after those that the tile holds where it is `more`. */
function sumTile(a: usize, b: usize, columns: usize, more: bool, tile: usize = TILE): void {
  let s00 = more ? v128.load(tile, 0) : f64x2.splat(0);
  let s01 = more ? v128.load(tile, 16) : f64x2.splat(0);
  let s10 = more ? v128.load(tile, 32) : f64x2.splat(0);
  let s11 = more ? v128.load(tile, 48) : f64x2.splat(0);
  let s20 = more ? v128.load(tile, 64) : f64x2.splat(0);
  let s21 = more ? v128.load(tile, 80) : f64x2.splat(0);
  let s30 = more ? v128.load(tile, 96) : f64x2.splat(0);
  let s31 = more ? v128.load(tile, 112) : f64x2.splat(0);
  const end = a + columns * FOUR;
  while (a < end) {
    const a0 = v128.load(a, 0);
    const a1 = v128.load(a, 16);
    const b0 = v128.load64_splat(b, 0);
    s00 = f64x2.add(s00, f64x2.mul(a0, b0));
    s01 = f64x2.add(s01, f64x2.mul(a1, b0));
    const b1 = v128.load64_splat(b, 8);
    s10 = f64x2.add(s10, f64x2.mul(a0, b1));
    s11 = f64x2.add(s11, f64x2.mul(a1, b1));
    const b2 = v128.load64_splat(b, 16);
    s20 = f64x2.add(s20, f64x2.mul(a0, b2));
    s21 = f64x2.add(s21, f64x2.mul(a1, b2));
    const b3 = v128.load64_splat(b, 24);
    s30 = f64x2.add(s30, f64x2.mul(a0, b3));
    s31 = f64x2.add(s31, f64x2.mul(a1, b3));
    a += FOUR;
    b += FOUR;
  }
  v128.store(tile, s00, 0);
  v128.store(tile, s01, 16);
  v128.store(tile, s10, 32);
  v128.store(tile, s11, 48);
  v128.store(tile, s20, 64);
  v128.store(tile, s21, 80);
  v128.store(tile, s30, 96);
  v128.store(tile, s31, 112);
}

/** Writes the rows of a lower triangle in panels, [n, stride] row by row; rows that fill up have 1 on the diagonal. */
export function packLower(from: usize, n: usize, stride: usize, panels: usize): void {
  const size = (n + 3) & ~3;
  for (let i: usize = 0; i < size; i++) {
    const to = panels + (i & ~3) * size * DOUBLE + (i & 3) * DOUBLE;
    const row = from + i * stride * DOUBLE;
    const end = min(i + 1, i < n ? n : 0);
    for (let k: usize = 0; k < end; k++) store<f64>(to + k * FOUR, load<f64>(row + k * DOUBLE));
    for (let k = end; k < (i & ~3) + 4; k++) store<f64>(to + k * FOUR, 0);
    if (i >= n) store<f64>(to + i * FOUR, 1);
  }
}

/** The other way round: the lower triangle only. */
export function unpackLower(panels: usize, n: usize, to: usize, stride: usize): void {
  const size = (n + 3) & ~3;
  for (let i: usize = 0; i < n; i++) {
    const from = panels + (i & ~3) * size * DOUBLE + (i & 3) * DOUBLE;
    const row = to + i * stride * DOUBLE;
    for (let k: usize = 0; k <= i; k++) store<f64>(row + k * DOUBLE, load<f64>(from + k * FOUR));
  }
}

/** Replaces the lower triangle of A by its Cholesky factor. Returns -1, or the row at which there is none. */
export function factor(l: usize, n: usize): i32 {
  const size = (n + 3) & ~3;
  const panel = size * FOUR;
  const share = f64(n) * f64.EPSILON;
  const count = size / 4;
  for (let first: usize = 0; first < count; first += TOGETHER) {
    const last = min(first + TOGETHER, count);
    for (let j: usize = 0; j < first; j++) {
      const b = l + j * panel;
      let k: usize = 0;
      do {
        const columns = min(NEAR, j * 4 - k);
        for (let i = first; i < last; i++) {
          const tile = TILE + (i - first) * TILE_SIZE;
          sumTile(l + i * panel + k * FOUR, b + k * FOUR, columns, k > 0, tile);
        }
        k += NEAR;
      } while (k < j * 4);
      for (let i = first; i < last; i++) {
        finishTile(l + i * panel, b, j * 4, TILE + (i - first) * TILE_SIZE);
      }
    }
    for (let i = first; i < last; i++) {
      for (let j = first; j < i; j++) {
        sumTile(l + i * panel, l + j * panel, j * 4, false);
        finishTile(l + i * panel, l + j * panel, j * 4, TILE);
      }
      const failed = factorDiagonal(l + i * panel, i * 4, share);
      if (failed >= 0) return failed;
    }
  }
  return -1;
}

/** Turns entries of A into those of its factor, given the sums over the columns before them. */
function finishTile(a: usize, b: usize, column: usize, tile: usize): void {
  const x = a + column * FOUR;
  const l = b + column * FOUR;
  for (let q: usize = 0; q < 4; q++) {
    let low = v128.load(tile + q * FOUR, 0);
    let high = v128.load(tile + q * FOUR, 16);
    for (let p: usize = 0; p < q; p++) {
      const entry = v128.load64_splat(l + p * FOUR + q * DOUBLE);
      low = f64x2.add(low, f64x2.mul(v128.load(x + p * FOUR, 0), entry));
      high = f64x2.add(high, f64x2.mul(v128.load(x + p * FOUR, 16), entry));
    }
    const diagonal = v128.load64_splat(l + q * FOUR + q * DOUBLE);
    v128.store(x + q * FOUR, f64x2.div(f64x2.sub(v128.load(x + q * FOUR, 0), low), diagonal), 0);
    v128.store(x + q * FOUR, f64x2.div(f64x2.sub(v128.load(x + q * FOUR, 16), high), diagonal), 16);
  }
}

function factorDiagonal(a: usize, first: usize, share: f64): i32 {
  sumTile(a, a, first, false);
  const x = a + first * FOUR;
  for (let i: usize = 0; i < 4; i++) {
    for (let j: usize = 0; j <= i; j++) {
      let sum = load<f64>(TILE + j * FOUR + i * DOUBLE);
      for (let k: usize = 0; k < j; k++) {
        sum += load<f64>(x + k * FOUR + i * DOUBLE) * load<f64>(x + k * FOUR + j * DOUBLE);
      }
      const at = x + j * FOUR + i * DOUBLE;
      const entry = load<f64>(at);
      if (i > j) store<f64>(at, (entry - sum) / load<f64>(x + j * FOUR + j * DOUBLE));
      else if (entry - sum > share * entry) store<f64>(at, sqrt(entry - sum));
      else return i32(first + i);
    }
  }
  return -1;
}

/** Replaces right-hand sides in panels by the solutions of L X = B; each panel begins with zeros up to its own number times `skip`. */
function solvePanels(l: usize, n: usize, b: usize, count: usize, skip: usize): void {
  const size = (n + 3) & ~3;
  const panel = size * FOUR;
  for (let first: usize = 0; first < count; first += TOGETHER) {
    const last = min(first + TOGETHER, count);
    for (let row: usize = first * skip; row < size; row += 4) {
      const rows = l + (row / 4) * panel;
      for (let side = first; side < last; side++) {
        const start = side * skip;
        if (start <= row) solveTile(rows, b + side * panel, start, row);
      }
    }
  }
}

function solveTile(l: usize, b: usize, start: usize, row: usize): void {
  sumTile(b + start * FOUR, l + start * FOUR, row - start, false);
  finishTile(b, l, row, TILE);
}

/** Replaces each of some right-hand sides, [count, n] row by row, by the solution of L x = b; `panels` is room for them. */
export function solveMany(l: usize, n: usize, b: usize, count: usize, panels: usize): void {
  const size = (n + 3) & ~3;
  const panel = size * FOUR;
  memory.fill(panels, 0, ((count + 3) / 4) * panel);
  for (let side: usize = 0; side < count; side++) {
    const to = panels + (side / 4) * panel + (side & 3) * DOUBLE;
    const from = b + side * n * DOUBLE;
    for (let k: usize = 0; k < n; k++) store<f64>(to + k * FOUR, load<f64>(from + k * DOUBLE));
  }
  solvePanels(l, n, panels, (count + 3) / 4, 0);
  for (let side: usize = 0; side < count; side++) {
    const from = panels + (side / 4) * panel + (side & 3) * DOUBLE;
    const to = b + side * n * DOUBLE;
    for (let k: usize = 0; k < n; k++) store<f64>(to + k * DOUBLE, load<f64>(from + k * FOUR));
  }
}

/** Writes the lower triangle of A⁻¹ row by row, [n rows of a multiple of four]; `u` is room for a matrix in panels. */
export function invert(l: usize, n: usize, u: usize, out: usize): void {
  const size = (n + 3) & ~3;
  const panel = size * FOUR;
  const count = size / 4;
  memory.fill(u, 0, count * panel);
  for (let j: usize = 0; j < size; j++) {
    store<f64>(u + (j / 4) * panel + j * FOUR + (j & 3) * DOUBLE, 1);
  }
  solvePanels(l, n, u, count, 4);
  for (let first: usize = 0; first < count; first += TOGETHER) {
    const last = min(first + TOGETHER, count);
    for (let j: usize = 0; j < last; j++) {
      for (let i = max(first, j); i < last; i++) {
        const a = u + i * panel;
        const b = u + j * panel;
        const row = i * 4;
        sumTile(a + (row + 4) * FOUR, b + (row + 4) * FOUR, size - row - 4, false);
        sumTile(a + row * FOUR, b + row * FOUR, 4, true);
        let to = out + (row * size + j * 4) * DOUBLE;
        for (let r: usize = 0; r < 4; r++) {
          for (let q: usize = 0; q < 4; q++) {
            store<f64>(to + q * DOUBLE, load<f64>(TILE + q * FOUR + r * DOUBLE));
          }
          to += size * DOUBLE;
        }
      }
    }
  }
}

/** Replaces b by the solution of L x = b, and x by that of Lᵀ x = b; b is filled up with zeros. */
export function solveOne(l: usize, n: usize, b: usize): void {
  const size = (n + 3) & ~3;
  const panel = size * FOUR;
  for (let row: usize = 0; row < size; row += 8) {
    const rows = l + (row / 4) * panel;
    if (row + 4 < size) {
      solveEight(rows, rows + panel, b, row);
    } else {
      sumPanel(rows, b, 0, row);
      solveFour(rows, b, row);
    }
  }
}

/** Two panels at once: each sum waits for itself only. */
function solveEight(first: usize, second: usize, b: usize, row: usize): void {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let nextLow = f64x2.splat(0);
  let nextHigh = f64x2.splat(0);
  for (let k: usize = 0; k < row; k++) {
    const known = v128.load64_splat(b + k * DOUBLE);
    low = f64x2.add(low, f64x2.mul(v128.load(first + k * FOUR, 0), known));
    high = f64x2.add(high, f64x2.mul(v128.load(first + k * FOUR, 16), known));
    nextLow = f64x2.add(nextLow, f64x2.mul(v128.load(second + k * FOUR, 0), known));
    nextHigh = f64x2.add(nextHigh, f64x2.mul(v128.load(second + k * FOUR, 16), known));
  }
  v128.store(TILE, low, 0);
  v128.store(TILE, high, 16);
  solveFour(first, b, row);
  v128.store(TILE, nextLow, 0);
  v128.store(TILE, nextHigh, 16);
  sumPanel(second, b, row, row + 4);
  solveFour(second, b, row + 4);
}

/** Sums the products of a panel and b over columns; those from the first on, after what the tile holds. */
function sumPanel(rows: usize, b: usize, from: usize, to: usize): void {
  let low = from > 0 ? v128.load(TILE, 0) : f64x2.splat(0);
  let high = from > 0 ? v128.load(TILE, 16) : f64x2.splat(0);
  for (let k = from; k < to; k++) {
    const known = v128.load64_splat(b + k * DOUBLE);
    low = f64x2.add(low, f64x2.mul(v128.load(rows + k * FOUR, 0), known));
    high = f64x2.add(high, f64x2.mul(v128.load(rows + k * FOUR, 16), known));
  }
  v128.store(TILE, low, 0);
  v128.store(TILE, high, 16);
}

/** Solves for four rows, given the sums over the columns before them. */
function solveFour(rows: usize, b: usize, row: usize): void {
  for (let i: usize = 0; i < 4; i++) {
    let sum = load<f64>(TILE + i * DOUBLE);
    for (let k: usize = 0; k < i; k++) {
      sum += load<f64>(rows + (row + k) * FOUR + i * DOUBLE) * load<f64>(b + (row + k) * DOUBLE);
    }
    const at = b + (row + i) * DOUBLE;
    store<f64>(at, (load<f64>(at) - sum) / load<f64>(rows + (row + i) * FOUR + i * DOUBLE));
  }
}

export function solveOneUpper(l: usize, n: usize, b: usize): void {
  const size = (n + 3) & ~3;
  const panel = size * FOUR;
  for (let end = size; end > 0; end -= 4) {
    const row = end - 4;
    const rows = l + (row / 4) * panel;
    const square = rows + row * FOUR;
    const at = b + row * DOUBLE;
    const x3 = load<f64>(at, 24) / load<f64>(square, 120);
    const x2 = (load<f64>(at, 16) - load<f64>(square, 88) * x3) / load<f64>(square, 80);
    const x1 =
      (load<f64>(at, 8) - load<f64>(square, 56) * x3 - load<f64>(square, 48) * x2) /
      load<f64>(square, 40);
    const x0 =
      (load<f64>(at) -
        load<f64>(square, 24) * x3 -
        load<f64>(square, 16) * x2 -
        load<f64>(square, 8) * x1) /
      load<f64>(square);
    store<f64>(at, x0);
    store<f64>(at, x1, 8);
    store<f64>(at, x2, 16);
    store<f64>(at, x3, 24);
    for (let k: usize = 0; k < row; k++) {
      const entries = rows + k * FOUR;
      store<f64>(
        b + k * DOUBLE,
        load<f64>(b + k * DOUBLE) -
          load<f64>(entries, 24) * x3 -
          load<f64>(entries, 16) * x2 -
          load<f64>(entries, 8) * x1 -
          load<f64>(entries) * x0,
      );
    }
  }
}

const SHIFTER: f64 = 6755399441055744;
const LN_2_HIGH: f64 = 0.6931471803691238;
const LN_2_LOW: f64 = 1.9082149292705877e-10;

function horner(sum: v128, x: v128, coefficient: f64): v128 {
  return f64x2.add(f64x2.mul(sum, x), f64x2.splat(coefficient));
}

/** e^x for x ≤ 0; below -708 it is 0. */
function exponential(x: v128): v128 {
  const shifted = f64x2.add(f64x2.mul(x, f64x2.splat(Math.LOG2E)), f64x2.splat(SHIFTER));
  const k = f64x2.sub(shifted, f64x2.splat(SHIFTER));
  const r = f64x2.sub(
    f64x2.sub(x, f64x2.mul(k, f64x2.splat(LN_2_HIGH))),
    f64x2.mul(k, f64x2.splat(LN_2_LOW)),
  );
  const square = f64x2.mul(r, r);
  let even = f64x2.splat(1 / 479001600.0);
  even = horner(even, square, 1 / 3628800.0);
  even = horner(even, square, 1 / 40320.0);
  even = horner(even, square, 1 / 720.0);
  even = horner(even, square, 1 / 24.0);
  even = horner(even, square, 0.5);
  even = horner(even, square, 1);
  let odd = f64x2.splat(1 / 6227020800.0);
  odd = horner(odd, square, 1 / 39916800.0);
  odd = horner(odd, square, 1 / 362880.0);
  odd = horner(odd, square, 1 / 5040.0);
  odd = horner(odd, square, 1 / 120.0);
  odd = horner(odd, square, 1 / 6.0);
  odd = horner(odd, square, 1);
  const sum = f64x2.add(even, f64x2.mul(odd, r));
  const power = i64x2.shl(i64x2.add(shifted, i64x2.splat(1023)), 52);
  const value = f64x2.mul(sum, power);
  return v128.and(value, f64x2.ge(x, f64x2.splat(-708)));
}

const SQRT_5: f64 = 2.23606797749979;

/**
 * Writes v k(r) and k'(r) / r of the Matérn covariance 5/2 between one point, [d], and the points in columns, [d, stride], up
 * to the first multiple of two from `count` on; of k'(r) / r nothing where `slopes` is 0.
 */
function matern(
  point: usize,
  columns: usize,
  stride: usize,
  d: usize,
  count: usize,
  signal: f64,
  values: usize,
  slopes: usize,
): void {
  for (let j: usize = 0; j < count; j += 2) {
    let sum = f64x2.splat(0);
    let at = columns + j * DOUBLE;
    for (let c: usize = 0; c < d; c++) {
      const difference = f64x2.sub(v128.load64_splat(point + c * DOUBLE), v128.load(at));
      sum = f64x2.add(sum, f64x2.mul(difference, difference));
      at += stride * DOUBLE;
    }
    const r = f64x2.sqrt(sum);
    const power = exponential(f64x2.mul(f64x2.splat(-SQRT_5), r));
    const linear = f64x2.add(f64x2.splat(1), f64x2.mul(f64x2.splat(SQRT_5), r));
    const square = f64x2.mul(f64x2.mul(f64x2.splat(5.0 / 3.0), r), r);
    const value = f64x2.mul(f64x2.add(linear, square), power);
    v128.store(values + j * DOUBLE, f64x2.mul(f64x2.splat(signal), value));
    if (slopes !== 0) {
      const slope = f64x2.mul(f64x2.mul(f64x2.splat(-5.0 / 3.0), linear), power);
      v128.store(slopes + j * DOUBLE, slope);
    }
  }
}

/** The same between all pairs of points, [n, width] and in columns: rows of a multiple of four. */
export function maternAll(
  points: usize,
  width: usize,
  columns: usize,
  d: usize,
  n: usize,
  signal: f64,
  values: usize,
  slopes: usize,
): void {
  const size = (n + 3) & ~3;
  for (let i: usize = 0; i < n; i++) {
    const row = i * size * DOUBLE;
    const slopesRow: usize = slopes === 0 ? 0 : slopes + row;
    matern(points + i * width * DOUBLE, columns, size, d, i, signal, values + row, slopesRow);
    store<f64>(values + row + i * DOUBLE, signal);
  }
}

/**
 * Writes how the likelihood changes: with each coordinate's length scale [width], then with the signal as far as pairs go, then
 * with the diagonal. `width` is even, and coordinates that fill it up are 0.
 */
export function weigh(
  points: usize,
  width: usize,
  n: usize,
  signal: f64,
  values: usize,
  slopes: usize,
  inverse: usize,
  alpha: usize,
  out: usize,
): void {
  const size = (n + 3) & ~3;
  memory.fill(out, 0, width * DOUBLE);
  let bySignal: f64 = 0;
  let byVariance: f64 = 0;
  for (let i: usize = 0; i < n; i++) {
    const row = i * size * DOUBLE;
    const own = load<f64>(alpha + i * DOUBLE);
    const a = points + i * width * DOUBLE;
    for (let j: usize = 0; j < i; j++) {
      const at = row + j * DOUBLE;
      const weight = own * load<f64>(alpha + j * DOUBLE) - load<f64>(inverse + at);
      bySignal += weight * load<f64>(values + at);
      const share = f64x2.splat(-weight * signal * load<f64>(slopes + at));
      const b = points + j * width * DOUBLE;
      for (let c: usize = 0; c < width; c += 2) {
        const to = out + c * DOUBLE;
        const difference = f64x2.sub(v128.load(a + c * DOUBLE), v128.load(b + c * DOUBLE));
        const change = f64x2.mul(f64x2.mul(share, difference), difference);
        v128.store(to, f64x2.add(v128.load(to), change));
      }
    }
    byVariance += (own * own - load<f64>(inverse + row + i * DOUBLE)) / 2;
  }
  store<f64>(out + width * DOUBLE, bySignal);
  store<f64>(out + (width + 1) * DOUBLE, byVariance);
}

/**
 * Writes the mean at each of some points, [count, d], and what is explained of the variance there, [count][2]; `room` is for a row
 * and TOGETHER panels.
 */
export function predict(
  l: usize,
  n: usize,
  columns: usize,
  d: usize,
  signal: f64,
  alpha: usize,
  points: usize,
  count: usize,
  room: usize,
  out: usize,
): void {
  const size = (n + 3) & ~3;
  const panel = size * FOUR;
  const panels = room + size * DOUBLE;
  for (let first: usize = 0; first < count; first += TOGETHER * 4) {
    const last = min(first + TOGETHER * 4, count);
    const used = (last - first + 3) / 4;
    memory.fill(panels, 0, used * panel);
    for (let i = first; i < last; i++) {
      matern(points + i * d * DOUBLE, columns, size, d, n, signal, room, 0);
      const to = panels + ((i - first) / 4) * panel + ((i - first) & 3) * DOUBLE;
      for (let k: usize = 0; k < n; k++) store<f64>(to + k * FOUR, load<f64>(room + k * DOUBLE));
    }
    for (let p: usize = 0; p < used; p++) {
      weighPanel(
        panels + p * panel,
        alpha,
        n,
        min(4, last - first - p * 4),
        out + (first + p * 4) * 16,
      );
    }
    solvePanels(l, n, panels, used, 0);
    for (let p: usize = 0; p < used; p++) {
      squarePanel(
        panels + p * panel,
        n,
        min(4, last - first - p * 4),
        out + (first + p * 4) * 16 + DOUBLE,
      );
    }
  }
}

/** Writes the sum of each row of a panel, weighted, to every second place. */
function weighPanel(rows: usize, weights: usize, n: usize, count: usize, out: usize): void {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let k: usize = 0; k < n; k++) {
    const weight = v128.load64_splat(weights + k * DOUBLE);
    low = f64x2.add(low, f64x2.mul(v128.load(rows + k * FOUR, 0), weight));
    high = f64x2.add(high, f64x2.mul(v128.load(rows + k * FOUR, 16), weight));
  }
  writeSums(low, high, count, out);
}

/** The same of squares. */
function squarePanel(rows: usize, n: usize, count: usize, out: usize): void {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let k: usize = 0; k < n; k++) {
    const a = v128.load(rows + k * FOUR, 0);
    const b = v128.load(rows + k * FOUR, 16);
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  writeSums(low, high, count, out);
}

function writeSums(low: v128, high: v128, count: usize, out: usize): void {
  v128.store(TILE, low, 0);
  v128.store(TILE, high, 16);
  for (let i: usize = 0; i < count; i++) store<f64>(out + i * 16, load<f64>(TILE + i * DOUBLE));
}

/**
 * Writes the mean and the standard deviation at a point, [d], then by each coordinate how they change: [d + 1][2]. `inverseScales`
 * has 1 over each length scale; `room` is for five rows.
 */
export function predictSlopes(
  l: usize,
  n: usize,
  columns: usize,
  d: usize,
  signal: f64,
  alpha: usize,
  point: usize,
  inverseScales: usize,
  room: usize,
  out: usize,
): void {
  const size = (n + 3) & ~3;
  const row = size * DOUBLE;
  const slopes = room + row;
  const solved = slopes + row;
  const shares = solved + row;
  matern(point, columns, size, d, n, signal, room, slopes);
  memory.fill(solved, 0, row);
  memory.copy(solved, room, n * DOUBLE);
  let mean: f64 = 0;
  for (let i: usize = 0; i < n; i++)
    mean += load<f64>(solved + i * DOUBLE) * load<f64>(alpha + i * DOUBLE);
  solveOne(l, n, solved);
  let explained: f64 = 0;
  for (let i: usize = 0; i < n; i++) {
    const one = load<f64>(solved + i * DOUBLE);
    explained += one * one;
  }
  const sd = sqrt(max(signal - explained, 0.0));
  store<f64>(out, mean);
  store<f64>(out, sd, 8);
  solveOneUpper(l, n, solved);
  for (let i: usize = 0; i < n; i++) {
    const slope = signal * load<f64>(slopes + i * DOUBLE);
    store<f64>(shares + i * 16, slope * load<f64>(alpha + i * DOUBLE));
    store<f64>(shares + i * 16, sd > 0 ? (-slope * load<f64>(solved + i * DOUBLE)) / sd : 0, 8);
  }
  for (let c: usize = 0; c < d; c++) {
    const at = load<f64>(point + c * DOUBLE);
    const scale = load<f64>(inverseScales + c * DOUBLE);
    const column = columns + c * row;
    let sum = f64x2.splat(0);
    for (let i: usize = 0; i < n; i++) {
      const difference = (at - load<f64>(column + i * DOUBLE)) * scale;
      sum = f64x2.add(sum, f64x2.mul(v128.load(shares + i * 16), f64x2.splat(difference)));
    }
    v128.store(out + (c + 1) * 16, sum);
  }
}
