import assert from 'node:assert/strict';
import type { End } from '../domain/experiment.ts';
import type { Optimization } from '../domain/hptuning.ts';
import type { MetricValue } from '../domain/measurement.ts';
import type { Heap } from '../numerics/heap.ts';
import { createHeap } from '../numerics/heap.ts';
import type { Rational } from '../numerics/rational.ts';
import { floor, toRational } from '../numerics/rational.ts';
import { BETTER_FIRST, promotableValue } from './promotion.ts';

/*
 * Who goes on where nobody waits for a rung to be complete: an experiment is promoted by the first result after which it
 * is among the best 1/eta of its rung so far. Each result promotes at most one, and no promotion is taken back, so that
 * what is promoted is a function of the order of the results alone.
 *
 * Source: L. Li, K. Jamieson, A. Rostamizadeh, E. Gonina, J. Ben-tzur, M. Hardt, B. Recht, A. Talwalkar, "A system for
 * massively parallel hyperparameter tuning", MLSys 2020, Algorithm 2.
 */

/** How an experiment of the search has ended. */
export interface HalvingResult {
  readonly number: number;
  readonly rung: number;
  /** Which configuration it is. */
  readonly slot: number;
  readonly end: End;
  /** Its last value of the search's metric; null where it has none. */
  readonly objective: MetricValue | null;
}

/** An experiment that goes on. */
export interface PromotedSlot {
  /** The rung that it goes on to. */
  readonly rung: number;
  readonly slot: number;
  /** Number of the experiment that it continues. */
  readonly parent: number;
}

/** What the results so far have come to. */
export interface Halving {
  /** Takes one result more into account. Each comes once. */
  readonly add: (result: HalvingResult) => void;
  /** What goes on and has not ended there, in order of decision. */
  readonly open: () => readonly PromotedSlot[];
  /** Of each rung how many experiments have ended, and how many were promoted into it. */
  readonly counts: () => readonly RungCounts[];
  /** One of the same results that goes its own way. */
  readonly copy: () => Halving;
}

/** How many experiments of a rung there are. */
export interface RungCounts {
  readonly ended: number;
  /** Promoted into it; 0 for rung 0. */
  readonly promoted: number;
}

/** What decides who goes on. */
export interface HalvingRule {
  /** Rungs, the last one included, from which nobody goes on. */
  readonly rungs: number;
  readonly eta: number;
  readonly optimization: Optimization;
}

interface Ranked {
  readonly number: number;
  readonly slot: number;
  readonly value: number;
  /** True once it has been promoted, whether it is among the best still or not. */
  readonly isPromoted: boolean;
}

interface RungState {
  /** Experiments that have ended; those that were promoted into it. */
  ended: number;
  promoted: number;
  /** The best 1/eta, the worst of them on top: all of them go on. */
  readonly top: Heap<Ranked>;
  /** The others, the best on top. */
  readonly rest: Heap<Ranked>;
}

/**
 * Returns the number of experiments that are the best 1/eta of so many.
 *
 * @param eta - as `toRational` reads it
 */
export const shareOf = (experiments: number, eta: Rational): number =>
  Number(floor({ top: BigInt(experiments) * eta.bottom, bottom: eta.top }));

/**
 * Returns the state of a search before its first result.
 *
 * *Cost* O(log n) for a result, O(n) for a copy
 */
export function createHalving(rule: HalvingRule): Halving {
  const compare = BETTER_FIRST[rule.optimization];
  const betterFirst = (a: Ranked, b: Ranked): number =>
    compare(a.value, b.value) || a.slot - b.slot;
  const rungs = Array.from(
    { length: rule.rungs },
    (): RungState => ({
      ended: 0,
      promoted: 0,
      top: createHeap((a, b) => betterFirst(b, a)),
      rest: createHeap(betterFirst),
    }),
  );
  return halvingOf({ eta: toRational(rule.eta), betterFirst }, rungs, new Map());
}

interface Comparing {
  readonly eta: Rational;
  readonly betterFirst: (a: Ranked, b: Ranked) => number;
}

/** How one experiment is told from another: a configuration is on each rung once at most. */
const keyOf = (rung: number, slot: number): string => `${rung}/${slot}`;

function halvingOf(
  comparing: Comparing,
  rungs: readonly RungState[],
  open: Map<string, PromotedSlot>,
): Halving {
  const { eta, betterFirst } = comparing;
  const promote = (rung: number, { slot, number }: Ranked): void => {
    const next = rungs[rung];
    assert(next !== undefined, 'nobody goes on from the last rung');
    next.promoted++;
    open.set(keyOf(rung, slot), { rung, slot, parent: number });
  };
  return {
    add({ number, rung, slot, end, objective }) {
      const state = rungs[rung];
      assert(state !== undefined, `there is no rung ${rung}`);
      open.delete(keyOf(rung, slot));
      state.ended++;
      if (rung === rungs.length - 1) return;
      const { top, rest } = state;
      const value = promotableValue({ end, objective });
      if (value !== null) rest.push({ number, slot, value, isPromoted: false });
      const size = shareOf(state.ended, eta);
      for (;;) {
        const [next, worst] = [rest.peek(), top.peek()];
        if (next === undefined) return;
        const hasRoom = top.size() < size;
        if (!hasRoom && (worst === undefined || betterFirst(worst, next) <= 0)) return;
        rest.pop();
        const out = hasRoom ? undefined : top.pop();
        if (out !== undefined) rest.push(out);
        top.push({ ...next, isPromoted: true });
        if (!next.isPromoted) promote(rung + 1, next);
      }
    },
    open: () => [...open.values()],
    counts: () => rungs.map(({ ended, promoted }) => ({ ended, promoted })),
    copy: () =>
      halvingOf(
        comparing,
        rungs.map(({ top, rest, ...counts }) => ({
          ...counts,
          top: top.copy(),
          rest: rest.copy(),
        })),
        new Map(open),
      ),
  };
}
