import type { Algorithm, Metric } from '../../domain/hptuning.ts';

export type Bo = Extract<Algorithm, { readonly kind: 'bo' }>;

/** What a search with a surrogate goes by, whichever algorithm the document names. */
export interface Settings {
  /** Experiments in all. */
  readonly experiments: number;
  /** Those of them that belong to the initial design. */
  readonly initial: number;
  readonly metric: Metric;
  /** The model that the document describes; null where the choice is the search's. */
  readonly surrogate: Bo['surrogate'];
  /** Whether the initial design begins in the middle of the matrix. */
  readonly startsInMiddle: boolean;
}

/** The initial design that `auto` makes: enough for a first look, and less the smaller the budget. */
const initialOf = (experiments: number, parameters: number): number =>
  Math.min(experiments, Math.max(4, Math.min(10, parameters + 2, Math.ceil(experiments / 5))));

/** The settings of an algorithm that is a search by a surrogate; null for the others. */
export function settingsOf(algorithm: Algorithm, parameters: number): Settings | null {
  switch (algorithm.kind) {
    case 'bo': {
      const { nInitialTrials: initial, nIterations, surrogate } = algorithm;
      const experiments = initial + nIterations;
      return { experiments, initial, metric: algorithm.metric, surrogate, startsInMiddle: false };
    }
    case 'auto': {
      const { nExperiments: experiments } = algorithm;
      const initial = initialOf(experiments, parameters);
      return {
        experiments,
        initial,
        metric: algorithm.metric,
        surrogate: null,
        startsInMiddle: true,
      };
    }
    default:
      return null;
  }
}

/** What suggestions are made by, whatever makes the plan of the search. */
export type Modelling = Omit<Settings, 'experiments'>;

/** By what an algorithm makes suggestions; null for those without a surrogate. */
export function modellingOf(algorithm: Algorithm, parameters: number): Modelling | null {
  if (algorithm.kind !== 'hyperband') return settingsOf(algorithm, parameters);
  // Its first rung takes the place of an initial design.
  const { model, metric } = algorithm;
  return model ? { initial: 0, metric, surrogate: null, startsInMiddle: false } : null;
}
