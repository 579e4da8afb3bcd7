/*
 * How far a rung foretells the last one, and so how many configurations go on from it whatever they show. Where those that
 * have been trained in full stand in another order than they stood early on, what is good early is not good late: then few
 * may be stopped there. So a search that is told nothing by its lower rungs becomes one that trains in full.
 *
 * Hyper-Tune (Y. Li et al., VLDB 2022, section 4.2) chooses the brackets of Hyperband by such an order; Hyperband itself
 * gives each bracket the same resource whatever it has seen.
 */

/** How the rungs have done so far. */
export interface Agreement {
  /** Takes the values of one more configuration into account, one for each rung: [rungs]. */
  readonly add: (values: readonly number[]) => void;
  /** The share of configurations that go on from a rung whatever they show, of those that come to it. */
  readonly shareAt: (rung: number) => number;
  /** One that goes its own way. */
  readonly copy: () => Agreement;
}

/** Configurations that have been trained in full before anything is concluded. */
const ENOUGH = 3;
/** Of all pairs so many in the same order on a rung and on the last one: from here on only the least share goes on, ... */
const AGREES = 0.9;
/** ... and up to here everything does. */
const TELLS_NOTHING = 0.6;
/** The latest configurations that a further one is compared with. */
const COMPARED = 64;

interface Pairs {
  readonly same: number;
  readonly all: number;
}

/**
 * Returns what is known before the first configuration has been trained in full.
 *
 * @param least - the share as long as that is so, and ever after at least
 */
export const createAgreement = ({
  rungs,
  least,
}: {
  readonly rungs: number;
  readonly least: number;
}): Agreement =>
  agreementOf(
    least,
    Array.from({ length: rungs }, () => ({ same: 0, all: 0 })),
    { latest: [], count: 0 },
  );

function agreementOf(
  least: number,
  before: readonly Pairs[],
  known: { readonly latest: readonly (readonly number[])[]; readonly count: number },
): Agreement {
  let [pairs, { latest, count }] = [before, known];
  return {
    add(values) {
      const last = values.length - 1;
      pairs = pairs.map(({ same, all }, rung) => ({
        same: latest.reduce((sum, other) => sum + isSameOrder(values, other, { rung, last }), same),
        all: all + latest.length,
      }));
      latest = [...latest, values].slice(-COMPARED);
      count++;
    },
    shareAt(rung) {
      const { same, all } = pairs[rung] ?? { same: 0, all: 0 };
      if (count < ENOUGH) return least;
      return Math.max(least, Math.min(1, (AGREES - same / all) / (AGREES - TELLS_NOTHING)));
    },
    copy: () => agreementOf(least, pairs, { latest, count }),
  };
}

/** 1 where two configurations stand in the same order on both rungs, 0 where in the other one; between them, 1/2. */
function isSameOrder(
  one: readonly number[],
  other: readonly number[],
  { rung, last }: { readonly rung: number; readonly last: number },
): number {
  const sign = (at: number): number => Math.sign((one[at] ?? 0) - (other[at] ?? 0));
  return (1 + sign(rung) * sign(last)) / 2;
}

/** The fractional parts of its multiples are spread evenly, however many there are. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** True for a share of configurations, spread evenly over them; with a larger share for the same ones and others. */
export const isOfShare = (slot: number, share: number): boolean => (slot * GOLDEN) % 1 < share;
