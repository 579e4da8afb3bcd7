import assert from 'node:assert/strict';
import { upperBound } from './ordered.ts';

/**
 * Returns the first cells of a random order of a grid in which cells are drawn one after another
 * without replacement, each time in proportion to their weights.
 *
 * Every cell j runs a race of length E_j / w_j with E_j from Exp(1): the order of arrival has
 * exactly that distribution. The weight of a cell is the product of its axes' weights; logarithms
 * are compared, so that products of many small weights do not vanish.
 *
 * @param weights - for each axis the positive weights of its items; the last axis varies fastest
 * @param uniform - cell → uniform in [0, 1), the only randomness
 * @param take - how many cells to return, at most the number of cells
 * @returns the cells' numbers in order, length `take`
 * *Cost* O(M log M) for M cells, about 16 bytes a cell.
 * *Source* P. Efraimidis, P. Spirakis, "Weighted random sampling with a reservoir", IPL 97 (2006).
 */
export function weightedOrder({
  weights,
  uniform,
  take,
}: {
  weights: readonly Float64Array[];
  uniform: (cell: number) => number;
  take: number;
}): Uint32Array {
  const arrivals = minusLogWeights(weights);
  assert(take <= arrivals.length, 'no more cells can be taken than there are');
  for (let cell = 0; cell < arrivals.length; cell++) {
    arrivals[cell] = Math.log(-Math.log(1 - uniform(cell))) + arrivals[cell]!;
  }
  return firstInOrder(arrivals, take);
}

/** For each cell of the grid the negative logarithm of its weight. */
function minusLogWeights(weights: readonly Float64Array[]): Float64Array {
  let cells = Float64Array.of(0);
  for (const axis of weights) {
    const next = new Float64Array(cells.length * axis.length);
    const logs = axis.map(Math.log);
    for (let cell = 0, k = 0; cell < cells.length; cell++) {
      for (let item = 0; item < logs.length; item++) next[k++] = cells[cell]! - logs[item]!;
    }
    cells = next;
  }
  return cells;
}

/** The places of the `take` smallest numbers, smallest first, equal ones by their place. */
function firstInOrder(numbers: Float64Array, take: number): Uint32Array {
  const sorted = numbers.slice().sort();
  const last = take > 0 ? sorted[take - 1]! : Number.NEGATIVE_INFINITY;
  const order = new Uint32Array(numbers.length);
  const filled = new Uint8Array(numbers.length);
  // From the back, so that of equal numbers the one with the lower place gets the lower rank.
  for (let place = numbers.length - 1; place >= 0; place--) {
    if (numbers[place]! > last) continue;
    let rank = upperBound(sorted, numbers[place]!) - 1;
    while (filled[rank]) rank--;
    filled[rank] = 1;
    order[rank] = place;
  }
  return order.slice(0, take);
}
