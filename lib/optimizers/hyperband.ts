import assert from 'node:assert/strict';
import type { Matrix, Resource } from '../domain/hptuning.ts';
import { LIMITS } from '../domain/limits.ts';
import type { Values } from '../domain/values.ts';
import { distinctPoints } from '../matrix/distinct.ts';
import type { Draw } from './distinct-draws.ts';
import { createDistinctDraws } from './distinct-draws.ts';
import type { Positions, Slot } from './hyperband-positions.ts';
import { createPositions } from './hyperband-positions.ts';
import type { Bracket } from './hyperband-schedule.ts';
import { createSchedule, plansMoreThan, shrunk } from './hyperband-schedule.ts';
import { bracketPurposes } from './purposes.ts';

/** What a Hyperband search is made of. */
export interface Hyperband {
  readonly matrix: Matrix;
  readonly seed: number;
  readonly maxIter: number;
  readonly eta: number;
  readonly resource: Resource;
}

/** Everything about a Hyperband search that does not depend on what experiments report. */
export interface HyperbandPlan extends Positions {
  /** From s_max to 0, none larger than the matrix has distinct points. */
  readonly brackets: readonly Bracket[];
  /**
   * Returns the values with which a slot of rung 0 starts, without the resource; distinct within
   * the bracket. They depend on the seed, the bracket's number and the slot alone, not on how many
   * others there are.
   *
   * @returns null where the matrix has nothing new for this slot, and then for none after it
   * *Asserts* that the plan has the slot.
   */
  readonly values: (slot: Slot) => Values | null;
}

/**
 * Returns the plan of a Hyperband search. No values are drawn before they are asked for.
 *
 * *Asserts* maxIter and eta in their ranges and a schedule of up to 10^6 experiments, before it is
 * shrunk to the matrix.
 */
export function createHyperband({
  matrix,
  seed,
  maxIter,
  eta,
  resource,
}: Hyperband): HyperbandPlan {
  const schedule = { maxIter, eta, resourceType: resource.type };
  assert(
    !plansMoreThan(LIMITS.plannedExperiments, schedule),
    'Hyperband plans up to 10^6 experiments',
  );
  const points = distinctPoints(matrix);
  const brackets = createSchedule(schedule).map((bracket) => shrunk(bracket, { points, eta }));
  const positions = createPositions(brackets);

  const createDraw = (bracket: number): Draw => {
    const take = brackets.find((one) => one.bracket === bracket)?.rungs[0]?.experiments ?? 0;
    return createDistinctDraws({ matrix, seed, points, take, purposes: bracketPurposes(bracket) });
  };
  const draws = new Map<number, Draw>();

  const values = ({ bracket, slot }: Slot): Values | null => {
    // Asserts that the plan has such a slot.
    positions.indexOf({ bracket, rung: 0, slot });
    const draw = draws.get(bracket) ?? createDraw(bracket);
    draws.set(bracket, draw);
    return draw(slot);
  };

  return { ...positions, brackets, values };
}
