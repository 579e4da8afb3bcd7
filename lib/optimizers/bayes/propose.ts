import type { Algorithm, Hptuning } from '../../domain/hptuning.ts';
import type { Suggestion } from '../../domain/suggestion.ts';
import type { Values } from '../../domain/values.ts';
import { distinctPoints } from '../../matrix/distinct.ts';
import { createEncoding } from '../../matrix/encoding.ts';
import { createValuesKey } from '../../matrix/values-key.ts';
import { createInitialDesign } from './initial-design.ts';
import { createMaximiser } from './maximise.ts';
import { createSurrogate } from './surrogate.ts';
import type { View } from './view.ts';

type Bo = Extract<Algorithm, { readonly kind: 'bo' }>;

/**
 * Returns suggestions of Bayesian optimisation: a pure function of the document, its seed and the
 * view. No point that the view knows is suggested, nor one twice; there are fewer than were asked
 * for where the matrix has no other.
 */
export function propose(hptuning: Hptuning, view: View): readonly Suggestion[] {
  const { algorithm } = hptuning;
  return algorithm.kind === 'bo' ? proposeBo(hptuning, algorithm, view) : [];
}

function proposeBo({ matrix, seed }: Hptuning, algorithm: Bo, view: View): readonly Suggestion[] {
  const keyOf = createValuesKey(matrix);
  const known = [...view.observations.map(({ values }) => values), ...view.pending, ...view.failed];
  const tried = new Set(known.map(keyOf));
  const isTried = (values: Values): boolean => tried.has(keyOf(values));
  const design = createInitialDesign({ matrix, seed, points: distinctPoints(matrix) });
  const pending = [...view.pending];

  let next = 0;
  const fromDesign = (index: number): Suggestion | null => {
    for (;;) {
      const values = design(next++);
      if (values === null) return null;
      if (isTried(values)) continue;
      const source = index < algorithm.nInitialTrials ? 'initial_design' : 'fallback';
      return { values, source, prediction: null };
    }
  };

  const createModelled = (): ((index: number) => Suggestion | null) => {
    const { observations } = view;
    const encoding = createEncoding(matrix);
    const maximise = createMaximiser({ matrix, seed, encoding, design });
    const room = view.pending.length + view.count;
    const surrogate = createSurrogate({ algorithm, seed, encoding, observations, room });
    return (index) => {
      surrogate.expect(pending);
      const landscape = surrogate.landscapeAt(index);
      const peak = maximise({ landscape, index, incumbents: surrogate.incumbents, isTried });
      if (peak === null) return null;
      const prediction = surrogate.predict(peak.point, index);
      return { values: peak.values, source: 'surrogate', prediction };
    };
  };
  let modelled: ReturnType<typeof createModelled> | undefined;

  const isBlind = !view.observations.some(({ objective }) => Number.isFinite(objective));
  const suggestAt = (index: number): Suggestion | null => {
    if (isBlind || index < algorithm.nInitialTrials) return fromDesign(index);
    modelled ??= createModelled();
    return modelled(index);
  };

  const suggestions: Suggestion[] = [];
  for (let index = view.index; index < view.index + view.count; index++) {
    const suggestion = suggestAt(index);
    if (suggestion === null) break;
    tried.add(keyOf(suggestion.values));
    pending.push(suggestion.values);
    suggestions.push(suggestion);
  }
  return suggestions;
}
