import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { isEnd, statusAt } from '../../lib/domain/experiment.ts';
import type { GroupHead } from '../../lib/domain/group.ts';
import { createStream } from '../../lib/numerics/stream.ts';
import { createGroup, readGroup } from '../../lib/service/groups.ts';
import { attemptOf, leaseToken } from '../../lib/service/lease.ts';
import type { Call, Ports } from '../../lib/service/ports.ts';
import { report } from '../../lib/service/report.ts';
import { suggest } from '../../lib/service/suggest.ts';
import { sweep } from '../../lib/service/sweep.ts';
import { experimentKey, headKey } from '../../lib/store/keys.ts';
import { openSqliteStore } from '../../lib/store/sqlite.ts';
import type { Store } from '../../lib/store/store.ts';
import { StoreUnavailable } from '../../lib/store/store.ts';

/*
 * One history of the real use cases on the in-memory store, under a scheduler that decides by a seed which call goes on
 * next, which store operation fails (before its effect or after it), which worker dies, and when time passes.
 */

export interface History {
  readonly seed: number;
  readonly concurrency: number;
  readonly planned: number;
  readonly workers: number;
  /** Chance that a store operation fails while faults last. */
  readonly faults: number;
}

/** Thrown into a call at the moment at which its process dies. */
class Died extends Error {}

type Random = () => number;

function createRandom(seed: number): Random {
  const { uniform } = createStream({ seed, purpose: 99 });
  let drawn = 0;
  return () => uniform(drawn++, 0);
}

/** Calls wait here for their turn; one is let go at a time. */
function createScheduler(random: Random) {
  const waiting: (() => void)[] = [];
  return {
    turn: (): Promise<void> => new Promise((resolve) => waiting.push(resolve)),
    /** Lets one waiting call go on until it waits again; false where none waits. */
    async step(): Promise<boolean> {
      await turn();
      const next = waiting.splice(Math.floor(random() * waiting.length), 1)[0];
      if (next === undefined) return false;
      next();
      await turn();
      return true;
    },
  };
}

function createFaultyStore(
  store: Store,
  world: {
    readonly random: Random;
    readonly wait: () => Promise<void>;
    readonly chance: () => number;
  },
): Store {
  const before = async (): Promise<void> => {
    await world.wait();
    if (world.random() < world.chance()) {
      throw world.random() < 0.5 ? new StoreUnavailable('lost request') : new Died();
    }
  };
  const after = (): void => {
    if (world.random() < world.chance()) {
      throw world.random() < 0.5 ? new StoreUnavailable('lost answer') : new Died();
    }
  };
  return {
    ...store,
    async get(key) {
      await before();
      return store.get(key);
    },
    async getMany(keys) {
      await before();
      return store.getMany(keys);
    },
    async put(put) {
      await before();
      const outcome = await store.put(put);
      after();
      return outcome;
    },
  };
}

const expected = (error: unknown): boolean =>
  error instanceof StoreUnavailable || error instanceof Died;

