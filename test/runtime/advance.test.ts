import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { SQSRecord } from 'aws-lambda';
import { advanceFunction } from '../../lib/runtime/advance.ts';
import type { Deadline } from '../../lib/runtime/deadline.ts';
import { createLocalRuntime } from '../../lib/runtime/local.ts';
import type { Store } from '../../lib/store/store.ts';
import { sqsRecord } from '../helpers/sqs-record.ts';

/** Ids of groups that there are not: a poke at one is done when it has been looked at. */
const group = (index: number): string => `grp_${String(index).padStart(26, '0')}`;

const record = (messageId: string, body: string): SQSRecord =>
  sqsRecord({ messageId, receiptHandle: `receipt of ${messageId}`, body });

const pokeAt = (index: number, messageId = `m${index}`): SQSRecord =>
  record(messageId, JSON.stringify({ group: group(index) }));

const LONG_MS = 60_000;

interface World {
  /** Calls the function with a batch; returns the ids that it names. */
  readonly call: (records: readonly SQSRecord[], deadline?: Deadline) => Promise<readonly string[]>;
  /** The groups that were looked at, as often as they were. */
  readonly seen: string[];
  /** Log lines as they would be written. */
  readonly lines: string[];
}

/** The function on a store in memory that does `before` each time it is asked for a group. */
function createWorld(t: TestContext, before: (group: string) => Promise<void> | void = () => {}) {
  const seen: string[] = [];
  const lines: string[] = [];
  const log = (message: string, more: object): void =>
    void lines.push(`${message} ${JSON.stringify(more)}`);
  const logger = { error: log, warn: log, info() {} };
  const runtime = createLocalRuntime({ folder: null, logger });
  const { store } = runtime.ports;
  t.after(() => store.close());
  const watched: Store = {
    ...store,
    async get(key) {
      seen.push(key.pk);
      await before(key.pk);
      return store.get(key);
    },
  };
  const ports = { ...runtime.ports, store: watched };
  const handler = advanceFunction(async () => ({ ...runtime, ports }));
  const world: World = {
    seen,
    lines,
    async call(records, deadline) {
      const { batchItemFailures } = await handler({ Records: [...records] }, deadline);
      return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort();
    },
  };
  return world;
}

describe('the function that advances groups', () => {
  test('does what every poke points at', async (t) => {
    const { call, seen, lines } = createWorld(t);

    const named = await call([1, 2, 3].map((index) => pokeAt(index)));

    assert.deepEqual(named, []);
    assert.deepEqual(seen, [group(1), group(2), group(3)]);
    assert.deepEqual(lines, []);
  });

  test('looks at a group once, however many pokes point at it', async (t) => {
    const { call, seen } = createWorld(t);

    await call([pokeAt(1, 'a'), pokeAt(2, 'b'), pokeAt(1, 'c')]);

    assert.deepEqual(seen, [group(1), group(2)]);
  });

  test('names the messages of a group that failed, and no others', async (t) => {
    const { call, lines } = createWorld(t, (asked) => {
      if (asked === group(1)) throw new Error('the store is away');
    });

    const named = await call([pokeAt(1, 'a'), pokeAt(2, 'b'), pokeAt(1, 'c')]);

    assert.deepEqual(named, ['a', 'c']);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /^advance failed .*"message_ids":\["a","c"\]/);
  });

  const unreadable = [
    ['no JSON', 'secret'],
    ['no poke', '{"secret":1}'],
    ['no group id', '{"group":"secret"}'],
    ['nothing', ''],
  ] as const;
  for (const [what, body] of unreadable) {
    test(`names a message whose body is ${what}, and logs its id alone`, async (t) => {
      const { call, seen, lines } = createWorld(t);

      const named = await call([record('a', body), pokeAt(1, 'b')]);

      assert.deepEqual(named, ['a']);
      assert.deepEqual(seen, [group(1)]);
      assert.deepEqual(lines, ['pokes unreadable {"message_ids":["a"]}']);
    });
  }

  test('begins no group when the time runs short, and names what was not begun', async (t) => {
    let remainingMs = LONG_MS;
    const { call, seen, lines } = createWorld(t, (asked) => {
      if (asked === group(5)) remainingMs = 9_000;
    });
    const records = [1, 2, 3, 4, 5, 6, 7, 8].map((index) => pokeAt(index));

    const named = await call(records, { getRemainingTimeInMillis: () => remainingMs });

    assert.deepEqual(named, ['m6', 'm7', 'm8']);
    assert.deepEqual(seen, [1, 2, 3, 4, 5].map(group));
    assert.deepEqual(lines, ['advance ran short of time {"message_ids":["m6","m7","m8"]}']);
  });

  test('does one group even where there is hardly any time', async (t) => {
    const { call, seen } = createWorld(t);

    const named = await call([pokeAt(1), pokeAt(2)], { getRemainingTimeInMillis: () => 1 });

    assert.deepEqual(named, ['m2']);
    assert.deepEqual(seen, [group(1)]);
  });

  test('where nothing ends the call, a slow group keeps none of the others waiting', async (t) => {
    const others = Promise.withResolvers<void>();
    const { call, seen } = createWorld(t, (asked) => {
      if (asked === group(10)) others.resolve();
      return asked === group(10) ? undefined : others.promise;
    });
    const indices = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

    const named = await call(indices.map((index) => pokeAt(index)));

    assert.deepEqual(named, []);
    assert.equal(seen.length, 10);
  });
});
