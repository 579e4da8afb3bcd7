import assert from 'node:assert/strict';
import type { ExperimentState } from '../../lib/domain/experiment.ts';
import type { ResultRow } from '../../lib/domain/group.ts';
import type { Values } from '../../lib/domain/values.ts';
import { onOneLevel } from '../../lib/optimizers/bayes/one-level.ts';
import { propose } from '../../lib/optimizers/bayes/propose.ts';
import type { Definition } from '../../lib/service/definition.ts';
import type { Batch } from '../../lib/store/keys.ts';

/** A search of Hyperband with a model that has ended. */
export interface EndedSearch {
  readonly definition: Definition;
  /** By number, the first one is 1. */
  readonly experiments: readonly ExperimentState[];
  /** In order of completion. */
  readonly results: readonly ResultRow[];
  readonly batchOf: (id: string) => Promise<Batch | null>;
}

interface Standing {
  readonly bracket: number;
  readonly rung: number;
  readonly slot: number;
  readonly experiment: ExperimentState;
}

/** The search's own experiments, each where it stands. */
function standingsOf({ definition, experiments }: EndedSearch): readonly Standing[] {
  const { promotion } = definition.optimizer;
  assert.ok(promotion !== null);
  return experiments.flatMap((experiment) =>
    experiment.index === null ? [] : [{ ...promotion.plan.locate(experiment.index), experiment }],
  );
}

const lossOf = ({ experiment }: Standing): number =>
  experiment.status === 'succeeded' ? Number(experiment.metrics['loss']?.last) : Number.NaN;

const x = ({ experiment }: Standing): unknown => experiment.values['x'];

/** In each bracket the best of a rung have gone on with their values, as many as the plan has room for. */
function checkPromotions(search: EndedSearch, standings: readonly Standing[]): void {
  const { promotion } = search.definition.optimizer;
  for (const { bracket, rungs } of promotion?.plan.brackets ?? []) {
    for (const [rung, { experiments: room, resource }] of rungs.entries()) {
      const on = (level: number) =>
        standings.filter((one) => one.bracket === bracket && one.rung === level);
      const here = on(rung);
      assert.ok(here.every(({ experiment }) => experiment.values['epochs'] === resource));
      if (rung === 0) {
        assert.equal(here.length, room, 'a bracket has begun with another number');
        assert.equal(new Set(here.map(x)).size, room, 'a bracket has begun with a point twice');
        continue;
      }
      const best = on(rung - 1)
        .filter((one) => Number.isFinite(lossOf(one)))
        .toSorted((a, b) => lossOf(a) - lossOf(b) || a.slot - b.slot)
        .slice(0, room);
      const ranked = here.toSorted((a, b) => a.slot - b.slot);
      assert.deepEqual(ranked.map(x), best.map(x), 'others have gone on than the best of a rung');
    }
  }
}

/** Draws come first, then every configuration from a batch that its view gives again. */
async function checkViews(search: EndedSearch, standings: readonly Standing[]): Promise<void> {
  const { definition, experiments, results } = search;
  const { promotion, suggest } = definition.optimizer;
  const { hptuning } = definition.document;
  assert.ok(promotion !== null);
  const { plan, resource } = promotion;
  const valuesOf = (number: number): Values => experiments[number - 1]?.values ?? {};
  const begun = standings.filter(({ rung }) => rung === 0);
  const computedFrom = Math.min(
    ...begun.filter(({ experiment }) => experiment.batch !== undefined).map(plan.freshOf),
  );
  for (const at of begun) {
    const { experiment } = at;
    const index = plan.freshOf(at);
    if (experiment.batch === undefined) {
      assert.ok(index < computedFrom, 'a draw after what was computed');
      assert.deepEqual(experiment.values, suggest(index), 'other values than Hyperband draws');
      continue;
    }
    const batch = await search.batchOf(experiment.batch);
    assert.ok(batch !== null, 'a batch is gone');
    const { from, pending, suggestions } = batch;
    const seen = results.slice(0, Number(experiment.batch.split('.')[1]));
    const known = new Set([...pending, ...seen.map(([number]) => number)]);
    const before = begun.filter((one) => one.bracket === at.bracket && plan.freshOf(one) < from);
    assert.ok(
      before.every((one) => known.has(one.experiment.number)),
      'what the bracket has begun with is not known',
    );
    const learnt = onOneLevel(
      {
        observations: seen.flatMap(([number, end, objective]) =>
          end === 'succeeded' ? [{ values: valuesOf(number), objective: Number(objective) }] : [],
        ),
        failed: seen.flatMap(([number, end]) => (end === 'failed' ? [valuesOf(number)] : [])),
      },
      { resource: resource.name, matrix: hptuning.matrix },
    );
    const observed = new Set(learnt.observations.map(({ values }) => values['x']));
    const again = propose(hptuning, {
      index: from,
      count: suggestions.length,
      ...learnt,
      pending: pending.map(valuesOf).filter((values) => !observed.has(values['x'])),
      begun: before.map((one) => one.experiment.values),
    });
    assert.deepEqual(again, suggestions, 'another suggestion from the same view');
    const suggested = suggestions[index - from];
    assert.deepEqual(experiment.values['x'], suggested?.values['x'], 'other values than suggested');
    assert.equal(experiment.source, suggested?.source);
  }
}

/**
 * Brackets have begun with as many configurations as planned, all different, drawn until a rung was complete and computed
 * from then on; and the best of each rung have gone on.
 */
export async function checkBrackets(search: EndedSearch): Promise<void> {
  const standings = standingsOf(search);
  checkPromotions(search, standings);
  await checkViews(search, standings);
}
