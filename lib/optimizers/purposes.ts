/**
 * What random numbers are drawn for: streams of different purposes are independent. A number is
 * never changed or used again, or the same seed would no longer give the same values.
 */
export const PURPOSES = {
  /** Values drawn for random search: index = the draw, i = the parameter. */
  draw: 1,
  /** The order of the points of a small finite matrix: index = the point. */
  order: 2,
  /** The scramble of the initial design of Bayesian optimisation. */
  design: 3,
  /** The order of the points of a small matrix that the initial design has left out. */
  designRest: 4,
  /** The scramble of the points among which the acquisition is maximised. */
  candidates: 5,
  /** Points around the best ones: index = the suggestion, i = the coordinate of a point. */
  neighbours: 6,
  /** Further starts of the surrogate's fit: index = the start. */
  restarts: 7,
  /** Which configurations of a search with a model are drawn all the same: index = the suggestion. */
  drawnAnyway: 8,
  /** The rows that a tree of the forest of importance is grown on: index = the tree, i = the draw. */
  forest: 9,
} as const;

/** The first of the purposes of Hyperband: those below it are for searches that need only a few. */
const BRACKETS_FROM = 0x1_0000;

/**
 * Returns the purposes of one bracket of Hyperband, which mean what those of random search do.
 *
 * @param bracket - the bracket's s, 0 … 32,767
 */
export const bracketPurposes = (bracket: number): { draw: number; order: number } => ({
  draw: BRACKETS_FROM + 2 * bracket,
  order: BRACKETS_FROM + 2 * bracket + 1,
});
