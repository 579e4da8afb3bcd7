import assert from 'node:assert/strict';
import type { End } from '../domain/experiment.ts';
import type { Optimization } from '../domain/hptuning.ts';
import type { MetricValue } from '../domain/measurement.ts';
import { toNumber } from '../domain/measurement.ts';

/** How the experiment of one slot of a rung ended. */
export interface RungResult {
  /** Its place within the rung, from 0. */
  readonly slot: number;
  readonly end: End;
  /** Its last value of the search's metric; null where it has none. */
  readonly objective: MetricValue | null;
}

/** Comparisons that put the better of two values first. */
export const BETTER_FIRST = {
  minimize: (a, b) => a - b,
  maximize: (a, b) => b - a,
} as const satisfies Record<Optimization, (a: number, b: number) => number>;

/** The value by which an experiment can go on; null where it cannot, however it ranks: only a success with a finite one can. */
export function promotableValue({ end, objective }: Omit<RungResult, 'slot'>): number | null {
  const value = end === 'succeeded' && objective !== null ? toNumber(objective) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}

/**
 * Returns the slots that go on to the next rung, best first and equal ones by slot: a function of
 * the set of results, not of their order. Only experiments that succeeded with a finite value can
 * go on; where there are fewer of them than places, all do.
 *
 * @param results - of one rung of one bracket, each slot once
 * @param take - experiments of the next rung
 */
export function promote(
  results: readonly RungResult[],
  optimization: Optimization,
  take: number,
): readonly number[] {
  assert(Number.isInteger(take) && take >= 0, 'a rung has a whole number of experiments');
  const compare = BETTER_FIRST[optimization];
  return results
    .flatMap((result) => {
      const value = promotableValue(result);
      return value === null ? [] : [{ slot: result.slot, value }];
    })
    .sort((a, b) => compare(a.value, b.value) || a.slot - b.slot)
    .slice(0, take)
    .map(({ slot }) => slot);
}
