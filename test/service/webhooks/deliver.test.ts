import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Delivery } from '../../../lib/domain/delivery.ts';
import { deliverOnce } from '../../../lib/service/webhooks/deliver.ts';
import type { DeliveryMessage } from '../../../lib/service/webhooks/ports.ts';
import { tellGroup } from '../../../lib/service/webhooks/tell.ts';
import type { Key, Store } from '../../../lib/store/store.ts';
import type { World } from './world.ts';
import { answered, createWorld } from './world.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The one delivery of a webhook. */
async function onlyDelivery(world: World, webhook: string): Promise<Delivery> {
  const [delivery, ...more] = await world.deliveries(webhook);
  assert.ok(delivery !== undefined && more.length === 0, 'there is one delivery');
  return delivery;
}

/** Lets time pass minute by minute as a service would, with its queue and its sweep, until it has passed. */
async function live(world: World, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += MINUTE_MS) {
    await world.settle();
    world.pass(5_500);
    await world.settle();
    world.pass(MINUTE_MS - 5_500);
    await world.sweep();
  }
  await world.settle();
}

describe('a delivery that nobody takes', () => {
  test('is tried ten times by the schedule, as a queue and a sweep a minute allow, and is a dead letter then', async (t) => {
    const world = createWorld();
    world.answer(() => answered(500));
    const webhook = await world.create(['group.created']);
    await world.open();

    await live(world, 4 * DAY_MS);

    const delivery = await onlyDelivery(world, webhook.id);
    const waits = world.sent
      .slice(1)
      .map(({ at }, i) => (at - (world.sent[i]?.at ?? 0)) / MINUTE_MS);
    t.diagnostic(
      `minutes between the attempts: ${waits.map((wait) => wait.toFixed(1)).join(', ')}`,
    );
    const minutes = [5 / 60, 5, 30, 120, 300, 600, 840, 1_200, 1_440];
    assert.equal(waits.length, minutes.length);
    for (const [i, wanted] of minutes.entries()) {
      const wait = waits[i] ?? 0;
      assert.ok(wait >= wanted && wait <= wanted + 2, `wait ${i + 1} is ${wait} min`);
    }
    assert.deepEqual(
      [delivery.status, delivery.attemptCount, delivery.nextAt],
      ['failed', 10, null],
    );
    assert.equal(new Set(world.sent.map(({ id }) => id)).size, 1, 'one webhook-id');
    assert.equal(new Set(world.sent.map(({ body }) => body)).size, 1, 'the same bytes');
  });

  test('disables its webhook after five days, and waits for nothing more', async () => {
    const world = createWorld();
    world.answer(() => answered(500));
    const webhook = await world.create(['group.created']);
    for (let day = 0; day < 6; day++) {
      await world.open();
      await live(world, DAY_MS);
    }

    const [owner] = await world.store.getMany([
      { pk: 'webhooks', sk: webhook.id } satisfies Key<unknown>,
    ]);
    const before = world.sent.length;
    await world.open();
    await live(world, MINUTE_MS);

    assert.match(JSON.stringify(owner?.body), /"disabledBy":"failing"/);
    assert.equal(world.sent.length, before);
    const left = (await world.deliveries(webhook.id)).filter(({ status }) => status === 'pending');
    assert.deepEqual(
      left.filter(({ nextAt }) => (nextAt ?? 0) <= world.ports.now()),
      [],
    );
  });
});

describe('a message about a delivery', () => {
  test('that comes again, or too early, sends nothing', async () => {
    const world = createWorld();
    world.answer(() => answered(500));
    const webhook = await world.create(['group.created']);
    await world.open();
    await world.settle();
    const { id } = await onlyDelivery(world, webhook.id);
    const message = { webhook: webhook.id, delivery: id };

    world.pass(2_000);
    const early = await deliverOnce(world.sender, message);
    world.answer(() => answered(204));
    world.pass(4_000);
    await world.settle();
    const late = await deliverOnce(world.sender, message);

    assert.deepEqual([early.kind, late.kind], ['passed_over', 'passed_over']);
    assert.equal(world.sent.length, 2);
  });

  test('that is lost is sent again by the sweep, once for all of its passes', async () => {
    const world = createWorld();
    const webhook = await world.create(['group.created']);
    world.pass(MINUTE_MS);
    await world.sweep();
    const ports = {
      ...world.ports,
      webhooks: { ...world.ports.webhooks, send: async () => {} },
    };
    const group = await world.open(ports);
    await tellGroup(ports, group);
    assert.equal((await onlyDelivery(world, webhook.id)).attemptCount, 0);

    world.pass(MINUTE_MS + 1);
    await world.sweep();
    await world.sweep();
    const messages = await world.settle();

    assert.equal(messages, 1);
    assert.equal((await onlyDelivery(world, webhook.id)).status, 'delivered');
  });

  test('whose attempt is interrupted leads to another one', async () => {
    let isDown = false;
    const world = createWorld((store) => ({
      ...store,
      async put(put) {
        if (isDown && put.key.pk.startsWith('deliveries#')) throw new Error('died');
        return store.put(put);
      },
    }));
    const webhook = await world.create(['group.created']);
    await world.open();
    world.answer(() => {
      isDown = true;
      return answered(204);
    });
    await assert.rejects(world.settle(), /died/);
    isDown = false;
    world.answer(() => answered(204));

    world.pass(MINUTE_MS + 1);
    await world.sweep();
    await world.settle();

    const { status, event } = await onlyDelivery(world, webhook.id);
    assert.equal(status, 'delivered');
    assert.deepEqual(new Set(world.sent.map(({ id }) => id)), new Set([event.id]));
  });
});

