import type { Metric, Resource } from '../domain/hptuning.ts';
import type { Values } from '../domain/values.ts';
import type { HyperbandPlan } from './hyperband.ts';

/** The code of one search method for one group. */
export interface Optimizer {
  /** How many experiments it makes at most, promoted ones included. */
  readonly planned: number;
  /** How many suggestions with new values it makes at most. */
  readonly fresh: number;
  /**
   * Returns the values of a suggestion, a pure function of the group's `hptuning` and of the index.
   *
   * @param index - counts the search's own suggestions from 0, in any order of asking
   * @returns null where the matrix has no further values for that index or it lies beyond `fresh`
   */
  readonly suggest: (index: number) => Values | null;
  /** The index of a suggestion among all experiments of the search. */
  readonly indexOf: (index: number) => number;
  /** How experiments are promoted; null where none are. */
  readonly promotion: Promotion | null;
  /** How suggestions follow from what was observed; null where they do not. */
  readonly surrogate: SurrogateSearch | null;
}

/** A search of which only the first suggestions are a function of the index alone. */
export interface SurrogateSearch {
  readonly metric: Metric;
  /**
   * How many suggestions belong to the initial design. `suggest` gives these, and those that stand
   * in as long as nothing is observed; the others `propose` gives.
   */
  readonly initial: number;
}

/** What promotes experiments from rung to rung. */
export interface Promotion {
  readonly plan: HyperbandPlan;
  readonly eta: number;
  readonly resource: Resource;
  readonly metric: Metric;
  readonly resume: boolean;
}
