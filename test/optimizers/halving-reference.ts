import type { HalvingResult, HalvingRule, PromotedSlot } from '../../lib/optimizers/halving.ts';

/** Digits of eta that count. */
const SCALE = 100;

const isPromotable = ({ end, objective }: HalvingResult): boolean =>
  end === 'succeeded' && Number.isFinite(Number(objective ?? Number.NaN));

/** The share of configurations that go on from a rung whatever they show, after these results. */
export function shareSlowly(
  results: readonly HalvingResult[],
  { rungs, unrankedShare }: HalvingRule,
  rung: number,
): number {
  if (unrankedShare === 0) return 0;
  const curves = results
    .filter((result) => result.rung === rungs - 1 && isPromotable(result))
    .map(({ slot }) => {
      const at = (level: number): number =>
        Number(results.find((one) => one.rung === level && one.slot === slot)?.objective);
      return { early: at(rung), late: at(rungs - 1) };
    });
  if (curves.length < 3) return unrankedShare;
  let [agreeing, pairs] = [0, 0];
  for (const [i, one] of curves.entries()) {
    for (const other of curves.slice(Math.max(0, i - 64), i)) {
      const product = (one.early - other.early) * (one.late - other.late);
      agreeing += product > 0 ? 1 : product < 0 ? 0 : 0.5;
      pairs++;
    }
  }
  return Math.max(unrankedShare, Math.min(1, (0.9 - agreeing / pairs) / (0.9 - 0.6)));
}

/**
 * Who goes on, in order of decision, the slow way: after every result each rung is ranked anew, and whoever is among its
 * best 1/eta for the first time is promoted. Those outside the ranks go on at once.
 */
export function promoteSlowly(
  results: readonly HalvingResult[],
  rule: HalvingRule,
): readonly PromotedSlot[] {
  const { rungs, eta, optimization } = rule;
  const sign = optimization === 'minimize' ? 1 : -1;
  const promoted: PromotedSlot[] = [];
  const unranked = new Set<HalvingResult>();
  for (const [i, result] of results.entries()) {
    const { rung: from, slot: own, number: parent } = result;
    const share = shareSlowly(results.slice(0, i), rule, from);
    if (from < rungs - 1 && (own * ((Math.sqrt(5) - 1) / 2)) % 1 < share) {
      unranked.add(result);
      if (isPromotable(result)) promoted.push({ rung: from + 1, slot: own, parent });
    }
    for (let rung = 0; rung < rungs - 1; rung++) {
      const ended = results
        .slice(0, i + 1)
        .filter((one) => one.rung === rung && !unranked.has(one));
      const best = ended
        .filter(isPromotable)
        .toSorted((a, b) => sign * (Number(a.objective) - Number(b.objective)) || a.slot - b.slot)
        .slice(0, Math.floor((ended.length * SCALE) / Math.round(eta * SCALE)));
      for (const { slot, number } of best) {
        const isNew = !promoted.some((one) => one.rung === rung + 1 && one.slot === slot);
        if (isNew) promoted.push({ rung: rung + 1, slot, parent: number });
      }
    }
  }
  return promoted;
}
