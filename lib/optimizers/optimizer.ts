import type { Values } from '../domain/values.ts';

/** The code of one search method for one group. */
export interface Optimizer {
  /** How many suggestions it makes at most. */
  readonly planned: number;
  /**
   * Returns the values of a suggestion, a pure function of the group's `hptuning` and of the index.
   *
   * @param index - counts the search's own suggestions from 0, in any order of asking
   * @returns null where the matrix has no further values for that index or it lies beyond `planned`
   */
  readonly suggest: (index: number) => Values | null;
}
