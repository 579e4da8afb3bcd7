import type { Hptuning } from '../../domain/hptuning.ts';
import type { Suggestion } from '../../domain/suggestion.ts';
import type { Values } from '../../domain/values.ts';
import { distinctPoints } from '../../matrix/distinct.ts';
import type { Encoding } from '../../matrix/encoding.ts';
import { createEncoding } from '../../matrix/encoding.ts';
import { createValuesKey } from '../../matrix/values-key.ts';
import { areInRegion } from './failures.ts';
import { createInitialDesign } from './initial-design.ts';
import type { Landscape, Peak } from './maximise.ts';
import { createMaximiser } from './maximise.ts';
import type { Settings } from './settings.ts';
import { settingsOf } from './settings.ts';
import { createSurrogate } from './surrogate.ts';
import type { Observation, View } from './view.ts';

/**
 * Returns suggestions of Bayesian optimisation: a pure function of the document, its seed and the
 * view. No point that the view knows is suggested, nor one twice; there are fewer than were asked
 * for where the matrix has no other.
 */
export function propose(hptuning: Hptuning, view: View): readonly Suggestion[] {
  const settings = settingsOf(hptuning.algorithm, hptuning.matrix.length);
  return settings === null ? [] : proposeBy(hptuning, settings, view);
}

function proposeBy(
  { matrix, seed }: Hptuning,
  settings: Settings,
  view: View,
): readonly Suggestion[] {
  const keyOf = createValuesKey(matrix);
  const known = [...view.observations.map(({ values }) => values), ...view.pending, ...view.failed];
  const tried = new Set(known.map(keyOf));
  const isTried = (values: Values): boolean => tried.has(keyOf(values));
  const { initial, startsInMiddle } = settings;
  const points = distinctPoints(matrix);
  const design = createInitialDesign({ matrix, seed, points, startsInMiddle });
  const pending = [...view.pending];

  let next = 0;
  const fromDesign = (index: number): Suggestion | null => {
    for (;;) {
      const values = design(next++);
      if (values === null) return null;
      if (isTried(values)) continue;
      const source = index < initial ? 'initial_design' : 'fallback';
      return { values, source, prediction: null };
    }
  };

  const createModelled = (): ((index: number) => Suggestion | null) => {
    const encoding = createEncoding(matrix);
    const observations = withFailures(encoding, view);
    const maximise = createMaximiser({ matrix, seed, encoding, design });
    const room = view.pending.length + view.count;
    const surrogate = createSurrogate({ settings, seed, encoding, observations, room });
    return (index) => {
      surrogate.expect(pending);
      const { incumbents, exploring } = surrogate;
      const find = (landscape: Landscape): Peak | null =>
        maximise({ landscape, index, incumbents, isTried });
      const promising = find(surrogate.landscapeAt(index));
      const explores =
        exploring !== null && promising !== null && surrogate.isCrowded(promising.point);
      const peak = explores ? find(exploring) : promising;
      if (peak === null) return null;
      const prediction = surrogate.predict(peak.point, explores ? 'exploring' : index);
      return { values: peak.values, source: 'surrogate', prediction };
    };
  };
  let modelled: ReturnType<typeof createModelled> | undefined;

  const isBlind = !view.observations.some(({ objective }) => Number.isFinite(objective));
  const suggestAt = (index: number): Suggestion | null => {
    if (isBlind || index < initial) return fromDesign(index);
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

/** The observations, with the failures as infeasible ones where they lie in a region. */
function withFailures(encoding: Encoding, { observations, failed }: View): readonly Observation[] {
  const others = observations.map(({ values }) => values);
  if (!areInRegion(encoding, failed, others)) return observations;
  return [...observations, ...failed.map((values) => ({ values, objective: Number.NaN }))];
}
