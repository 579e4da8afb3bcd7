import assert from 'node:assert/strict';
import type { Algorithm, Hptuning } from '../domain/hptuning.ts';
import { toRational } from '../numerics/rational.ts';
import type { HalvingRule, RungCounts } from './halving.ts';
import { createHalving, shareOf } from './halving.ts';
import type { Bracket } from './hyperband-schedule.ts';
import { createSchedule } from './hyperband-schedule.ts';
import type { AsyncPromotion, Optimizer } from './optimizer.ts';
import { createRandom } from './random.ts';

type Asha = Extract<Algorithm, { readonly kind: 'asha' }>;

/** What decides who goes on, and what they are promoted to. */
interface LadderInput extends Pick<Asha, 'maxIter' | 'eta' | 'resource' | 'metric' | 'resume'> {
  /** Configurations that are begun. */
  readonly fresh: number;
  /** Whether a share of them goes on whatever they show. */
  readonly hedges: boolean;
}

/** How many experiments each rung will have, given what is there already. */
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
  let coming = fresh;
  let least = 1;
  for (const [rung, { ended, promoted, unranked, carried, share }] of counts.entries()) {
    // Nobody can come to a rung any more once the one before it is complete.
    const here = rung === 0 || complete < rung ? Math.max(promoted, coming) : promoted;
    experiments.push(here);
    if (complete === rung && ended === here) complete++;
    // Those that go on whatever they show have come that way from the first rung on.
    least = Math.min(least, share);
    const further = Math.ceil(fresh * least) - unranked;
    const unrankedToCome = Math.min(Math.max(further, 0), here - ended);
    coming = carried + unrankedToCome + shareOf(here - unranked - unrankedToCome, base);
  }
  return { experiments, complete };
}

/**
 * Returns the share of configurations that, trained in full, spend half of all resource: as much as the others together, of
 * which one in eta goes on from each rung.
 */
function halfOf(resources: readonly number[], eta: number): number {
  let others = 0;
  let before = 0;
  let share = 1;
  for (const resource of resources) {
    others += share * (resource - before);
    before = resource;
    share /= eta;
  }
  return others / (others + before);
}

/** Returns how experiments of asynchronous successive halving are numbered and promoted. */
function createAsyncPromotion(input: LadderInput): AsyncPromotion {
  const { fresh, hedges, maxIter, eta, resource, metric, resume } = input;
  // Rungs as in the largest bracket of Hyperband, which comes first.
  const [largest] = createSchedule({ maxIter, eta, resourceType: resource.type });
  assert(largest !== undefined, 'there is a bracket');
  const resources = largest.rungs.map((rung) => rung.resource);
  const rule: HalvingRule = {
    ...{ rungs: resources.length, eta, optimization: metric.optimization },
    unrankedShare: hedges ? halfOf(resources, eta) : 0,
  };
  const { experiments } = expected({ fresh, eta, counts: createHalving(rule).counts() });
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
  withHalving(createRandom({ matrix, seed, nExperiments: algorithm.nExperiments }), {
    ...algorithm,
    hedges: false,
  });
