import type { Hptuning } from '../../domain/hptuning.ts';
import type { Suggestion } from '../../domain/suggestion.ts';
import type { Values } from '../../domain/values.ts';
import { distinctPoints } from '../../matrix/distinct.ts';
import type { Encoding } from '../../matrix/encoding.ts';
import { createEncoding } from '../../matrix/encoding.ts';
import { createValuesKey } from '../../matrix/values-key.ts';
import type { Box } from './box.ts';
import { areInRegion } from './failures.ts';
import { createInitialDesign } from './initial-design.ts';
import { levelled } from './levels.ts';
import type { Landscape, Peak } from './maximise.ts';
import { createMaximiser } from './maximise.ts';
import type { Modelling } from './settings.ts';
import { modellingOf } from './settings.ts';
import { createSurrogate } from './surrogate.ts';
import { createDesigned, createDrawn } from './unmodelled.ts';
import type { Observation, View } from './view.ts';

/**
 * Returns suggestions of a search with a surrogate: a pure function of the document, its seed and the view. No point that
 * the view knows is suggested, nor one twice; there are fewer than were asked for where the matrix has no other.
 *
 * In a bracket of Hyperband each point comes once. One that the view knows is suggested again there where it has had less
 * of the resource than the bracket begins with, or where the matrix has no other.
 *
 * *Asserts* that the suggestions asked for belong to one bracket.
 */
export function propose(hptuning: Hptuning, view: View): readonly Suggestion[] {
  const settings = modellingOf(hptuning.algorithm, hptuning.matrix.length);
  return settings === null ? [] : proposeBy(hptuning, settings, view);
}

function proposeBy(hptuning: Hptuning, settings: Modelling, view: View): readonly Suggestion[] {
  const { matrix, seed, algorithm } = hptuning;
  const keyOf = createValuesKey(matrix);
  const { initial, startsInMiddle } = settings;
  const points = distinctPoints(matrix);
  const design = createInitialDesign({ matrix, seed, points, startsInMiddle });
  const pending = [...view.pending];

  const drawn = algorithm.kind === 'hyperband' ? createDrawn(hptuning, algorithm) : null;
  const unmodelled = drawn ?? createDesigned(design, initial);
  const enough = drawn?.resourceAt(view.index) ?? 0;
  const isDone = ({ objective, spent = enough }: Observation): boolean =>
    !Number.isFinite(objective) || spent >= enough;
  const begun = new Set((view.begun ?? []).map(keyOf));
  const done = view.observations.filter(isDone).map(({ values }) => values);
  const tried = new Set([...done, ...view.pending, ...view.failed].map(keyOf).concat(...begun));
  const isIn =
    (keys: ReadonlySet<string>) =>
    (values: Values): boolean =>
      keys.has(keyOf(values));
  /** What is left out as long as there is something else; then only what a bracket must not have twice. */
  const leftOut = drawn === null ? [isIn(tried)] : [isIn(tried), isIn(begun)];
  const isTaken = isIn(drawn === null ? tried : begun);
  const observed = new Set(view.observations.map(({ values }) => keyOf(values)));

  const createModelled = (): ((index: number) => Suggestion | null) => {
    const plain = createEncoding(matrix);
    const { observed: encoding, chosen } = levelled(plain, algorithm);
    const observations = withFailures(plain, view);
    const maximise = createMaximiser({ matrix, seed, encoding: chosen, design });
    const room = view.pending.length + view.count;
    const surrogate = createSurrogate({ settings, seed, encoding, observations, room });
    return (index) => {
      surrogate.expect(pending);
      const { incumbents, exploring } = surrogate;
      const find = (landscape: Landscape, box: Box | null): Peak | null => {
        for (const isTried of leftOut) {
          const peak = maximise({ landscape, index, incumbents, isTried, box });
          if (peak !== null) return peak;
        }
        return null;
      };
      const promising = find(surrogate.landscapeAt(index), surrogate.boxAt(index));
      const explores =
        exploring !== null && promising !== null && surrogate.isKnown(promising.point, index);
      const peak = explores ? find(exploring, null) : promising;
      if (peak === null) return null;
      const prediction = surrogate.predict(peak.point, explores ? 'exploring' : index);
      return { values: peak.values, source: 'surrogate', prediction };
    };
  };
  let modelled: ReturnType<typeof createModelled> | undefined;

  const isBlind = !view.observations.some(({ objective }) => Number.isFinite(objective));
  const suggestAt = (index: number): Suggestion | null => {
    if (isBlind || unmodelled.isWanted(index)) return unmodelled.suggest(index, isTaken);
    modelled ??= createModelled();
    return modelled(index);
  };

  const suggestions: Suggestion[] = [];
  for (let index = view.index; index < view.index + view.count; index++) {
    const suggestion = suggestAt(index);
    if (suggestion === null) break;
    const key = keyOf(suggestion.values);
    tried.add(key);
    begun.add(key);
    // What was observed and is tried for longer is known already.
    if (!observed.has(key)) pending.push(suggestion.values);
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
