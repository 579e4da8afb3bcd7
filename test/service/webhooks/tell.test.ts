import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Webhook } from '../../../lib/domain/delivery.ts';
import { createLocalRuntime } from '../../../lib/runtime/local.ts';
import { deleteGroup, stopGroup } from '../../../lib/service/groups.ts';
import type { Ports } from '../../../lib/service/ports.ts';
import { suggest } from '../../../lib/service/suggest.ts';
import { sweep } from '../../../lib/service/sweep.ts';
import { tellGroup } from '../../../lib/service/webhooks/tell.ts';
import { headKey } from '../../../lib/store/keys.ts';
import type { Store } from '../../../lib/store/store.ts';
import { StoreUnavailable } from '../../../lib/store/store.ts';
import type { SentRequest, World } from './world.ts';
import { createWorld } from './world.ts';

const MINUTE_MS = 60_000;
const calls = createLocalRuntime({ folder: null, logger: { error() {}, warn() {}, info() {} } });

/** Hands experiments out and stops the group: events of many kinds. */
async function work(ports: Ports, group: string): Promise<void> {
  const request = { group, count: 3, worker: null, waitSeconds: 0 };
  assert.ok((await suggest(ports, calls.call(), request)).ok);
  assert.ok((await stopGroup(ports, group)).ok);
}

/** Asserts that the webhook was sent each event it is owed, as the log has it, and was sent it once. */
async function assertTold(world: World, group: string, webhook: Webhook): Promise<void> {
  const owed = await world.owed(group, webhook);
  assert.notEqual(owed.length, 0);
  assert.deepEqual(
    world.sent.map(({ body }) => body).toSorted(),
    owed.map((event) => JSON.stringify(event)).toSorted(),
  );
  assert.deepEqual(
    (await world.deliveries(webhook.id)).map(({ event }) => event.id).toSorted(),
    owed.map(({ id }) => id).toSorted(),
  );
  const head = await world.store.get(headKey(group));
  assert.equal(head?.body.untold, undefined, 'the mark is gone');
}

describe('events', () => {
  test('are told by the poke that follows their write', async () => {
    const world = createWorld();
    const webhook = await world.create(['*']);

    const group = await world.open();
    await work(world.ports, group);
    await world.settle();

    await assertTold(world, group, webhook);
  });

  test('are told by the sweep where no poke was sent or every one was lost', async () => {
    const world = createWorld();
    const webhook = await world.create(['*']);
    const ports: Ports = { ...world.ports, poke: async () => {} };
    const group = await world.open(ports);
    await work(ports, group);
    await world.settle();
    assert.equal(world.sent.length, 0);

    world.pass(MINUTE_MS);
    await world.sweep();
    await world.settle();

    await assertTold(world, group, webhook);
  });

  test('cost a team without webhooks no mark, no poke and no write', async () => {
    const world = createWorld();
    const ports: Ports = { ...world.ports, poke: () => assert.fail('nobody is to be told') };

    const group = await world.open(ports);
    await work(ports, group);

    assert.equal((await world.store.get(headKey(group)))?.body.untold, undefined);
  });

  test('that nobody wants cost nothing either', async () => {
    const world = createWorld();
    await world.create(['group.done']);
    const ports: Ports = { ...world.ports, poke: () => assert.fail('nobody is to be told') };

    const group = await world.open(ports);
    await work(ports, group);

    assert.equal((await world.store.get(headKey(group)))?.body.untold, undefined);
  });

  test('are told once however many do it at the same time', async () => {
    const world = createWorld();
    const webhook = await world.create(['*']);
    const group = await world.open();
    await work(world.ports, group);

    await Promise.all([1, 2, 3].map(() => tellGroup(world.ports, group)));
    await world.settle();

    await assertTold(world, group, webhook);
  });
});

const typeOf = ({ body }: SentRequest): string => /"type":"([^"]+)"/.exec(body)?.[1] ?? '';

/** The store of a process that dies at its n-th operation, before or after the effect. */
function dyingStore(store: Store, death: { left: number; readonly isAfter: boolean }): Store {
  const run = async <R>(operation: () => Promise<R>): Promise<R> => {
    if (death.left-- !== 0) return operation();
    if (death.isAfter) await operation();
    throw new StoreUnavailable('died');
  };
  return {
    ...store,
    get: (key) => run(() => store.get(key)),
    getMany: (keys) => run(() => store.getMany(keys)),
    put: (put) => run(() => store.put(put)),
    list: (of, range) => run(() => store.list(of, range)),
    remove: (key) => run(() => store.remove(key)),
  };
}

