import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { after, describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import type { LocalQueue, LocalQueueOptions } from '../../lib/events/local-queue.ts';
import { createLocalQueue, startPump } from '../../lib/events/local-queue.ts';
import type { Handler, Message } from '../../lib/events/queue.ts';
import { openSqliteStore } from '../../lib/store/sqlite.ts';
import type { Store } from '../../lib/store/store.ts';
import { StoreUnavailable } from '../../lib/store/store.ts';
import type { OpenQueue } from '../contracts/queue.ts';
import { queueContract } from '../contracts/queue.ts';

const root = mkdtempSync(join(tmpdir(), 'rungwise-queue-'));
after(() => rmSync(root, { recursive: true }));

const START = 1_700_000_000_000;

function openOn(store: Store, maxReceives: number): OpenQueue {
  let now = START;
  return {
    queue: createLocalQueue(store, { name: 'contract', now: () => now, maxReceives }),
    async pass(seconds) {
      now += seconds * 1_000;
    },
    close: () => store.close(),
  };
}

let folders = 0;
queueContract('SQLite in memory', {
  open: async (maxReceives) => openOn(openSqliteStore(null), maxReceives),
  histories: 200,
});
queueContract('a SQLite file', {
  open: async (maxReceives) => openOn(openSqliteStore(join(root, `${folders++}`)), maxReceives),
  histories: 10,
});

interface World {
  readonly store: Store;
  readonly queue: LocalQueue<number>;
  now: number;
}

function createWorld(t: TestContext, more: Partial<LocalQueueOptions> = {}): World {
  const store = openSqliteStore(null);
  t.after(() => store.close());
  const options = { name: 'q', now: () => world.now, maxReceives: 3, ...more };
  const world: World = { store, queue: createLocalQueue<number>(store, options), now: START };
  return world;
}

const receive = { max: 10, visibilitySeconds: 30 };

/** Receives the one message that there must be. */
async function receiveOne(queue: LocalQueue<number>): Promise<Message<number>> {
  const [message, ...others] = await queue.receive(receive);
  assert.ok(message !== undefined && others.length === 0, 'there is one message to receive');
  return message;
}

/** Writes an item and sends a message in a process of its own, which ends in the same turn unless it waits. */
function writeAndSend(folder: string, wait: string): void {
  const path = (file: string): string =>
    JSON.stringify(new URL(`../../lib/${file}`, import.meta.url).href);
  const script = `
    import { createLocalQueue } from ${path('events/local-queue.ts')};
    import { openSqliteStore } from ${path('store/sqlite.ts')};
    const store = openSqliteStore(${JSON.stringify(folder)});
    const queue = createLocalQueue(store, { name: 'q', now: () => ${START}, maxReceives: 3 });
    await store.put({ key: { pk: 'p', sk: 's' }, body: 'decided', expect: 0 });
    await queue.send([{ body: 1 }]);
    ${wait};
    process.exit(0);
  `;
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', script],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
}

describe('the local queue', () => {
  test('keeps messages, their receives and dead letters over a restart', async () => {
    const folder = join(root, 'restart');
    const options = { name: 'q', now: () => START, maxReceives: 1 };
    const first = openSqliteStore(folder);
    const before = createLocalQueue<number>(first, options);
    await before.send([{ body: 1 }]);
    await before.retry((await receiveOne(before)).receipt, 0);
    await before.send([{ body: 2 }]);
    await first.close();

    const second = openSqliteStore(folder);
    const queue = createLocalQueue<number>(second, options);

    assert.equal((await receiveOne(queue)).body, 2);
    const [letter] = await queue.deadLetters(10);
    assert.deepEqual([letter?.body, letter?.sentAt], [1, START]);
    await second.close();
  });

  test('keeps a message with what was written in the same turn, or neither', async () => {
    const written = join(root, 'written');
    const interrupted = join(root, 'interrupted');
    writeAndSend(written, 'await store.durable()');
    writeAndSend(interrupted, '');

    const found = await Promise.all(
      [written, interrupted].map(async (folder) => {
        const store = openSqliteStore(folder);
        const queue = createLocalQueue<number>(store, {
          name: 'q',
          now: () => START,
          maxReceives: 3,
        });
        const decision = await store.get({ pk: 'p', sk: 's' });
        const messages = await queue.receive(receive);
        await store.close();
        return [decision?.body ?? null, messages.map(({ body }) => body)];
      }),
    );

    assert.deepEqual(found, [
      ['decided', [1]],
      [null, []],
    ]);
  });

  test('is durable about a receive before it answers, so that a crash of the handler counts', async (t) => {
    const { store, queue } = createWorld(t);
    let flushed = 0;
    const counting: Store = {
      ...store,
      async durable() {
        await store.durable();
        flushed++;
      },
    };
    await queue.send([{ body: 1 }]);

    await createLocalQueue(counting, { name: 'q', now: () => START, maxReceives: 3 }).receive(
      receive,
    );

    assert.equal(flushed, 1);
  });

  test('gives messages of one millisecond in the order in which they were sent', async (t) => {
    const { queue } = createWorld(t);
    const bodies = [5, 3, 8, 1, 9, 2];
    for (const body of bodies) await queue.send([{ body }]);

    const messages = await queue.receive(receive);

    assert.deepEqual(
      messages.map(({ body }) => body),
      bodies,
    );
  });

  test('is apart from the other queues of its store', async (t) => {
    const { store, queue } = createWorld(t);
    const other = createLocalQueue<number>(store, { name: 'q2', now: () => START, maxReceives: 3 });

    await queue.send([{ body: 1 }]);

    assert.deepEqual(await other.receive(receive), []);
  });

  test('passes over any number of held messages to one that nobody holds', async (t) => {
    const world = createWorld(t);
    const { queue } = world;
    await queue.send(Array.from({ length: 120 }, (_, body) => ({ body })));
    for (let held = 0; held < 120; held += 10) await queue.receive(receive);
    world.now++;
    await queue.send([{ body: 777 }]);

    assert.equal((await receiveOne(queue)).body, 777);
  });

  test('takes no removal and no retry by a receipt of an earlier receive', async (t) => {
    const world = createWorld(t);
    const { queue } = world;
    await queue.send([{ body: 1 }]);
    const early = await receiveOne(queue);
    world.now += 30_000;
    const late = await receiveOne(queue);

    await queue.remove([early.receipt]);
    await queue.retry(early.receipt, 0);

    assert.deepEqual(await queue.receive(receive), []);
    await queue.retry(late.receipt, 0);
    assert.equal((await receiveOne(queue)).receives, 3);
  });

  test('passes over receipts that it never gave', async (t) => {
    const { queue } = createWorld(t);

    await queue.remove(['', 'x', '1@nowhere']);
    await queue.retry('nonsense', 0);
  });

  test('keeps dead letters for 14 days', async (t) => {
    const world = createWorld(t, { maxReceives: 1 });
    const { queue, store } = world;
    await queue.send([{ body: 1 }]);
    await queue.retry((await receiveOne(queue)).receipt, 0);
    await queue.receive(receive);
    const day = 86_400_000;

    assert.equal(await store.expire(START + 14 * day - 1, 10), 0);
    assert.equal((await queue.deadLetters(10)).length, 1);
    assert.equal(await store.expire(START + 14 * day, 10), 1);
    assert.deepEqual(await queue.deadLetters(10), []);
  });

  test('tells its listeners of every send, until they no longer want to know', async (t) => {
    const { queue } = createWorld(t);
    let told = 0;
    const end = queue.onSend(() => told++);

    await queue.send([{ body: 1 }, { body: 2 }]);
    end();
    await queue.send([{ body: 3 }]);

    assert.equal(told, 1);
  });
});

/** For a process that does not die. */
const NEVER = Number.POSITIVE_INFINITY;

/** Thrown into a process at the moment at which it dies. */
class Died extends Error {}

/** The store as a process sees it that shares it with others, and dies before its operation number `diesAt`. */
function shared(store: Store, step: () => Promise<void>, diesAt: number): Store {
  let operations = 0;
  const before = async (): Promise<void> => {
    await step();
    if (++operations >= diesAt) throw new Died();
  };
  return {
    ...store,
    async getMany(keys) {
      await before();
      return store.getMany(keys);
    },
    async put(put) {
      await before();
      return store.put(put);
    },
    async remove(key) {
      await before();
      return store.remove(key);
    },
    async list(of, range) {
      await before();
      return store.list(of, range);
    },
    async durable() {},
  };
}

interface Hold {
  readonly id: string;
  readonly from: number;
  until: number;
}

interface Process {
  /** Store operations that it makes before it dies. */
  readonly diesAt: number;
  readonly sends: number;
  /** What it does with what it receives, batch by batch. */
  readonly verdicts: readonly ('remove' | 'retry' | 'leave')[];
}

const anyProcess: fc.Arbitrary<Process> = fc.record({
  diesAt: fc.oneof(fc.constant(NEVER), fc.integer({ min: 1, max: 30 })),
  sends: fc.integer({ min: 0, max: 3 }),
  verdicts: fc.array(fc.constantFrom('remove', 'retry', 'leave'), { maxLength: 4 }),
});

const overlap = (a: Hold, b: Hold): boolean =>
  a.id === b.id && Math.max(a.from, b.from) < Math.min(a.until, b.until);

/** Processes that share a queue step by step in the scheduler's order; returns what was sent, what ended, and who held. */
async function runProcesses(s: fc.Scheduler, processes: readonly Process[]) {
  const store = openSqliteStore(null);
  const queueOn = (on: Store): LocalQueue<number> =>
    createLocalQueue<number>(on, { name: 'q', now: () => now, maxReceives: 3 });
  const sent = new Set<number>();
  const ended = new Set<number>();
  const holds: Hold[] = [];
  let now = START;
  let next = 0;

  async function live({ diesAt, sends, verdicts }: Process): Promise<void> {
    const queue = queueOn(shared(store, () => s.schedule(Promise.resolve()), diesAt));
    for (let i = 0; i < sends; i++) {
      const body = next++;
      await queue.send([{ body }]);
      sent.add(body);
    }
    for (const verdict of verdicts) {
      const from = now;
      const messages = await queue.receive({ max: 3, visibilitySeconds: 2 });
      const mine = messages.map(({ id }): Hold => ({ id, from, until: from + 2_000 }));
      holds.push(...mine);
      if (verdict === 'leave') continue;
      for (const [i, { receipt, body }] of messages.entries()) {
        const hold = mine[i];
        if (hold !== undefined) hold.until = Math.min(hold.until, now);
        if (verdict === 'remove') ended.add(body);
        await (verdict === 'remove' ? queue.remove([receipt]) : queue.retry(receipt, i));
      }
    }
  }

  async function passTime(): Promise<void> {
    for (let i = 0; i < 10; i++) {
      await s.schedule(Promise.resolve());
      now += 1_000;
    }
  }

  const lives = processes.map((each) =>
    live(each).catch((error) => assert.ok(error instanceof Died, String(error))),
  );
  await s.waitFor(Promise.all([...lives, passTime()]));

  const queue = queueOn(store);
  for (let rounds = 0; rounds < 4; rounds++) {
    now += 100_000;
    for (;;) {
      const messages = await queue.receive({ max: 10, visibilitySeconds: 1 });
      if (messages.length === 0) break;
      for (const { body } of messages) ended.add(body);
    }
  }
  for (const { body } of await queue.deadLetters(1_000)) ended.add(body);
  await store.close();
  return { sent, ended, holds };
}

/** The world's queue as another process sees it, which dies before its operation number `diesAt`. */
function queueOfAnother(
  world: World,
  { step = async () => {}, diesAt = NEVER }: { step?: () => Promise<void>; diesAt?: number },
): LocalQueue<number> {
  const store = shared(world.store, step, diesAt);
  return createLocalQueue<number>(store, { name: 'q', now: () => world.now, maxReceives: 3 });
}

describe('a process that shares the local queue', () => {
  for (const diesAt of [1, 2, 3, 4]) {
    test(`loses no message where it dies before step ${diesAt} of a retry`, async (t) => {
      const world = createWorld(t);
      await world.queue.send([{ body: 1 }]);
      const { receipt } = await receiveOne(world.queue);

      await assert.rejects(queueOfAnother(world, { diesAt }).retry(receipt, 5), Died);

      world.now += 100_000;
      const bodies = (await world.queue.receive(receive)).map(({ body }) => body);
      assert.deepEqual(new Set(bodies), new Set([1]));
    });
  }

  for (const diesAt of [1, 2, 3]) {
    test(`loses no message where it dies before step ${diesAt} of giving it up`, async (t) => {
      const world = createWorld(t);
      await world.queue.send([{ body: 1 }]);
      for (let i = 0; i < 3; i++)
        await world.queue.retry((await receiveOne(world.queue)).receipt, 0);

      await assert.rejects(queueOfAnother(world, { diesAt }).receive(receive), Died);

      assert.deepEqual(await world.queue.receive(receive), []);
      assert.deepEqual(
        (await world.queue.deadLetters(10)).map(({ body }) => body),
        [1],
      );
    });
  }

  test('takes no message from the one that receives it during a late retry', async (t) => {
    const world = createWorld(t);
    await world.queue.send([{ body: 1 }]);
    const { receipt } = await receiveOne(world.queue);
    world.now += 30_000;
    const received: Message<number>[] = [];
    let steps = 0;
    const late = queueOfAnother(world, {
      // The retry has read the message by then, and not yet written it.
      async step() {
        if (++steps === 2) received.push(await receiveOne(world.queue));
      },
    });

    await late.retry(receipt, 0);

    assert.equal(received.length, 1);
    assert.deepEqual(await world.queue.receive(receive), []);
  });
});

describe('processes that share the local queue and die at any moment', () => {
  test('lose no message, and never hold one message together', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(anyProcess, { minLength: 2, maxLength: 5 }),
        async (s, processes) => {
          const { sent, ended, holds } = await runProcesses(s, processes);

          assert.deepEqual(
            [...sent].filter((body) => !ended.has(body)),
            [],
          );
          const together = holds.flatMap((a, i) => holds.slice(i + 1).filter((b) => overlap(a, b)));
          assert.deepEqual(together, []);
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** A promise and how to settle it. */
const gate = (): PromiseWithResolvers<void> => Promise.withResolvers<void>();

describe('the pump', () => {
  const NEVER_MS = 1_000_000;
  const quiet = { visibilitySeconds: 30, intervalMs: NEVER_MS };
  const onError = (error: unknown): void => assert.fail(String(error));

  /** The pump keeps no process alive, so a test that waits for it does. */
  function keepAlive(t: TestContext): void {
    const timer = setInterval(() => {}, NEVER_MS);
    t.after(() => clearInterval(timer));
  }

  test('takes what is there when it starts, and is woken by every send', async (t) => {
    keepAlive(t);
    const { queue } = createWorld(t);
    const seen: number[] = [];
    let handled = gate();
    const handler: Handler<number> = async (messages) => {
      seen.push(...messages.map(({ body }) => body));
      handled.resolve();
      return [];
    };
    await queue.send([{ body: 1 }]);

    const pump = startPump(queue, handler, { ...quiet, wake: queue.onSend, onError });
    await handled.promise;
    for (const body of [2, 3]) {
      // By then the pump has found nothing and waits.
      for (let i = 0; i < 5; i++) await turn();
      handled = gate();
      await queue.send([{ body }]);
      await handled.promise;
    }

    await pump.stop();
    assert.deepEqual(seen, [1, 2, 3]);
    assert.deepEqual(await queue.receive(receive), []);
  });

  test('finds a delayed message without being woken', async (t) => {
    const world = createWorld(t);
    const { queue } = world;
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const handled = gate();
    await queue.send([{ body: 1, delaySeconds: 5 }]);
    const pump = startPump(
      queue,
      async () => {
        handled.resolve();
        return [];
      },
      { ...quiet, intervalMs: 1_000, wake: () => () => {}, onError },
    );
    for (let i = 0; i < 5; i++) await turn();

    world.now += 5_000;
    t.mock.timers.tick(1_000);

    await handled.promise;
    await pump.stop();
  });

  test('handles one batch at a time, however often it is woken', async (t) => {
    keepAlive(t);
    const { queue } = createWorld(t);
    let under = 0;
    let most = 0;
    let count = 0;
    const all = gate();
    const handler: Handler<number> = async (messages) => {
      most = Math.max(most, ++under);
      await turn();
      under--;
      count += messages.length;
      if (count === 60) all.resolve();
      return [];
    };

    const pump = startPump(queue, handler, { ...quiet, wake: queue.onSend, onError });
    for (let body = 0; body < 60; body++) {
      await queue.send([{ body }]);
      if (body % 7 === 0) await turn();
    }
    await all.promise;

    await pump.stop();
    assert.equal(most, 1);
    assert.equal(count, 60);
  });

  test('is stopped when the batch under way is done, and takes no further one', async (t) => {
    keepAlive(t);
    const { queue } = createWorld(t);
    const started = gate();
    const open = gate();
    let batches = 0;
    const handler: Handler<number> = async () => {
      batches++;
      started.resolve();
      await open.promise;
      return [];
    };
    const pump = startPump(queue, handler, { ...quiet, wake: queue.onSend, onError });
    await queue.send([{ body: 1 }]);
    await started.promise;
    await queue.send([{ body: 2 }]);

    let stopped = false;
    const stopping = pump.stop().then(() => {
      stopped = true;
    });
    await turn();
    assert.equal(stopped, false);
    open.resolve();
    await stopping;
    await queue.send([{ body: 3 }]);
    await turn();

    assert.equal(batches, 1);
    assert.deepEqual(
      (await queue.receive(receive)).map(({ body }) => body),
      [2, 3],
    );
  });

  test('tells of errors and goes on', async (t) => {
    keepAlive(t);
    const { store, queue } = createWorld(t);
    const outage = new StoreUnavailable('the disk is full');
    const broken = new Error('broken');
    let isDown = true;
    const shaky: Store = {
      ...store,
      list: (of, range) => (isDown ? Promise.reject(outage) : store.list(of, range)),
    };
    const options = { name: 'q', now: () => START, maxReceives: 3 };
    const errors: unknown[] = [];
    const done = gate();
    const handler: Handler<number> = async ([message]) => {
      if (message?.body === 1) throw broken;
      done.resolve();
      return [];
    };
    const pump = startPump(createLocalQueue<number>(shaky, options), handler, {
      ...quiet,
      wake: queue.onSend,
      onError: (error) => errors.push(error),
    });
    await turn();

    isDown = false;
    await queue.send([{ body: 1 }]);
    while (errors.length < 2) await turn();
    await queue.send([{ body: 2 }]);
    await done.promise;

    await pump.stop();
    assert.deepEqual(errors, [outage, broken]);
  });

  test('stops at once while it waits, and can be stopped twice', async (t) => {
    keepAlive(t);
    const { queue } = createWorld(t);
    const pump = startPump(queue, async () => [], { ...quiet, wake: queue.onSend, onError });
    for (let i = 0; i < 5; i++) await turn();

    await pump.stop();
    await pump.stop();
  });
});