describe('an attempt', () => {
  /** A webhook with one delivery that nobody has tried, and the message that points at it. */
  async function untried(): Promise<{ world: World; message: DeliveryMessage }> {
    const world = createWorld();
    const webhook = await world.create(['group.created']);
    await tellGroup(world.ports, await world.open());
    const { id } = await onlyDelivery(world, webhook.id);
    return { world, message: { webhook: webhook.id, delivery: id } };
  }

  test('is made by one of many who are told of it at the same time', async () => {
    const { world, message } = await untried();

    const outcomes = await Promise.all([1, 2, 3].map(() => deliverOnce(world.sender, message)));

    assert.equal(world.sent.length, 1);
    assert.deepEqual(outcomes.map(({ kind }) => kind).toSorted(), [
      'delivered',
      'passed_over',
      'passed_over',
    ]);
  });

  test('whose maker has died is made by somebody else, and not before that is certain', async () => {
    const { world, message } = await untried();
    const dying = { ...world.sender, deliver: () => Promise.reject(new Error('died')) };
    await assert.rejects(deliverOnce(dying, message), /died/);

    const early = await deliverOnce(world.sender, message);
    world.pass(21_000);
    const late = await deliverOnce(world.sender, message);

    assert.deepEqual([early.kind, late.kind], ['passed_over', 'delivered']);
  });

  test('is the only one under way of an endpoint that fails, whichever process makes it; the others come again', async () => {
    const world = createWorld();
    world.answer(() => answered(500));
    const webhook = await world.create(['group.created']);
    await world.open();
    await world.settle();
    for (let n = 0; n < 3; n++) await tellGroup(world.ports, await world.open());
    const due = (await world.deliveries(webhook.id)).filter(
      ({ attemptCount }) => attemptCount === 0,
    );
    const before = world.sent.length;

    await Promise.all(
      due.map(({ id }) => deliverOnce(world.sender, { webhook: webhook.id, delivery: id })),
    );
    const atOnce = world.sent.length - before;
    world.answer(() => answered(204));
    await live(world, 2 * MINUTE_MS);

    assert.deepEqual([due.length, atOnce], [3, 1]);
    const deliveries = await world.deliveries(webhook.id);
    assert.deepEqual(
      deliveries.map(({ status }) => status),
      Array(4).fill('delivered'),
    );
  });
});

test('a webhook that its endpoint has disabled is sent nothing more, and what waited is given up', async () => {
  const world = createWorld();
  world.answer(() => answered(410));
  const webhook = await world.create(['group.created']);
  await world.open();
  await world.open();

  await world.settle();

  assert.equal(world.sent.length, 1);
  const deliveries = await world.deliveries(webhook.id);
  assert.deepEqual(deliveries.map(({ status }) => status).toSorted(), ['failed', 'pending']);
});

test('the sender asks for nothing but webhooks and deliveries', async () => {
  const asked = new Set<string>();
  const noting = (store: Store): Store => ({
    ...store,
    get: (key) => {
      asked.add(key.pk);
      return store.get(key);
    },
    put: (put) => {
      asked.add(put.key.pk);
      return store.put(put);
    },
    remove: (key) => {
      asked.add(key.pk);
      return store.remove(key);
    },
    getMany: () => assert.fail('no such operation'),
    list: () => assert.fail('no such operation'),
    due: () => assert.fail('no such operation'),
  });
  const world = createWorld();
  const webhook = await world.create(['group.created']);
  await tellGroup(world.ports, await world.open());
  world.answer(() => answered(500));
  const { id } = await onlyDelivery(world, webhook.id);

  const sender = { ...world.sender, store: noting(world.store) };
  const { kind } = await deliverOnce(sender, { webhook: webhook.id, delivery: id });

  assert.equal(kind, 'retrying');
  assert.deepEqual([...asked].toSorted(), [`deliveries#${webhook.id}`, 'webhooks']);
});
