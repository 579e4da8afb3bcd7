import type { Stream } from './stream.ts';

/*
 * A random forest of regression trees, each grown on a bootstrap of the rows until its leaves are small.
 *
 * | symbol | meaning |
 * |---|---|
 * | n, d | rows, axes |
 * | x | columns: what axis a says of row i is x[a][i] |
 * | y | what the trees predict, [n] |
 *
 * Source: L. Breiman, "Random forests", Machine Learning 45 (2001); for categories L. Breiman, J. Friedman, R. Olshen,
 * C. Stone, "Classification and regression trees" (1984), theorem 4.5: in the order of their means the best split of
 * categories is one of the cuts.
 */

/** What a column of the rows holds. */
export type ForestAxis =
  /** Numbers of which one is below another: coordinates in [0, 1], or codes 0, 1, 2 … of listed numbers. */
  | { readonly kind: 'ordered' }
  /** Codes 0, 1, 2 … without any order, below `levels`. */
  | { readonly kind: 'category'; readonly levels: number };

/** A column with what it holds. */
export interface Column {
  readonly axis: ForestAxis;
  readonly x: Float64Array;
}

export type TreeNode =
  | { readonly kind: 'leaf'; readonly value: number }
  /** `low` takes what is at or below the threshold, `high` the rest. */
  | {
      readonly kind: 'cut';
      readonly axis: number;
      readonly at: number;
      readonly low: TreeNode;
      readonly high: TreeNode;
    }
  /** `low` takes the categories that are marked with 1, `high` the rest. */
  | {
      readonly kind: 'pick';
      readonly axis: number;
      readonly marks: Uint8Array;
      readonly low: TreeNode;
      readonly high: TreeNode;
    };

/** Rows of a leaf at least: with fewer of them trees learn the noise of single experiments. */
const LEAF_MIN = 3;
/** Deeper than any split that tells much. */
const DEPTH_MAX = 64;

/** How a node is split, and by how much that lowers the sum of squares. */
interface Split {
  readonly axis: number;
  readonly gain: number;
  readonly at: number;
  /** Null for a threshold. */
  readonly marks: Uint8Array | null;
}

/**
 * Returns trees, a function of the columns, of y and of the stream.
 *
 * *Cost* O(trees · n · d · depth)
 */
export function growForest({
  columns,
  y,
  trees,
  stream,
}: {
  readonly columns: readonly Column[];
  readonly y: Float64Array;
  readonly trees: number;
  /** Which rows a tree is grown on: index = the tree, i = the draw. */
  readonly stream: Stream;
}): readonly TreeNode[] {
  const n = y.length;
  const sorted = columns.map(({ axis, x }) => {
    const rows = Int32Array.from({ length: n }, (_, i) => i);
    return axis.kind === 'ordered' ? rows.sort((a, b) => x[a]! - x[b]! || a - b) : rows;
  });
  const drawn = new Float64Array(n);
  return Array.from({ length: trees }, (_, tree) => {
    stream.fill(tree, drawn);
    const counts = new Float64Array(n);
    for (const u of drawn) counts[Math.floor(u * n)]!++;
    const orders = sorted.map((rows) => rows.filter((row) => counts[row]! > 0));
    return growTree({ columns, y, counts, orders });
  });
}

interface Growing {
  readonly columns: readonly Column[];
  readonly y: Float64Array;
  /** How often each row was drawn, [n]. */
  readonly counts: Float64Array;
  /** For each axis the rows that were drawn, those of an ordered one ascending: nodes hold stretches of them. */
  readonly orders: readonly Int32Array[];
}

function growTree(growing: Growing): TreeNode {
  const { columns, y, counts, orders } = growing;
  const isLow = new Uint8Array(y.length);
  const spare = new Int32Array(y.length);

  /** Puts the low rows of a stretch before the others, each in their order; returns where the others begin. */
  const part = (rows: Int32Array, start: number, end: number): number => {
    let low = start;
    let high = 0;
    for (let i = start; i < end; i++) {
      const row = rows[i]!;
      if (isLow[row] === 1) rows[low++] = row;
      else spare[high++] = row;
    }
    rows.set(spare.subarray(0, high), low);
    return low;
  };

  const grow = (start: number, end: number, depth: number): TreeNode => {
    const [rows] = orders;
    let weight = 0;
    let sum = 0;
    for (let i = start; rows !== undefined && i < end; i++) {
      weight += counts[rows[i]!]!;
      sum += counts[rows[i]!]! * y[rows[i]!]!;
    }
    const isSmall = weight < 2 * LEAF_MIN || depth >= DEPTH_MAX;
    const split = isSmall ? null : bestSplit(growing, { start, end, weight, sum });
    if (split === null) return { kind: 'leaf', value: weight === 0 ? 0 : sum / weight };
    const { axis, at, marks } = split;
    const x = columns[axis]!.x;
    for (let i = start; i < end; i++) {
      const row = orders[axis]![i]!;
      const value = x[row]!;
      isLow[row] = (marks === null ? value <= at : marks[value] === 1) ? 1 : 0;
    }
    let middle = start;
    for (const order of orders) middle = part(order, start, end);
    const low = grow(start, middle, depth + 1);
    const high = grow(middle, end, depth + 1);
    return marks === null
      ? { kind: 'cut', axis, at, low, high }
      : { kind: 'pick', axis, marks, low, high };
  };
  return grow(0, orders[0]?.length ?? 0, 0);
}

