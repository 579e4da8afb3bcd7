import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Poller } from '../helpers/cloud/poller.ts';
import type { Stack } from '../helpers/cloud/stack.ts';
import { stackMissing, startStack } from '../helpers/cloud/stack.ts';
import type { Experiment, Group } from '../helpers/contract.ts';
import { RUNS_OF_81_3 } from '../helpers/hyperband-table.ts';
import type { Judge } from '../helpers/scripted-work.ts';
import { numberIn, runToEnd } from '../helpers/scripted-work.ts';
import type { Caller, Service } from '../helpers/service.ts';
import { startService } from '../helpers/service.ts';

/*
 * The whole way of a search in the cloud, on real parts: the bundled functions under Lambda's emulator, DynamoDB Local,
 * ElasticMQ. Every message comes twice and in another order. The same search on a laptop is what it is held against.
 */

const PAGE = join(import.meta.dirname, '../contract/polyaxonfiles');
const SEED = 7;

/** A document of the Polyaxon documentation with a seed, and with other lines where `replace` says so. */
const documentOf = (name: string, replace: Readonly<Record<string, string>> = {}): string =>
  Object.entries({ 'hptuning:\n': `hptuning:\n  seed: ${SEED}\n`, ...replace }).reduce(
    (text, [from, to]) => {
      assert.ok(text.includes(from), `${name} has ${from}`);
      return text.replace(from, to);
    },
    readFileSync(join(PAGE, `${name}.yml`), 'utf8'),
  );

interface Run {
  readonly group: Group;
  readonly experiments: readonly Experiment[];
}

async function run(
  service: Caller,
  document: string,
  { judge, workers }: { readonly judge: Judge; readonly workers: number },
): Promise<Run> {
  const sent = { body: document, type: 'application/yaml' };
  const group = service.of((await service.done('createGroup', sent)).id);
  const experiments = await runToEnd(group, judge, workers);
  return { group: await group.read(), experiments };
}

/** What a search has tried, by number. */
const valuesOf = ({ experiments }: Run): readonly unknown[] =>
  experiments.map(({ number, values }) => [number, values]);

/** What a Hyperband has tried, whatever the order in which its rungs were closed. */
const rungsOf = ({ experiments }: Run): readonly string[] =>
  experiments.map(({ rung, values }) => JSON.stringify([rung, values])).toSorted();

/** How the searches have ended. */
const endOf = ({ group }: Run): unknown => ({
  reason: group.status_reason?.code,
  progress: group.progress,
  best: group.best?.values,
});

/** Experiments by bracket, rung and resource. */
function tableOf({ experiments }: Run): Readonly<Record<string, number>> {
  const table: Record<string, number> = {};
  for (const { rung } of experiments) {
    assert.ok(rung !== null);
    const key = `${rung.bracket}/${rung.rung}@${rung.resource}`;
    table[key] = (table[key] ?? 0) + 1;
  }
  return table;
}

const lossOfRates: Judge = (values) => ({
  loss: 0.1 + Math.abs(numberIn(values, 'lr') - 0.03) + numberIn(values, 'dropout'),
});

const lossOfRandom: Judge = (values) => ({
  loss: 0.1 + Math.abs(numberIn(values, 'param1') - 0.3) + numberIn(values, 'lr'),
  accuracy: 0.8 - Math.abs(numberIn(values, 'param1') - 0.3),
});

const lossOfHyperband: Judge = (values) => ({
  loss: 0.1 + Math.abs(numberIn(values, 'learning_rate') - 0.3) + 1 / numberIn(values, 'num_steps'),
});

const bowl: Judge = (values) => ({
  loss: (numberIn(values, 'learning_rate') - 0.3) ** 2 + numberIn(values, 'dropout'),
});

const ONE_AT_A_TIME = { 'concurrency: 2': 'concurrency: 1' } as const;

