import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { createLocalRuntime } from '../../lib/runtime/local.ts';
import { createGroup, deleteGroup, readGroup } from '../../lib/service/groups.ts';
import type { Ports } from '../../lib/service/ports.ts';
import { suggest } from '../../lib/service/suggest.ts';
import { sweep } from '../../lib/service/sweep.ts';
import { createDynamoDbStore } from '../../lib/store/dynamodb.ts';
import { experimentKey, headKey } from '../../lib/store/keys.ts';
import { openSqliteStore } from '../../lib/store/sqlite.ts';
import type { Store } from '../../lib/store/store.ts';
import { dynoxideMissing, startDynoxide } from '../helpers/dynoxide.ts';

const LEASE_MS = 10_000;
/** More than one question to the index lists. */
const GROUPS = 2_500;

const runtime = createLocalRuntime({ folder: null, logger: { error() {}, warn() {}, info() {} } });
after(() => runtime.ports.store.close());

/** The use cases on a store, on a clock that stands. */
function portsOn(store: Store): Ports & { readonly pass: (ms: number) => void } {
  let now = Date.now();
  return {
    ...runtime.ports,
    store,
    definitions: new Map(),
    poke: async () => {},
    now: () => now,
    pass: (ms) => {
      now += ms;
    },
  };
}

async function create(ports: Ports, experiments: number): Promise<string> {
  const created = await createGroup(ports, runtime.call(), {
    version: 1,
    kind: 'group',
    hptuning: {
      concurrency: experiments,
      lease_seconds: LEASE_MS / 1000,
      random_search: { n_experiments: experiments },
      matrix: { x: { uniform: [0, 1] } },
    },
  });
  assert.ok(created.ok);
  return created.value.definition.config.id;
}

async function handOut(ports: Ports, group: string, count: number): Promise<void> {
  for (let left = count; left > 0; left -= 100) {
    const request = { group, count: Math.min(left, 100), worker: null, waitSeconds: 0 };
    const asked = await suggest(ports, runtime.call(), request);
    assert.ok(asked.ok);
    assert.equal(asked.value.experiments.length, request.count);
  }
}

const due = (ports: Ports): Promise<readonly unknown[]> => ports.store.due(ports.now(), 10_000);

describe('a sweep', () => {
  test('looks at every group that is due, however many there are', async () => {
    const store = openSqliteStore(null);
    const ports = portsOn(store);
    for (let group = 0; group < GROUPS; group++) await handOut(ports, await create(ports, 1), 1);
    ports.pass(LEASE_MS);
    assert.equal((await due(ports)).length, GROUPS);

    const { visited, failures } = await sweep(ports);

    assert.deepEqual([visited, failures], [GROUPS, []]);
    assert.deepEqual(await due(ports), []);
    await store.close();
  });

  test('gets past groups that it cannot do anything about', async () => {
    const store = openSqliteStore(null);
    const broken = new Set<string>();
    const ports = portsOn({
      ...store,
      async get(key) {
        if (broken.has(key.pk)) throw new Error('unreadable');
        return store.get(key);
      },
    });
    for (let group = 0; group < 250; group++) {
      const id = await create(ports, 1);
      await handOut(ports, id, 1);
      broken.add(id);
    }
    ports.pass(1);
    const last = await create(ports, 1);
    await handOut(ports, last, 1);
    ports.pass(LEASE_MS);

    const { visited, failures } = await sweep(ports);

    assert.deepEqual([visited, failures.length], [251, 250]);
    const view = await readGroup(ports, last);
    assert.ok(view.ok);
    assert.equal(view.value.head.places[0]?.r, 1);
    await store.close();
  });

  test('begins nothing more once its time is up, and the next one goes on', async () => {
    const store = openSqliteStore(null);
    let slow = false;
    const ports: ReturnType<typeof portsOn> = portsOn({
      ...store,
      async get(key) {
        if (slow) ports.pass(1_000);
        return store.get(key);
      },
    });
    for (let group = 0; group < 200; group++) await handOut(ports, await create(ports, 1), 1);
    ports.pass(LEASE_MS);
    slow = true;

    const first = await sweep(ports);

    assert.ok(first.visited > 0 && first.visited < 100, String(first.visited));
    slow = false;
    const second = await sweep(ports);
    assert.equal(first.visited + second.visited, 200);
    assert.deepEqual(await due(ports), []);
    await store.close();
  });

  test('removes a deleted group in as many passes as it takes', async () => {
    const store = openSqliteStore(null);
    let isSlow = false;
    const ports: ReturnType<typeof portsOn> = portsOn({
      ...store,
      async remove(key) {
        if (isSlow) ports.pass(300);
        await store.remove(key);
      },
    });
    const experiments = 900;
    const group = await create(ports, experiments);
    await handOut(ports, group, experiments);
    await deleteGroup(ports, group);
    isSlow = true;

    let passes = 0;
    while ((await ports.store.get(headKey(group))) !== null) {
      const { failures } = await sweep(ports);
      assert.deepEqual(failures, []);
      assert.ok(++passes < 50, 'the removal does not get on');
    }

    assert.ok(passes > 3, String(passes));
    await assertGone(store, group, experiments);
    await store.close();
  });

  test('removes a deleted group from DynamoDB', { skip: dynoxideMissing ?? false }, async () => {
    const server = await startDynoxide();
    const store = createDynamoDbStore(server.client(), await server.createTable());
    const ports = portsOn(store);
    const group = await create(ports, 150);
    await handOut(ports, group, 150);
    await deleteGroup(ports, group);

    const { failures } = await sweep(ports);

    assert.deepEqual(failures, []);
    await assertGone(store, group, 150);
    await store.close();
    server.stop();
  });
});

/** Nothing of the group is left. */
async function assertGone(store: Store, group: string, experiments: number): Promise<void> {
  const everything = { from: '!', to: '~', limit: 10 };
  assert.deepEqual(await store.list(headKey(group), everything), []);
  for (let number = 1; number <= experiments; number++) {
    assert.deepEqual(await store.list(experimentKey(group, number), everything), []);
  }
}
