import type { Values } from '../../domain/values.ts';
import type { Encoding } from '../../matrix/encoding.ts';

/** Fewer failures than this say nothing of where they come from. */
const FAILURES_MIN = 2;
/** Where at least this share of the failures has another failure as its nearest neighbour, they lie in a region. */
const SHARE_MIN = 0.5;

/**
 * True where failures lie together, so that they tell of a part of the matrix that cannot be evaluated; false where they
 * are scattered among the others, as those of bad luck are.
 *
 * @param others - what was tried and did not fail
 * *Cost* O(failed · (failed + others) · d)
 */
export function areInRegion(
  encoding: Encoding,
  failed: readonly Values[],
  others: readonly Values[],
): boolean {
  if (failed.length < FAILURES_MIN) return false;
  const points = failed.map(encoding.pointOf);
  const rest = others.map(encoding.pointOf);
  const together = points.filter((point, i) => {
    const nearestFailed = nearest(point, points.toSpliced(i, 1));
    return nearestFailed <= nearest(point, rest);
  });
  return together.length >= SHARE_MIN * failed.length;
}

/** The squared distance to the nearest of the points. */
const nearest = (from: Float64Array, points: readonly Float64Array[]): number =>
  points.reduce((least, point) => {
    const distance = point.reduce((sum, x, c) => sum + (x - (from[c] ?? 0)) ** 2, 0);
    return Math.min(least, distance);
  }, Number.POSITIVE_INFINITY);
