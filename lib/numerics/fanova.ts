import type { TreeNode } from './forest.ts';

/*
 * Functional analysis of variance of a regression tree: which share of its variance over the whole matrix each axis
 * explains by itself, and which share two axes explain together beyond that. A tree is constant on boxes, so that every
 * marginal is a sum over its leaves, and exact.
 *
 * | symbol | meaning |
 * |---|---|
 * | f | what the tree predicts |
 * | V | variance of f over the matrix |
 * | a_j | marginal: the mean of f where only axis j is given |
 * | V_j | variance of a_j |
 * | V_jk | variance of the mean of f where axes j and k are given, less V_j and V_k |
 *
 * Source: F. Hutter, H. Hoos, K. Leyton-Brown, "An efficient approach for assessing hyperparameter importance", ICML
 * 2014, algorithms 1 and 2.
 */

/** How a matrix is spread over one axis. */
export type Spread =
  /** Evenly over [0, 1]. */
  | { readonly kind: 'even' }
  /** Over the codes 0, 1, 2 … of listed numbers, each as likely as the others. */
  | { readonly kind: 'codes'; readonly count: number }
  /** Over categories; how likely each is. */
  | { readonly kind: 'categories'; readonly shares: readonly number[] };

/** One axis of one tree: cells on which the tree does not change along it. */
interface Cells {
  /** How likely each is. */
  readonly shares: readonly number[];
  /** How many cells lie at or below a threshold of the tree. */
  readonly below: (at: number) => number;
}

/** A leaf: on each axis stretches of cells [from, to, from, to, …], and how likely they are together. */
interface Leaf {
  readonly stretches: readonly (readonly number[])[];
  readonly shares: readonly number[];
  /** How likely the whole box is. */
  readonly share: number;
  readonly value: number;
}

/** The variance of one tree, taken apart. */
export interface Decomposition {
  readonly total: number;
  /** V_j, [d]. */
  readonly single: readonly number[];
  /** V_jk. */
  readonly pair: (j: number, k: number) => number;
}

/** Every threshold of a tree on an axis, ascending. */
function thresholds(tree: TreeNode, axis: number): readonly number[] {
  const found = new Set<number>();
  const walk = (node: TreeNode): void => {
    if (node.kind === 'leaf') return;
    if (node.kind === 'cut' && node.axis === axis) found.add(node.at);
    walk(node.low);
    walk(node.high);
  };
  walk(tree);
  return [...found].sort((a, b) => a - b);
}

function cellsOf(tree: TreeNode, spread: Spread, axis: number): Cells {
  if (spread.kind === 'categories') return { shares: spread.shares, below: () => 0 };
  const cuts = thresholds(tree, axis);
  const reached = (at: number): number =>
    spread.kind === 'even'
      ? Math.min(Math.max(at, 0), 1)
      : Math.min(Math.floor(at) + 1, spread.count) / spread.count;
  const edges = [0, ...cuts.map(reached), 1];
  const places = new Map(cuts.map((at, i) => [at, i + 1]));
  return {
    shares: edges.slice(1).map((edge, i) => edge - (edges[i] ?? 0)),
    below: (at) => places.get(at) ?? 0,
  };
}

/** The parts of stretches that lie among marked cells, or among those that are not. */
function picked(stretches: readonly number[], marks: Uint8Array, mark: 0 | 1): number[] {
  const parts: number[] = [];
  for (let s = 0; s < stretches.length; s += 2) {
    for (let cell = stretches[s]!; cell < stretches[s + 1]!; cell++) {
      if (marks[cell] !== mark) continue;
      if (parts.at(-1) === cell) parts[parts.length - 1] = cell + 1;
      else parts.push(cell, cell + 1);
    }
  }
  return parts;
}

/** How likely the cells before each are together. */
const sumsOf = ({ shares }: Cells): Float64Array => {
  const sums = new Float64Array(shares.length + 1);
  for (const [i, share] of shares.entries()) sums[i + 1] = sums[i]! + share;
  return sums;
};

const shareOf = (stretches: readonly number[], sums: Float64Array): number => {
  let share = 0;
  for (let s = 0; s < stretches.length; s += 2) {
    share += sums[stretches[s + 1]!]! - sums[stretches[s]!]!;
  }
  return share;
};

