/**
 * Returns the number of leading items that are not above `x`: the place of the first one above it.
 *
 * @param sorted - ascending numbers
 * *Cost* O(log n).
 */
export function upperBound(sorted: Float64Array, x: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}