/** Runs one history to its end and checks the invariants after every step. Throws where one breaks. */
export async function runHistory(history: History): Promise<{ readonly steps: number }> {
  const random = createRandom(history.seed);
  const scheduler = createScheduler(random);
  const store = openSqliteStore(null);
  let now = 1_000_000;
  let faults = 0;
  const ports: Ports = {
    store: createFaultyStore(store, {
      random,
      wait: scheduler.turn,
      chance: () => faults,
    }),
    now: () => now,
    signals: { changed() {}, watch: () => ({ next: async () => {}, end() {} }) },
    maxWaitSeconds: 0,
    definitions: new Map(),
  };
  let calls = 0;
  const call = (): Call => ({
    at: now,
    nonce: (++calls).toString(16).padStart(32, '0'),
    repeatable: false,
  });
  const quiet: Ports = { ...ports, store };
  const created = await createGroup(quiet, call(), {
    version: 1,
    kind: 'group',
    hptuning: {
      seed: history.seed,
      concurrency: history.concurrency,
      lease_seconds: 10,
      max_attempts: 100,
      random_search: {
        n_experiments: history.planned,
        metric: { name: 'loss', optimization: 'minimize' },
      },
      matrix: { x: { uniform: [0, 1] } },
    },
  });
  assert.ok(created.ok);
  const group = created.value.definition.config.id;
  faults = history.faults;

  /** Ends that a worker was told are on record: they must never be lost or changed. */
  const acknowledged = new Map<number, number>();

  async function worker(name: string): Promise<void> {
    for (let round = 0; round < 400; round++) {
      try {
        const suggested = await suggest(ports, call(), {
          group,
          count: 1 + Math.floor(random() * 2),
          worker: random() < 0.5 ? name : null,
          waitSeconds: 0,
        });
        assert.ok(suggested.ok);
        if (suggested.value.groupStatus === 'done') return;
        for (const experiment of suggested.value.experiments) {
          // A worker that is never heard of again, or that stalls and comes back as a zombie.
          if (random() < 0.15) continue;
          if (random() < 0.15) {
            now += 11_000;
            for (let stalled = 0; stalled < 10; stalled++) await scheduler.turn();
          }
          const loss = experiment.number + experiment.attempt / 1000;
          const ended = await report(ports, call(), {
            group,
            number: experiment.number,
            steps: [{ step: 1, metrics: { loss } }],
            status: random() < 0.8 ? 'succeeded' : 'running',
            checkpoint: null,
            message: null,
            leaseToken: leaseToken(group, experiment, experiment.attempt),
            tokenIsKey: false,
          });
          if (ended.ok && isEnd(ended.value.experiment.status)) {
            const known = acknowledged.get(experiment.number);
            assert.ok(known === undefined || known === loss, 'an acknowledged end has changed');
            acknowledged.set(experiment.number, loss);
          }
        }
        now += Math.floor(random() * 400);
      } catch (error) {
        if (!expected(error)) throw error;
      }
      await scheduler.turn();
    }
  }

  async function sweeper(): Promise<void> {
    for (let round = 0; round < 400; round++) {
      now += 3_000;
      const { failures } = await sweep(ports).catch((error: unknown) => ({ failures: [error] }));
      for (const error of failures) if (!expected(error)) throw error;
      await scheduler.turn();
    }
  }

  async function checkInvariants(): Promise<GroupHead> {
    const head = (await store.get(headKey(group)))?.body;
    assert.ok(head !== undefined);
    assert.ok(head.places.length <= history.concurrency, 'more places than the concurrency');
    assert.ok(head.nextIndex <= history.planned, 'more experiments than the budget');
    const numbers = Array.from({ length: head.nextNumber - 1 }, (_, i) => i + 1);
    const items = await store.getMany(numbers.map((n) => experimentKey(group, n)));
    const running = items.filter((item) => item !== null && statusAt(item.body, now) === 'running');
    assert.ok(running.length <= history.concurrency, 'more live leases than the concurrency');
    for (const [number, loss] of acknowledged) {
      const stored = items[number - 1]?.body;
      assert.equal(stored?.status, 'succeeded', 'an acknowledged end was lost');
      assert.equal(stored.metrics['loss']?.last, loss, 'an acknowledged value was changed');
    }
    return head;
  }

  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
  };
  let open = history.workers + 1;
  const tasks = [
    ...Array.from({ length: history.workers }, (_, i) => worker(`worker-${i}`)),
    sweeper(),
  ];
  for (const task of tasks) void task.catch(fail).finally(() => open--);
  let steps = 0;
  for (; open > 0 && failure === undefined && steps < 40_000; steps++) {
    // Faults stop after a while: from then on the group must come to its end.
    if (steps === 1_500) faults = 0;
    await scheduler.step();
    const head = await checkInvariants();
    if (head.status === 'done') break;
  }
  if (failure !== undefined) throw failure;

  const view = await readGroup(quiet, group);
  assert.ok(view.ok);
  const { head, definition } = view.value;
  assert.equal(head.status, 'done', `no end after ${steps} steps: ${JSON.stringify(head)}`);
  assert.equal(head.places.length, 0);
  assert.equal(head.nextNumber - 1, history.planned, 'another number of experiments than planned');
  const numbers = Array.from({ length: history.planned }, (_, i) => i + 1);
  const items = await store.getMany(numbers.map((n) => experimentKey(group, n)));
  const counts = { succeeded: 0, failed: 0, infeasible: 0, stopped: 0 };
  for (const [index, item] of items.entries()) {
    assert.ok(item !== null && isEnd(item.body.status), `experiment ${index + 1} has not ended`);
    counts[item.body.status]++;
    assert.equal(
      item.body.metrics['loss']?.last,
      item.body.number + item.body.attempt / 1000,
      'a zombie of an earlier attempt has overwritten the last one',
    );
    assert.deepEqual(item.body.values, definition.optimizer.suggest(item.body.index ?? -1));
    assert.equal(attemptOf(group, item.body, leaseToken(group, item.body, 1)), 1);
  }
  assert.deepEqual(head.counts, counts, 'the counters differ from the experiments');
  assert.equal(
    head.resultsFlushed + head.results.length,
    history.planned,
    'a result is missing or double',
  );
  await store.close();
  return { steps };
}