describe('whoever tells may die', () => {
  for (const isAfter of [false, true]) {
    test(`${isAfter ? 'after' : 'before'} any operation: the sweep tells the rest, and nothing twice`, async (t) => {
      let deaths = 0;
      for (let at = 0; ; at++) {
        const world = createWorld();
        const webhook = await world.create(['*']);
        const silent: Ports = { ...world.ports, poke: async () => {} };
        const group = await world.open(silent);
        await work(silent, group);
        const death = { left: at, isAfter };
        const dying: Ports = { ...world.ports, store: dyingStore(world.store, death) };
        const hasDied = await tellGroup(dying, group).then(
          () => false,
          (error: unknown) => error instanceof StoreUnavailable,
        );

        for (let pass = 0; pass < 3; pass++) {
          world.pass(MINUTE_MS);
          await world.sweep();
          await world.settle();
        }

        await assertTold(world, group, webhook);
        if (!hasDied) break;
        deaths++;
      }
      t.diagnostic(`${deaths} deaths`);
      assert.ok(deaths > 10, 'the process died at every one of its operations');
    });
  }

  test('between the queue and the mark, or with every message lost', async () => {
    const world = createWorld();
    const webhook = await world.create(['*']);
    const silent: Ports = { ...world.ports, poke: async () => {} };
    const group = await world.open(silent);
    await work(silent, group);
    const send = (): Promise<void> => Promise.reject(new Error('died'));
    const dying: Ports = { ...world.ports, webhooks: { ...world.ports.webhooks, send } };
    await assert.rejects(tellGroup(dying, group), /died/);
    await tellGroup({ ...dying, webhooks: { ...dying.webhooks, send: async () => {} } }, group);

    world.pass(2 * MINUTE_MS);
    await world.sweep();
    await world.settle();

    await assertTold(world, group, webhook);
  });
});

describe('a process that does not know of a new webhook yet', () => {
  /** One that has read the webhooks, and one webhook made after that. */
  async function unaware(): Promise<{ world: World; old: Ports; webhook: Webhook }> {
    const world = createWorld();
    const old = world.another();
    await old.webhooks.audience.read();
    return { world, old, webhook: await world.create(['*']) };
  }

  test('marks nothing for it, and the sweep makes up for that once every process knows', async () => {
    const { world, old, webhook } = await unaware();
    const group = await world.open(old);
    await work(old, group);
    await world.settle();
    assert.equal(world.sent.length, 0, 'that is what has to be made up for');

    world.pass(MINUTE_MS);
    await world.sweep();
    await world.settle();

    await assertTold(world, group, webhook);
    assert.equal((await world.store.get({ pk: 'webhooks', sk: webhook.id }))?.rev, 2);
  });

  test('loses nothing of a group whose later events were told', async () => {
    const { world, old, webhook } = await unaware();
    const group = await world.open(old);
    await work(world.ports, group);
    await world.settle();

    world.pass(MINUTE_MS);
    await world.sweep();
    await world.settle();

    await assertTold(world, group, webhook);
  });

  test('may even delete the group', async () => {
    const { world, old } = await unaware();
    const group = await world.open(old);
    assert.ok((await deleteGroup(old, group)).ok);

    world.pass(1_000);
    await world.sweep();
    await world.settle();

    assert.deepEqual(world.sent.map(typeOf).toSorted(), ['group.created', 'group.deleted']);
  });
});

describe('a group that is deleted', () => {
  for (const isAfter of [false, true]) {
    test(`is told of to its last event although every poke is lost and the sweep dies ${isAfter ? 'after' : 'before'} any operation`, async (t) => {
      let deaths = 0;
      for (let at = 0; ; at++) {
        const world = createWorld();
        const webhook = await world.create(['*']);
        const silent: Ports = { ...world.ports, poke: async () => {} };
        const group = await world.open(silent);
        await work(silent, group);
        const owed = await world.owed(group, webhook);
        assert.ok((await deleteGroup(silent, group)).ok);
        assert.equal(await world.settle(), 0, 'nobody was told of anything yet');

        const death = { left: at, isAfter };
        const dying: Ports = { ...world.ports, store: dyingStore(world.store, death) };
        const { failures } = await sweep(dying);
        for (let pass = 0; pass < 3; pass++) {
          world.pass(MINUTE_MS);
          await world.sweep();
          await world.settle();
        }

        const last = world.sent.filter((request) => typeOf(request) === 'group.deleted');
        const others = world.sent.filter((request) => typeOf(request) !== 'group.deleted');
        assert.equal(last.length, 1);
        assert.deepEqual(
          others.map(({ body }) => body).toSorted(),
          owed.map((event) => JSON.stringify(event)).toSorted(),
        );
        assert.equal(await world.store.get(headKey(group)), null, 'the group is gone');
        if (failures.length === 0) break;
        deaths++;
      }
      t.diagnostic(`${deaths} deaths`);
      assert.ok(deaths > 20, 'the sweep died at every one of its operations');
    });
  }
});

test('what happened before a webhook was made, or while it was disabled, is not told', async () => {
  const world = createWorld();
  const group = await world.open();
  world.pass(1_000);
  const webhook = await world.create(['*']);
  world.pass(MINUTE_MS);
  await world.sweep();
  await world.settle();
  assert.equal(world.sent.length, 0);

  await work(world.ports, group);
  await world.settle();

  await assertTold(world, group, webhook);
  assert.ok(!world.sent.some(({ body }) => body.includes('"group.created"')));
});
