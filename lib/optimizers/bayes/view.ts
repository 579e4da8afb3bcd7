import type { Values } from '../../domain/values.ts';

/** An experiment that has ended, as the surrogate sees it. */
export interface Observation {
  readonly values: Values;
  /** The metric's last value; NaN where the experiment was infeasible or the value is not finite. */
  readonly objective: number;
  /** The most resource with which it was tried, where the search says how much of it experiments get. */
  readonly spent?: number;
}

/** All that suggestions are made from, besides the document. */
export interface View {
  /** The first suggestion's index. */
  readonly index: number;
  /** How many suggestions are wanted. */
  readonly count: number;
  /** In order of completion. */
  readonly observations: readonly Observation[];
  /** What is being tried and has no value yet, in order of number. */
  readonly pending: readonly Values[];
  /** What was tried and says nothing. */
  readonly failed: readonly Values[];
  /** Configurations that the bracket of the suggestions has begun with already; absent where there are no brackets. */
  readonly begun?: readonly Values[];
}
