import type { Metric, Resource } from '../domain/hptuning.ts';
import type { Values } from '../domain/values.ts';
import type { HalvingRule, RungCounts } from './halving.ts';
import type { HyperbandPlan } from './hyperband.ts';
import type { Bracket } from './hyperband-schedule.ts';

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
  /** How experiments are promoted rung by rung; null where none are. */
  readonly promotion: Promotion | null;
  /** How experiments are promoted one by one; null where none are. */
  readonly halving: AsyncPromotion | null;
  /** How suggestions follow from what was observed; null where they do not. */
  readonly surrogate: SurrogateSearch | null;
}

/** A search of which only the first suggestions are a function of the index alone. */
export interface SurrogateSearch {
  readonly metric: Metric;
  /**
   * How many suggestions `suggest` gives whatever is observed. It also gives those that stand in as long as the surrogate
   * waits; the others `propose` gives.
   */
  readonly initial: number;
  /**
   * What the surrogate waits for: an observation, without any of which the search ends after the `initial` ones; or a
   * complete rung, without any of which it goes on as it began.
   */
  readonly waitsFor: 'observation' | 'rung';
}

/** What promotes experiments from rung to rung. */
export interface Promotion {
  readonly plan: HyperbandPlan;
  readonly eta: number;
  readonly resource: Resource;
  readonly metric: Metric;
  readonly resume: boolean;
}

/** What promotes experiments without waiting for others of their rung. */
export interface AsyncPromotion {
  /** The one bracket, with the experiments that its rungs have where nobody is overtaken. */
  readonly bracket: Bracket;
  readonly rule: HalvingRule;
  readonly resource: Resource;
  readonly metric: Metric;
  readonly resume: boolean;
  /** The experiment with an index: a configuration, by the order in which they are begun, on a rung. */
  readonly locate: (index: number) => { readonly rung: number; readonly slot: number };
  /** The inverse of `locate`. */
  readonly indexOf: (at: { readonly rung: number; readonly slot: number }) => number;
  /** *Asserts* that there is such a rung. */
  readonly resourceAt: (rung: number) => number;
  /**
   * Returns how many experiments the rungs will have as things stand, and how many of the rungs, from the first on, are
   * complete: nobody runs there any more, and nobody can come.
   *
   * @param counts - of every rung
   * @param begun - configurations that are begun in all
   */
  readonly outlook: (
    counts: readonly RungCounts[],
    begun: number,
  ) => { readonly experiments: readonly number[]; readonly complete: number };
}
