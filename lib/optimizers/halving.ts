import assert from 'node:assert/strict';
import type { End } from '../domain/experiment.ts';
import type { Optimization } from '../domain/hptuning.ts';
import type { MetricValue } from '../domain/measurement.ts';
import type { Heap } from '../numerics/heap.ts';
import { createHeap } from '../numerics/heap.ts';
import type { Rational } from '../numerics/rational.ts';
import { floor, toRational } from '../numerics/rational.ts';
import type { Agreement } from './agreement.ts';
import { createAgreement, isOfShare } from './agreement.ts';
import { BETTER_FIRST, promotableValue } from './promotion.ts';

/*
 * Who goes on where nobody waits for a rung to be complete: an experiment is promoted by the first result after which it
 * is among the best 1/eta of its rung so far. Each result promotes at most one, and no promotion is taken back, so that
 * what is promoted is a function of the order of the results alone.
 *
 * Source: L. Li, K. Jamieson, A. Rostamizadeh, E. Gonina, J. Ben-tzur, M. Hardt, B. Recht, A. Talwalkar, "A system for
 * massively parallel hyperparameter tuning", MLSys 2020, Algorithm 2.
 *
 * Where the rule hedges, a share of the configurations goes on from a rung whatever they show, the larger the less the rung
 * foretells the last one (`agreement.ts`). There they stand outside the ranks, so that a result still promotes at most one.
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
  /** Of those that have ended, those that stood outside the ranks; and of these, those that have gone on. */
  readonly unranked: number;
  readonly carried: number;
  /** The share of those to come that will stand outside the ranks, as things stand. */
  readonly share: number;
}

/** What decides who goes on. */
export interface HalvingRule {
  /** Rungs, the last one included, from which nobody goes on. */
  readonly rungs: number;
  readonly eta: number;
  readonly optimization: Optimization;
  /** The least share of the configurations that goes on whatever they show; 0 where none ever does. */
  readonly unrankedShare: number;
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
  /** Experiments outside the ranks that have ended; those of them that go on. */
  unranked: number;
  carried: number;
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
      unranked: 0,
      carried: 0,
      top: createHeap((a, b) => betterFirst(b, a)),
      rest: createHeap(betterFirst),
    }),
  );
  return halvingOf({ rule, eta: toRational(rule.eta), betterFirst }, rungs, {
    open: new Map(),
    curves: new Map(),
    agreement: createAgreement({ rungs: rule.rungs, least: rule.unrankedShare }),
  });
}

interface Comparing {
  readonly rule: HalvingRule;
  readonly eta: Rational;
  readonly betterFirst: (a: Ranked, b: Ranked) => number;
}

/** How one experiment is told from another: a configuration is on each rung once at most. */
const keyOf = (rung: number, slot: number): string => `${rung}/${slot}`;

interface Memory {
  readonly open: Map<string, PromotedSlot>;
  /** Values of configurations that are under way, one for each rung so far. */
  readonly curves: Map<number, readonly number[]>;
  readonly agreement: Agreement;
}

function halvingOf(comparing: Comparing, rungs: readonly RungState[], memory: Memory): Halving {
  const { rule, eta, betterFirst } = comparing;
  const { open, curves, agreement } = memory;
  const hedges = rule.unrankedShare > 0;
  const shareAt = (rung: number): number => (hedges ? agreement.shareAt(rung) : 0);
  const learn = (slot: number, value: number | null): void => {
    const curve = [...(curves.get(slot) ?? []), value ?? Number.NaN];
    curves.set(slot, curve);
    if (curve.length < rule.rungs) return;
    curves.delete(slot);
    if (value !== null) agreement.add(curve);
  };
  const promote = (rung: number, { slot, number }: Pick<Ranked, 'slot' | 'number'>): void => {
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
      const value = promotableValue({ end, objective });
      if (hedges) learn(slot, value);
      if (rung === rungs.length - 1) return;
      if (isOfShare(slot, shareAt(rung))) {
        state.unranked++;
        if (value === null) return;
        state.carried++;
        promote(rung + 1, { slot, number });
        return;
      }
      const { top, rest } = state;
      if (value !== null) rest.push({ number, slot, value, isPromoted: false });
      const size = shareOf(state.ended - state.unranked, eta);
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
    counts: () =>
      rungs.map(({ top: _top, rest: _rest, ...counts }, rung) => ({
        ...counts,
        share: shareAt(rung),
      })),
    copy: () =>
      halvingOf(
        comparing,
        rungs.map(({ top, rest, ...counts }) => ({
          ...counts,
          top: top.copy(),
          rest: rest.copy(),
        })),
        { open: new Map(open), curves: new Map(curves), agreement: agreement.copy() },
      ),
  };
}