/** Documents whose experiments have the same numbers however many workers there are. */
const BY_NUMBER = [
  { name: 'grid', judge: lossOfRates, workers: 2, experiments: 10, replace: {} },
  { name: 'grid-first-four', judge: lossOfRates, workers: 2, experiments: 4, replace: {} },
  { name: 'random', judge: lossOfRandom, workers: 2, experiments: 40, replace: {} },
  { name: 'bo', judge: bowl, workers: 1, experiments: 45, replace: ONE_AT_A_TIME },
] as const;

/**
 * Documents that end by their rule of early stopping: where the loss is that low, and how many experiments it takes to
 * get there, of which the last ones are the surrogate's. One worker, so that the same experiment meets it.
 */
const STOPPING = [
  { name: 'bo-early-stopping', at: 0.071, steepness: 100, experiments: 34 },
  { name: 'hyperband-early-stopping', at: 0.1, steepness: 10, experiments: 30 },
] as const;

const missing = stackMissing();

describe('a search in the cloud', { skip: missing ?? false }, () => {
  let stack: Stack;
  let poller: Poller;
  let laptop: Service;
  before(async () => {
    stack = await startStack();
    poller = stack.poll({ seed: SEED, visibilitySeconds: 60 });
    laptop = await startService();
  });
  after(async () => {
    await poller.stop();
    stack.stop();
    await laptop.close();
    assert.deepEqual(poller.failures, [], 'every batch was taken');
    assert.deepEqual(stack.front.failures, [], 'every call was answered');
  });

  for (const { name, judge, workers, experiments, replace } of BY_NUMBER) {
    test(`of ${name}.yml tries the values that a laptop tries`, async () => {
      const document = documentOf(name, replace);

      const inCloud = await run(stack.service, document, { judge, workers });

      const onLaptop = await run(laptop, document, { judge, workers });
      assert.equal(inCloud.experiments.length, experiments);
      assert.deepEqual(valuesOf(inCloud), valuesOf(onLaptop));
      assert.deepEqual(endOf(inCloud), endOf(onLaptop));
    });
  }

  for (const { name, at, steepness, experiments } of STOPPING) {
    test(`of ${name}.yml is stopped early by the experiment that stops it on a laptop`, async () => {
      const document = documentOf(name, ONE_AT_A_TIME);
      const judge: Judge = (values) => ({
        loss: Math.abs(numberIn(values, 'learning_rate') - at) * steepness,
      });
      const how = { judge, workers: 1 };

      const inCloud = await run(stack.service, document, how);

      const onLaptop = await run(laptop, document, how);
      assert.equal(inCloud.group.status_reason?.code, 'early_stopping');
      assert.equal(inCloud.experiments.length, experiments);
      assert.deepEqual(valuesOf(inCloud), valuesOf(onLaptop));
      assert.deepEqual(endOf(inCloud), endOf(onLaptop));
    });
  }

  test('of hyperband.yml promotes what a laptop promotes, each message coming twice and out of order', async () => {
    const document = documentOf('hyperband', { 'concurrency: 2': 'concurrency: 6' });
    const how = { judge: lossOfHyperband, workers: 6 };

    const inCloud = await run(stack.service, document, how);

    const onLaptop = await run(laptop, document, how);
    assert.deepEqual(tableOf(inCloud), RUNS_OF_81_3);
    assert.deepEqual(rungsOf(inCloud), rungsOf(onLaptop));
    assert.deepEqual(endOf(inCloud), endOf(onLaptop));
  });

  test('has had its messages twice, in batches of their own', async () => {
    await poller.stop();
    const batchesOf = new Map<string, number>();
    for (const id of poller.batches.flatMap(({ ids }) => [...new Set(ids)])) {
      batchesOf.set(id, (batchesOf.get(id) ?? 0) + 1);
    }

    const twice = [...batchesOf.values()].filter((count) => count > 1).length;
    assert.ok(batchesOf.size > 10, `${batchesOf.size} messages`);
    assert.ok(twice > batchesOf.size / 2, `${twice} of ${batchesOf.size} twice`);
    const failed = poller.batches.flatMap((batch) => batch.failed);
    assert.deepEqual(failed, []);
  });
});
