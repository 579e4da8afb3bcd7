import type { Source } from './experiment.ts';
import type { Values } from './values.ts';

/** What the surrogate says of a suggestion. */
export interface Prediction {
  /** In units of the metric. */
  readonly mean: number;
  /** In units of the metric. */
  readonly sd: number;
  /** What was maximised, in the units of the surrogate: those of the objectives once they are standardised. */
  readonly acquisition: { readonly name: string; readonly value: number };
}

/** Values to try, and why these. */
export interface Suggestion {
  readonly values: Values;
  readonly source: Extract<Source, 'initial_design' | 'surrogate' | 'fallback' | 'random'>;
  /** Null where no surrogate was asked. */
  readonly prediction: Prediction | null;
}
