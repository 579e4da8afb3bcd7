import type { EarlyStoppingRule } from '../domain/hptuning.ts';

const meets = ({ value, optimization }: EarlyStoppingRule, last: number): boolean =>
  optimization === 'maximize' ? last >= value : last <= value;

/**
 * Returns the first rule that the last value of its metric meets, or null. Bounds are inclusive;
 * values that are not finite meet none.
 *
 * @param lastValues - metric → its last value in one experiment
 */
export function matchRule(
  rules: readonly EarlyStoppingRule[],
  lastValues: ReadonlyMap<string, number>,
): EarlyStoppingRule | null {
  const isMet = (rule: EarlyStoppingRule): boolean => {
    const last = lastValues.get(rule.metric);
    return last !== undefined && Number.isFinite(last) && meets(rule, last);
  };
  return rules.find(isMet) ?? null;
}
