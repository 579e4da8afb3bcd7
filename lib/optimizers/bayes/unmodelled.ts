import type { Algorithm, Hptuning } from '../../domain/hptuning.ts';
import type { Suggestion } from '../../domain/suggestion.ts';
import type { Values } from '../../domain/values.ts';
import { createStream } from '../../numerics/stream.ts';
import type { Draw } from '../distinct-draws.ts';
import { createHyperband } from '../hyperband.ts';
import { PURPOSES } from '../purposes.ts';

/** Suggestions of a search with a surrogate that are made without it. */
export interface Unmodelled {
  /** True where a suggestion is made without it whatever was observed. */
  readonly isWanted: (index: number) => boolean;
  /** Returns the suggestion; null where nothing is left that is not tried. */
  readonly suggest: (index: number, isTried: (values: Values) => boolean) => Suggestion | null;
}

/** Returns the points of an initial design, which goes on where there is no surrogate after it. */
export function createDesigned(design: Draw, initial: number): Unmodelled {
  let next = 0;
  return {
    isWanted: (index) => index < initial,
    suggest(index, isTried) {
      for (;;) {
        const values = design(next++);
        if (values === null) return null;
        if (isTried(values)) continue;
        const source = index < initial ? 'initial_design' : 'fallback';
        return { values, source, prediction: null };
      }
    },
  };
}

/** The share of configurations that are drawn: a surrogate that is wrong costs no more than the rest. */
const DRAWN_SHARE = 1 / 5;

/**
 * Returns the draws of Hyperband without a model: a suggestion has the values that it would have there, or, where these are
 * tried, the next ones of its bracket that are not.
 *
 * *Source* S. Falkner, A. Klein, F. Hutter, "BOHB: robust and efficient hyperparameter optimization at scale", ICML 2018,
 * section 3.1: a share ρ of the configurations is drawn at random.
 */
export function createDrawn(
  { matrix, seed }: Hptuning,
  algorithm: Extract<Algorithm, { readonly kind: 'hyperband' }>,
): Unmodelled & {
  /** The resource with which the bracket of a suggestion begins. */
  readonly resourceAt: (index: number) => number;
} {
  const plan = createHyperband({ matrix, seed, ...algorithm });
  const stream = createStream({ seed, purpose: PURPOSES.drawnAnyway });
  const firstRungAt = (index: number) => {
    const { bracket } = plan.freshAt(index);
    return plan.brackets.find((one) => one.bracket === bracket)?.rungs[0];
  };
  return {
    isWanted: (index) => stream.uniform(index, 0) < DRAWN_SHARE,
    suggest(index, isTried) {
      const { bracket, slot } = plan.freshAt(index);
      const slots = firstRungAt(index)?.experiments ?? 0;
      // Draws differ from each other: of as many as the bracket has slots one at least is not tried.
      for (let k = 0; k < slots; k++) {
        const values = plan.values({ bracket, slot: (slot + k) % slots });
        if (values !== null && !isTried(values)) {
          return { values, source: 'random', prediction: null };
        }
      }
      return null;
    },
    resourceAt: (index) => firstRungAt(index)?.resource ?? algorithm.maxIter,
  };
}
