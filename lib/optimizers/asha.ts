import assert from 'node:assert/strict';
import type { Algorithm, Hptuning } from '../domain/hptuning.ts';
import { toRational } from '../numerics/rational.ts';
import type { HalvingRule, RungCounts } from './halving.ts';
import { shareOf } from './halving.ts';
import type { Bracket } from './hyperband-schedule.ts';
import { createSchedule } from './hyperband-schedule.ts';
import type { AsyncPromotion, Optimizer } from './optimizer.ts';
import { createRandom } from './random.ts';

type Asha = Extract<Algorithm, { readonly kind: 'asha' }>;

/** What decides who goes on, and what they are promoted to. */
interface LadderInput extends Pick<Asha, 'maxIter' | 'eta' | 'resource' | 'metric' | 'resume'> {
  /** Configurations that are begun. */
  readonly fresh: number;
}

/** How many experiments each rung will have, at least, given what is there already. */
function expected({
  fresh,
  eta,
  counts,
}: { readonly fresh: number; readonly eta: number } & {
  readonly counts: readonly RungCounts[];
}): { readonly experiments: readonly number[]; readonly complete: number } {
  const base = toRational(eta);
  const experiments: number[] = [];
  let complete = 0;
  for (const [rung, { ended, promoted }] of counts.entries()) {
    const before = experiments[rung - 1];
    const isSettled = complete === rung;
    const share = before === undefined ? fresh : shareOf(before, base);
    // Nobody can come to a rung any more once the one before it is complete.
    const here = before === undefined || !isSettled ? Math.max(promoted, share) : promoted;
    experiments.push(here);
    if (isSettled && ended === here) complete++;
  }
  return { experiments, complete };
}

/** Returns how experiments of asynchronous successive halving are numbered and promoted. */
function createAsyncPromotion(input: LadderInput): AsyncPromotion {
  const { fresh, maxIter, eta, resource, metric, resume } = input;
  // Rungs as in the largest bracket of Hyperband, which comes first.
  const [largest] = createSchedule({ maxIter, eta, resourceType: resource.type });
  assert(largest !== undefined, 'there is a bracket');
  const rule: HalvingRule = { rungs: largest.rungs.length, eta, optimization: metric.optimization };
  const nothing = largest.rungs.map(() => ({ ended: 0, promoted: 0 }));
  const { experiments } = expected({ fresh, eta, counts: nothing });
  const bracket: Bracket = {
    bracket: largest.bracket,
    rungs: largest.rungs.map((rung, i) => ({ ...rung, experiments: experiments[i] ?? 0 })),
  };
  return {
    ...{ bracket, rule, resource, metric, resume },
    locate: (index) => ({ rung: Math.floor(index / fresh), slot: index % fresh }),
    indexOf: ({ rung, slot }) => rung * fresh + slot,
    resourceAt: (rung) => {
      const found = bracket.rungs[rung];
      assert(found !== undefined, `there is no rung ${rung}`);
      return found.resource;
    },
    outlook: (counts, begun) => expected({ fresh: begun, eta, counts }),
  };
}

/** Returns a search whose suggestions begin on the first rung, and of which the best go on. */
export function withHalving(search: Optimizer, input: Omit<LadderInput, 'fresh'>): Optimizer {
  const halving = createAsyncPromotion({ ...input, fresh: search.fresh });
  const { bracket, resource } = halving;
  return {
    ...search,
    planned: bracket.rungs.reduce((sum, { experiments }) => sum + experiments, 0),
    suggest(index) {
      const values = search.suggest(index);
      return values === null ? null : { ...values, [resource.name]: halving.resourceAt(0) };
    },
    halving,
  };
}

/**
 * Returns asynchronous successive halving: its new configurations are those of random search with the same seed, on the
 * first rung.
 *
 * *Asserts* nExperiments, maxIter and eta in their ranges.
 */
export const createAsha = ({ matrix, seed }: Hptuning, algorithm: Asha): Optimizer =>
  withHalving(createRandom({ matrix, seed, nExperiments: algorithm.nExperiments }), algorithm);
