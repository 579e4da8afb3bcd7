import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { createLocalRuntime } from '../../lib/runtime/local.ts';
import { advanceGroup } from '../../lib/service/advance.ts';
import { createGroup, deleteGroup } from '../../lib/service/groups.ts';
import { inspectGroup, inspectGroups } from '../../lib/service/inspect.ts';
import { leaseToken } from '../../lib/service/lease.ts';
import type { Ports } from '../../lib/service/ports.ts';
import { report } from '../../lib/service/report.ts';
import { suggest } from '../../lib/service/suggest.ts';
import {
  batchKey,
  configKey,
  eventsKey,
  experimentKey,
  headKey,
  promotedKey,
  resultsKey,
} from '../../lib/store/keys.ts';
import { openSqliteStore } from '../../lib/store/sqlite.ts';
import type { Key, Store } from '../../lib/store/store.ts';

const runtime = createLocalRuntime({ folder: null, logger: { error() {}, warn() {}, info() {} } });
after(() => runtime.ports.store.close());

const LOSS = { name: 'loss', optimization: 'minimize' } as const;
const RESOURCE = { name: 'epochs', type: 'int' } as const;

const ALGORITHMS = {
  random: { random_search: { n_experiments: 60, metric: LOSS } },
  hyperband: { hyperband: { max_iter: 9, eta: 3, resource: RESOURCE, metric: LOSS } },
  bo: { bo: { n_initial_trials: 3, n_iterations: 20, metric: LOSS } },
} as const;

type Algorithm = keyof typeof ALGORITHMS;

/** The use cases on a store, and what is called after each write. */
const portsOn = (store: Store, afterWrite: () => Promise<void>): Ports => ({
  ...runtime.ports,
  store: {
    ...store,
    async put(put) {
      const outcome = await store.put(put);
      await afterWrite();
      return outcome;
    },
  },
  definitions: new Map(),
  poke: async () => {},
});

async function create(ports: Ports, algorithm: Algorithm): Promise<string> {
  const created = await createGroup(ports, runtime.call(), {
    version: 1,
    kind: 'group',
    hptuning: {
      seed: 4,
      concurrency: 4,
      ...ALGORITHMS[algorithm],
      matrix: { x: { uniform: [0, 1] } },
    },
  });
  assert.ok(created.ok);
  return created.value.definition.config.id;
}

/** Two of four experiments end at a time, so many times. */
async function work(ports: Ports, group: string, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const request = { group, count: 4, worker: 'w', waitSeconds: 0 };
    const asked = await suggest(ports, runtime.call(), request);
    assert.ok(asked.ok);
    for (const experiment of asked.value.experiments.slice(0, 2)) {
      const { number, values, attempt } = experiment;
      const ended = await report(ports, runtime.call(), {
        group,
        number,
        steps: [{ step: 1, metrics: { loss: Number(values['x']) } }],
        status: 'succeeded',
        checkpoint: null,
        message: null,
        leaseToken: leaseToken(group, experiment, attempt),
        tokenIsKey: false,
      });
      assert.ok(ended.ok);
    }
    await advanceGroup(ports, group);
  }
}

describe('a group', () => {
  for (const algorithm of ['random', 'hyperband', 'bo'] as const) {
    test(`of ${algorithm} is found whole after every single write`, async () => {
      const store = openSqliteStore(null);
      let inspections = 0;
      let look = async (): Promise<void> => {};
      const ports = portsOn(store, () => look());
      const group = await create(ports, algorithm);
      const quiet = { ...ports, store };
      look = async () => {
        inspections++;
        assert.deepEqual(await inspectGroup(quiet, group), []);
      };

      await work(ports, group, 14);

      assert.ok(inspections > 60);
      await store.close();
    });
  }

  test('that is deleted or is not there is whole', async () => {
    const store = openSqliteStore(null);
    const ports = portsOn(store, async () => {});
    const group = await create(ports, 'random');
    await work(ports, group, 2);
    await store.remove(experimentKey(group, 1));
    assert.notDeepEqual(await inspectGroup(ports, group), []);

    await deleteGroup(ports, group);

    assert.deepEqual(await inspectGroup(ports, group), []);
    assert.deepEqual(await inspectGroup(ports, 'grp_00000000000000000000000001'), []);
    await store.close();
  });
});

/** Writes an item over whatever is there. */
async function overwrite<T>(store: Store, key: Key<T>, body: T): Promise<void> {
  const expect = (await store.get(key))?.rev ?? 0;
  assert.equal((await store.put({ key, body, expect })).kind, 'stored');
}