/** A stretch of rows, how many were drawn, and the sum of their y. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly weight: number;
  readonly sum: number;
}

/** Gains that are rounding, relative to the sum of squares about zero. */
const ROUNDING = 1e-12;

/** The split that lowers the sum of squares most; null where none does. */
function bestSplit(growing: Growing, stretch: Stretch): Split | null {
  const { columns, y, counts, orders } = growing;
  let squares = 0;
  for (let i = stretch.start; i < stretch.end; i++) {
    const row = orders[0]![i]!;
    squares += counts[row]! * y[row]! ** 2;
  }
  let best: Split | null = null;
  for (const [axis, { axis: of }] of columns.entries()) {
    const split =
      of.kind === 'ordered'
        ? bestCut(growing, stretch, axis)
        : bestPick(growing, stretch, { axis, levels: of.levels });
    const isBetter = split !== null && split.gain > (best?.gain ?? squares * ROUNDING);
    if (isBetter) best = split;
  }
  return best;
}

const hasRoom = (weight: number, whole: number): boolean =>
  weight >= LEAF_MIN && whole - weight >= LEAF_MIN;

function bestCut(
  { columns, y, counts, orders }: Growing,
  stretch: Stretch,
  axis: number,
): Split | null {
  const { x } = columns[axis]!;
  const rows = orders[axis]!;
  let best: Split | null = null;
  const whole = stretch.sum ** 2 / stretch.weight;
  let weight = 0;
  let sum = 0;
  for (let i = stretch.start; i < stretch.end - 1; i++) {
    const row = rows[i]!;
    weight += counts[row]!;
    sum += counts[row]! * y[row]!;
    const here = x[row]!;
    const next = x[rows[i + 1]!]!;
    if (here === next || !hasRoom(weight, stretch.weight)) continue;
    const rest = (stretch.sum - sum) ** 2 / (stretch.weight - weight);
    const gain = sum ** 2 / weight + rest - whole;
    if (gain > (best?.gain ?? 0)) {
      const middle = here + (next - here) / 2;
      // Two neighbouring doubles have nothing between them.
      best = { axis, gain, at: middle < next ? middle : here, marks: null };
    }
  }
  return best;
}

function bestPick(
  { columns, y, counts, orders }: Growing,
  stretch: Stretch,
  { axis, levels }: { readonly axis: number; readonly levels: number },
): Split | null {
  const { x } = columns[axis]!;
  const rows = orders[axis]!;
  const weights = new Float64Array(levels);
  const sums = new Float64Array(levels);
  for (let i = stretch.start; i < stretch.end; i++) {
    const row = rows[i]!;
    weights[x[row]!]! += counts[row]!;
    sums[x[row]!]! += counts[row]! * y[row]!;
  }
  const present = Array.from(weights.keys()).filter((level) => weights[level]! > 0);
  const mean = (level: number): number => sums[level]! / weights[level]!;
  present.sort((a, b) => mean(a) - mean(b) || a - b);
  const whole = stretch.sum ** 2 / stretch.weight;
  let gain = 0;
  let taken = 0;
  let weight = 0;
  let sum = 0;
  for (const [i, level] of present.slice(0, -1).entries()) {
    weight += weights[level]!;
    sum += sums[level]!;
    if (!hasRoom(weight, stretch.weight)) continue;
    const rest = (stretch.sum - sum) ** 2 / (stretch.weight - weight);
    const own = sum ** 2 / weight + rest - whole;
    if (own > gain) {
      gain = own;
      taken = i + 1;
    }
  }
  if (taken === 0) return null;
  const marks = new Uint8Array(levels);
  for (const level of present.slice(0, taken)) marks[level] = 1;
  return { axis, gain, at: 0, marks };
}
