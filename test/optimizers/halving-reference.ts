import type { HalvingResult, HalvingRule, PromotedSlot } from '../../lib/optimizers/halving.ts';

/** Digits of eta that count. */
const SCALE = 100;

/**
 * Who goes on, in order of decision, the slow way: after every result each rung is ranked anew, and whoever is among its
 * best 1/eta for the first time is promoted.
 */
export function promoteSlowly(
  results: readonly HalvingResult[],
  { rungs, eta, optimization }: HalvingRule,
): readonly PromotedSlot[] {
  const sign = optimization === 'minimize' ? 1 : -1;
  const promoted: PromotedSlot[] = [];
  for (let seen = 1; seen <= results.length; seen++) {
    for (let rung = 0; rung < rungs - 1; rung++) {
      const ended = results.slice(0, seen).filter((result) => result.rung === rung);
      const share = Math.floor((ended.length * SCALE) / Math.round(eta * SCALE));
      const best = ended
        .filter(
          ({ end, objective }) => end === 'succeeded' && Number.isFinite(Number(objective ?? NaN)),
        )
        .toSorted((a, b) => sign * (Number(a.objective) - Number(b.objective)) || a.slot - b.slot)
        .slice(0, share);
      for (const { slot, number } of best) {
        const isNew = !promoted.some((one) => one.rung === rung + 1 && one.slot === slot);
        if (isNew) promoted.push({ rung: rung + 1, slot, parent: number });
      }
    }
  }
  return promoted;
}
