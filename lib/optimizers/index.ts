import assert from 'node:assert/strict';
import type { Algorithm, Hptuning } from '../domain/hptuning.ts';
import { distinctPoints } from '../matrix/distinct.ts';
import { createAsha, withHalving } from './asha.ts';
import { createInitialDesign } from './bayes/initial-design.ts';
import { settingsOf } from './bayes/settings.ts';
import { createGrid } from './grid.ts';
import { createHyperband } from './hyperband.ts';
import type { Optimizer } from './optimizer.ts';
import { createRandom } from './random.ts';

/** Hyperband as an optimizer: what is promoted later has the values of an earlier suggestion. */
function createHyperbandSearch(
  { matrix, seed }: Hptuning,
  algorithm: Extract<Algorithm, { readonly kind: 'hyperband' }>,
): Optimizer {
  const { maxIter, eta, resource, metric, resume, model } = algorithm;
  const plan = createHyperband({ matrix, seed, maxIter, eta, resource });
  const first = new Map(
    plan.brackets.map(({ bracket, rungs }) => [bracket, rungs[0]?.resource ?? maxIter]),
  );
  return {
    planned: plan.planned,
    fresh: plan.fresh,
    suggest(index) {
      if (index >= plan.fresh) return null;
      const slot = plan.freshAt(index);
      const values = plan.values(slot);
      return values === null
        ? null
        : { ...values, [resource.name]: first.get(slot.bracket) ?? maxIter };
    },
    indexOf: (index) => plan.indexOf({ ...plan.freshAt(index), rung: 0 }),
    promotion: { plan, eta, resource, metric, resume },
    halving: null,
    // No rung is complete before the first one has been handed out.
    surrogate: model
      ? { metric, initial: plan.brackets[0]?.rungs[0]?.experiments ?? 0, waitsFor: 'rung' }
      : null,
  };
}

/** A search with a surrogate: only its initial design follows from the index alone. */
function createSurrogateSearch({ algorithm, matrix, seed }: Hptuning): Optimizer {
  const settings = settingsOf(algorithm, matrix.length);
  assert(settings !== null, 'the algorithm has a surrogate');
  const { experiments, initial, metric, startsInMiddle } = settings;
  const points = distinctPoints(matrix);
  const planned = Math.min(experiments, points);
  const design = createInitialDesign({ matrix, seed, points, startsInMiddle });
  const plain: Optimizer = {
    planned,
    fresh: planned,
    suggest: (index) => (index < planned ? design(index) : null),
    indexOf: (index) => index,
    promotion: null,
    halving: null,
    surrogate: { metric, initial: Math.min(initial, planned), waitsFor: 'observation' },
  };
  if (algorithm.kind !== 'auto' || algorithm.training === null) return plain;
  return withHalving(plain, { ...algorithm.training, metric, hedges: true });
}

/** The optimizer that a document asks for. */
export function createOptimizer(hptuning: Hptuning): Optimizer {
  const { algorithm, matrix, seed } = hptuning;
  switch (algorithm.kind) {
    case 'grid':
      return createGrid(matrix, algorithm.nExperiments);
    case 'random':
      return createRandom({ matrix, seed, nExperiments: algorithm.nExperiments });
    case 'hyperband':
      return createHyperbandSearch(hptuning, algorithm);
    case 'asha':
      return createAsha(hptuning, algorithm);
    case 'bo':
    case 'auto':
      return createSurrogateSearch(hptuning);
  }
}
