import assert from 'node:assert/strict';
import type { Resource } from '../domain/hptuning.ts';
import { LIMITS } from '../domain/limits.ts';
import type { Rational } from '../numerics/rational.ts';
import {
  ceil,
  divide,
  floor,
  multiply,
  ONE,
  roundHalfUp,
  toDouble,
  toRational,
} from '../numerics/rational.ts';

/**
 * How many experiments of which size Hyperband runs.
 *
 * | symbol | meaning |
 * |---|---|
 * | R | the most resource that an experiment gets, `maxIter` |
 * | η | reduction factor, `eta` |
 * | s | number of a bracket, s_max … 0: it has s + 1 rungs |
 * | i | number of a rung, 0 … s |
 * | n, n_i | experiments of a bracket's rung 0, of its rung i |
 * | r_i | resource of an experiment of rung i |
 *
 * Source: L. Li, K. Jamieson, G. DeSalvo, A. Rostamizadeh, A. Talwalkar, "Hyperband: a novel
 * bandit-based approach to hyperparameter optimization", JMLR 18 (2018), Algorithm 1.
 */

/** One level of a bracket: how many experiments it has, and how much resource each of them gets. */
export interface Rung {
  readonly experiments: number;
  readonly resource: number;
}

/** One successive-halving schedule. */
export interface Bracket {
  /** The bracket's s: how often it reduces its experiments. */
  readonly bracket: number;
  readonly rungs: readonly Rung[];
}

/** What a schedule is made of. */
export interface ScheduleInput {
  /** 1 … 10^6. */
  readonly maxIter: number;
  /** From 1.1; taken as the decimal that was written. */
  readonly eta: number;
  readonly resourceType: Resource['type'];
}

/** R itself is an integer, so that the last rung has it exactly, whatever its type. */
const ROUNDED = {
  int: (resource) => Number(roundHalfUp(resource)),
  float: toDouble,
} as const satisfies Record<Resource['type'], (resource: Rational) => number>;

/**
 * Returns the brackets in the order in which they start, from s_max to 0. All are computed in
 * fractions: floor(log R / log η) is off by one for R = 243, η = 3 and for many others.
 *
 * *Asserts* maxIter and eta in their ranges.
 * *Cost* O(s_max²) divisions of integers of s_max · 57 bits; s_max is at most 144.
 */
export const createSchedule = (input: ScheduleInput): readonly Bracket[] => [
  ...generateBrackets(input),
];

/**
 * Tells whether a schedule has more than `limit` experiments, from as few brackets as it takes.
 *
 * *Asserts* maxIter and eta in their ranges.
 */
export function plansMoreThan(limit: number, input: ScheduleInput): boolean {
  let planned = 0;
  for (const bracket of generateBrackets(input)) {
    planned += plannedExperiments([bracket]);
    if (planned > limit) return true;
  }
  return false;
}

/** Returns the number of experiments of all rungs. */
export const plannedExperiments = (brackets: readonly Bracket[]): number =>
  sum(brackets.flatMap(({ rungs }) => rungs).map(({ experiments }) => experiments));

/**
 * Returns the resource that all experiments spend together.
 *
 * @param resume - true where a promoted experiment goes on from what it has spent already
 */
export const totalResource = (
  brackets: readonly Bracket[],
  { resume }: { readonly resume: boolean },
): number =>
  sum(
    brackets.flatMap(({ rungs }) =>
      rungs.map(({ experiments, resource }, i) => {
        const spent = resume ? (rungs[i - 1]?.resource ?? 0) : 0;
        return experiments * (resource - spent);
      }),
    ),
  );

/**
 * Returns the bracket as it runs when it has fewer different points to start with: the same
 * resources, and at least one experiment on each rung.
 *
 * @param points - how many there are, from 1; Infinity and more than needed change nothing
 */
export function shrunk(
  { bracket, rungs }: Bracket,
  { points, eta }: { readonly points: number; readonly eta: number },
): Bracket {
  assert(points >= 1, 'a bracket starts with at least one point');
  if (points >= (rungs[0]?.experiments ?? 0)) return { bracket, rungs };
  const base = toRational(eta);
  let share = ONE;
  const fewer = rungs.map(({ resource }) => {
    const experiments = survivors(BigInt(points), share);
    share = divide(share, base);
    return { experiments, resource };
  });
  return { bracket, rungs: fewer };
}

function* generateBrackets({ maxIter, eta, resourceType }: ScheduleInput): Generator<Bracket> {
  assert(
    Number.isInteger(maxIter) && 1 <= maxIter && maxIter <= LIMITS.maxIter,
    'max_iter is an integer from 1 to 10^6',
  );
  assert(LIMITS.etaMin <= eta && eta < Number.POSITIVE_INFINITY, 'eta is a number from 1.1');
  const most = toRational(maxIter);
  const shares = listShares(most, toRational(eta));
  const resources = shares.map((share) => ROUNDED[resourceType](multiply(most, share)));

  for (const [s, share] of [...shares.entries()].reverse()) {
    const size = { top: BigInt(shares.length), bottom: BigInt(s + 1) };
    const n = ceil(divide(size, share));
    const rungs = resources
      .slice(0, s + 1)
      .reverse()
      .map((resource, i) => ({ experiments: survivors(n, shares[i] ?? ONE), resource }));
    yield { bracket: s, rungs };
  }
}

/** η^−i for i = 0 … s_max: those of which R times as much is at least 1. */
function listShares(most: Rational, eta: Rational): readonly Rational[] {
  const shares: Rational[] = [];
  for (let share = ONE; floor(multiply(most, share)) >= 1n; share = divide(share, eta)) {
    shares.push(share);
  }
  return shares;
}

/** n_i: how many of n experiments are left when only a share goes on, at least one. */
const survivors = (n: bigint, share: Rational): number =>
  Math.max(1, Number(floor({ top: n * share.top, bottom: share.bottom })));

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, number) => total + number, 0);
