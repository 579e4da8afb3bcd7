import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLocalQueue } from '../../lib/events/local-queue.ts';
import { backoffSeconds, consume } from '../../lib/events/queue.ts';
import { openSqliteStore } from '../../lib/store/sqlite.ts';

const BACKOFF = { retrySecondsMin: 2, retrySecondsMax: 900 };

test('the delay of a retry doubles with every receive, up to its bound', () => {
  const delays = [1, 2, 3, 8, 9, 10, 5000].map((receives) =>
    backoffSeconds(receives, BACKOFF, 1 - Number.EPSILON),
  );

  assert.deepEqual(delays, [2, 4, 8, 256, 512, 900, 900]);
});

test('the delay of a retry is whole and lies in the upper half of its bound', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (receives, random) => {
        const delay = backoffSeconds(receives, BACKOFF, random);
        const longest = Math.min(2 * 2 ** (receives - 1), 900);

        assert.ok(Number.isInteger(delay));
        assert.ok(delay >= longest / 2 && delay <= longest, `${delay} of ${longest}`);
      },
    ),
  );
});

test('the jitter spreads what failed together', () => {
  assert.equal(backoffSeconds(9, BACKOFF, 0), 256);
  assert.equal(backoffSeconds(9, BACKOFF, 0.5), 384);
});

test('a handler that names a message of another batch fails its whole batch', async () => {
  const store = openSqliteStore(null);
  const queue = createLocalQueue(store, { name: 'q', now: () => 1_000, maxReceives: 3 });
  await queue.send([{ body: 1 }, { body: 2 }]);

  const outcome = await consume(queue, async () => ['stranger'], { visibilitySeconds: 30 });

  assert.deepEqual([outcome.received, outcome.failed], [2, 2]);
  assert.match(String(outcome.errors), /not in its batch: stranger/);
  await store.close();
});

test('a message that fails comes again after the backoff of its receives', async () => {
  let now = 1_000;
  const store = openSqliteStore(null);
  const queue = createLocalQueue(store, { name: 'q', now: () => now, maxReceives: 10 });
  await queue.send([{ body: 1 }]);
  const waits: number[] = [];

  for (let receives = 1; receives <= 5; receives++) {
    const at = now;
    const consumeOnce = () =>
      consume(queue, async (messages) => messages.map(({ id }) => id), {
        visibilitySeconds: 1_000,
        retrySecondsMin: 1,
        retrySecondsMax: 10,
        random: () => 0.999,
      });
    while ((await consumeOnce()).received === 0) now += 1_000;
    waits.push((now - at) / 1_000);
  }

  assert.deepEqual(waits, [0, 1, 2, 4, 8]);
  await store.close();
});