/** The leaves of a tree that have any share in the matrix. */
function leavesOf(tree: TreeNode, cells: readonly Cells[]): readonly Leaf[] {
  const sums = cells.map(sumsOf);
  const leaves: Leaf[] = [];
  const walk = (node: TreeNode, box: Pick<Leaf, 'stretches' | 'shares'>): void => {
    if (node.kind === 'leaf') {
      const share = box.shares.reduce((product, one) => product * one, 1);
      if (share > 0) leaves.push({ ...box, share, value: node.value });
      return;
    }
    const { axis } = node;
    const stretches = box.stretches[axis]!;
    const narrowed = (to: readonly number[]): Pick<Leaf, 'stretches' | 'shares'> => ({
      stretches: box.stretches.with(axis, to),
      shares: box.shares.with(axis, shareOf(to, sums[axis]!)),
    });
    if (node.kind === 'pick') {
      walk(node.low, narrowed(picked(stretches, node.marks, 1)));
      walk(node.high, narrowed(picked(stretches, node.marks, 0)));
      return;
    }
    const [from, to] = [stretches[0]!, stretches[1]!];
    // A threshold may lie outside the box: then one of the two parts is empty.
    const cut = Math.min(Math.max(cells[axis]!.below(node.at), from), to);
    walk(node.low, narrowed([from, cut]));
    walk(node.high, narrowed([cut, to]));
  };
  walk(tree, {
    stretches: cells.map(({ shares }) => [0, shares.length]),
    shares: cells.map(() => 1),
  });
  return leaves;
}

/**
 * Returns the variance of a tree over a matrix, taken apart.
 *
 * *Cost* O(leaves · d) at once, O(leaves + cells²) for a pair
 */
export function decompose(tree: TreeNode, spreads: readonly Spread[]): Decomposition {
  const cells = spreads.map((spread, axis) => cellsOf(tree, spread, axis));
  const leaves = leavesOf(tree, cells);
  // About the mean, so that no digits are lost between large squares.
  const mean = leaves.reduce((sum, { share, value }) => sum + share * value, 0);
  const total = leaves.reduce((sum, { share, value }) => sum + share * (value - mean) ** 2, 0);

  const single = cells.map(({ shares }, j) => {
    const steps = new Float64Array(shares.length + 1);
    for (const leaf of leaves) {
      const part = ((leaf.value - mean) * leaf.share) / leaf.shares[j]!;
      const stretches = leaf.stretches[j]!;
      for (let s = 0; s < stretches.length; s += 2) {
        steps[stretches[s]!]! += part;
        steps[stretches[s + 1]!]! -= part;
      }
    }
    let marginal = 0;
    let variance = 0;
    for (const [cell, share] of shares.entries()) {
      marginal += steps[cell]!;
      variance += share * marginal ** 2;
    }
    return variance;
  });

  const pair = (j: number, k: number): number => {
    const across = cells[j]!.shares;
    const width = cells[k]!.shares.length + 1;
    const steps = new Float64Array((across.length + 1) * width);
    for (const leaf of leaves) {
      const part = ((leaf.value - mean) * leaf.share) / (leaf.shares[j]! * leaf.shares[k]!);
      addBoxes(steps, width, { rows: leaf.stretches[j]!, columns: leaf.stretches[k]!, part });
    }
    const marginals = new Float64Array(width);
    let variance = 0;
    for (const [row, share] of across.entries()) {
      let change = 0;
      for (let column = 0; column < width - 1; column++) {
        change += steps[row * width + column]!;
        marginals[column]! += change;
        variance += share * cells[k]!.shares[column]! * marginals[column]! ** 2;
      }
    }
    return Math.max(0, variance - single[j]! - single[k]!);
  };
  return { total, single, pair };
}

/** Adds a number to boxes of cells, as steps that become the sums when they are added up along both axes. */
function addBoxes(
  steps: Float64Array,
  width: number,
  box: {
    readonly rows: readonly number[];
    readonly columns: readonly number[];
    readonly part: number;
  },
): void {
  const { rows, columns, part } = box;
  for (let r = 0; r < rows.length; r++) {
    for (let c = 0; c < columns.length; c++) {
      // Begins and ends take turns: what begins on both axes or ends on both is added.
      steps[rows[r]! * width + columns[c]!]! += (r + c) % 2 === 0 ? part : -part;
    }
  }
}
