import assert from 'node:assert/strict';
import { upperBound } from '../numerics/ordered.ts';
import type { Bracket } from './hyperband-schedule.ts';

/** Where one experiment starts: a slot of rung 0 of a bracket. */
export interface Slot {
  readonly bracket: number;
  readonly slot: number;
}

/** Where one experiment stands: a slot of a rung of a bracket, both counted from 0. */
export interface Position extends Slot {
  readonly rung: number;
}

/** The two ways to number the experiments of a plan: all of them, and those with new values. */
export interface Positions {
  /** Experiments of all rungs. */
  readonly planned: number;
  /** Experiments with new values: those of the rungs 0. */
  readonly fresh: number;
  /** The k-th experiment with new values, 0 … fresh − 1; the larger bracket number goes first. */
  readonly freshAt: (k: number) => Slot;
  /** The inverse of `freshAt`. */
  readonly freshOf: (slot: Slot) => number;
  /**
   * The experiment with an index, 0 … planned − 1. The order is that in which a single worker runs
   * them: bracket s_max first, in it rung 0 first, in it slot 0 first.
   */
  readonly locate: (index: number) => Position;
  /** The inverse of `locate`. */
  readonly indexOf: (position: Position) => number;
}

interface Stretch {
  readonly bracket: number;
  readonly rung: number;
  readonly experiments: number;
}

/**
 * Returns the numbering of the experiments of a plan.
 *
 * *Cost* memory O(rungs), time O(log rungs) for a call, however many experiments there are.
 */
export function createPositions(brackets: readonly Bracket[]): Positions {
  const stretches = brackets.flatMap(({ bracket, rungs }) =>
    rungs.map(({ experiments }, rung): Stretch => ({ bracket, rung, experiments })),
  );
  const all = joinStretches(stretches);
  const begins = stretches.filter(({ rung }) => rung === 0);
  const fresh = joinStretches(begins);
  const rangesOf = (of: readonly Stretch[], { range }: typeof all) =>
    new Map(of.map(({ bracket, rung }, i) => [keyOf(bracket, rung), range(i)]));
  const ranges = rangesOf(stretches, all);
  const freshRanges = rangesOf(begins, fresh);
  const placeIn = (of: typeof ranges, { bracket, rung, slot }: Position): number => {
    const range = of.get(keyOf(bracket, rung));
    assert(range !== undefined, `the plan has no rung ${rung} of bracket ${bracket}`);
    const index = range.start + slot;
    assert(
      Number.isInteger(slot) && slot >= 0 && index < range.end,
      `rung ${rung} of bracket ${bracket} has no slot ${slot}`,
    );
    return index;
  };

  return {
    planned: all.length,
    fresh: fresh.length,
    freshAt: (k) => {
      const { bracket, slot } = fresh.at(k);
      return { bracket, slot };
    },
    freshOf: (slot) => placeIn(freshRanges, { ...slot, rung: 0 }),
    locate: all.at,
    indexOf: (position) => placeIn(ranges, position),
  };
}

const keyOf = (bracket: number, rung: number): string => `${bracket}/${rung}`;

/** Stretches one after another as one sequence of slots. */
function joinStretches(stretches: readonly Stretch[]) {
  const ends = new Float64Array(stretches.length);
  let length = 0;
  for (const [i, { experiments }] of stretches.entries()) {
    length += experiments;
    ends[i] = length;
  }
  const range = (i: number): { readonly start: number; readonly end: number } => ({
    start: ends[i - 1] ?? 0,
    end: ends[i] ?? length,
  });
  const at = (index: number): Position => {
    const i = upperBound(ends, index);
    const stretch = stretches[i];
    assert(
      Number.isInteger(index) && index >= 0 && stretch !== undefined,
      `an index is an integer from 0 to ${length - 1}`,
    );
    const { bracket, rung } = stretch;
    return { bracket, rung, slot: index - range(i).start };
  };
  return { length, range, at };
}