async function bodyOf<T>(store: Store, key: Key<T>): Promise<T> {
  const item = await store.get(key);
  assert.ok(item !== null);
  return item.body;
}

describe('a group whose items are of different moments', () => {
  const cases: readonly {
    readonly what: string;
    readonly algorithm: Algorithm;
    readonly damage: (store: Store, group: string) => Promise<void>;
    readonly finding: RegExp;
  }[] = [
    {
      what: 'an ended experiment that has no item',
      algorithm: 'random',
      damage: (store, group) => store.remove(experimentKey(group, 1)),
      finding: /^experiment 1 is missing, and its result says succeeded$/,
    },
    {
      what: 'an ended experiment that runs',
      algorithm: 'random',
      damage: async (store, group) => {
        const key = experimentKey(group, 2);
        await overwrite(store, key, { ...(await bodyOf(store, key)), status: 'running' });
      },
      finding: /^experiment 2 is running, and its result says succeeded$/,
    },
    {
      what: 'an experiment of a number that was not given out',
      algorithm: 'random',
      damage: async (store, group) => {
        const { nextNumber } = await bodyOf(store, headKey(group));
        const body = await bodyOf(store, experimentKey(group, 1));
        await overwrite(store, experimentKey(group, nextNumber), body);
      },
      finding: /^there are experiments after \d+, the last one that was given out$/,
    },
    {
      what: 'an experiment of another index',
      algorithm: 'random',
      damage: async (store, group) => {
        const key = experimentKey(group, 1);
        await overwrite(store, key, { ...(await bodyOf(store, key)), index: 7 });
      },
      finding: /^experiment 1 is another suggestion than the group says$/,
    },
    {
      what: 'other values than were suggested',
      algorithm: 'random',
      damage: async (store, group) => {
        const { places } = await bodyOf(store, headKey(group));
        const key = experimentKey(group, places[0]?.n ?? 0);
        await overwrite(store, key, { ...(await bodyOf(store, key)), values: { x: 2 } });
      },
      finding: /^experiment \d+ has other values than were suggested$/,
    },
    {
      what: 'results that are missing',
      algorithm: 'random',
      damage: (store, group) => store.remove(resultsKey(group, 0)),
      finding: /^the results have a gap at 0$/,
    },
    {
      what: 'a number that is nowhere',
      algorithm: 'random',
      damage: async (store, group) => {
        const head = await bodyOf(store, headKey(group));
        await overwrite(store, headKey(group), { ...head, places: head.places.slice(1) });
      },
      finding: /^experiment \d+ has neither a place nor a result$/,
    },
    {
      what: 'events of a later moment',
      algorithm: 'random',
      damage: async (store, group) => {
        const { eventsFlushed } = await bodyOf(store, headKey(group));
        await overwrite(store, eventsKey(group, eventsFlushed), [[0, 0]]);
      },
      finding: /^there are events that the group does not know$/,
    },
    {
      what: 'a batch that is gone',
      algorithm: 'bo',
      damage: async (store, group) => {
        const { places } = await bodyOf(store, headKey(group));
        const batch = places.find(({ b }) => b !== undefined)?.b;
        assert.ok(batch !== undefined);
        await store.remove(batchKey(group, batch));
      },
      finding: /^the values that were suggested for experiment \d+ are gone$/,
    },
    {
      what: 'promotions of a rung that is not over',
      algorithm: 'hyperband',
      damage: (store, group) =>
        overwrite(store, promotedKey(group, { bracket: 0, rung: 1 }, 0), [[1, 0]]),
      finding: /^bracket 0 has promoted experiments of a rung that is not over$/,
    },
    {
      what: 'a document that is missing',
      algorithm: 'random',
      damage: (store, group) => store.remove(configKey(group)),
      finding: /^the document is missing$/,
    },
  ];
  for (const { what, algorithm, damage, finding } of cases) {
    test(`is told of with ${what}`, async () => {
      const store = openSqliteStore(null);
      const ports = portsOn(store, async () => {});
      const group = await create(ports, algorithm);
      await work(ports, group, 10);
      assert.deepEqual(await inspectGroup(ports, group), []);
      const other = await create(ports, 'random');

      await damage(store, group);

      const fresh = { ...ports, definitions: new Map() };
      const all = await Array.fromAsync(inspectGroups(fresh));
      assert.deepEqual(
        all.map((one) => one.group),
        [group, other],
      );
      assert.ok(
        all[0]?.findings.some((sentence) => finding.test(sentence)),
        all[0]?.findings.join('\n'),
      );
      assert.deepEqual(all[1]?.findings, []);
      await store.close();
    });
  }
});
