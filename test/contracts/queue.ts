import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { Json } from '../../lib/domain/values.ts';
import type { ConsumeOptions, Message, Queue } from '../../lib/events/queue.ts';
import { consume, QUEUE_LIMITS } from '../../lib/events/queue.ts';

/** An empty queue, and how time passes for it. */
export interface OpenQueue {
  readonly queue: Queue<Json>;
  /** Lets whole seconds pass, on a clock that a test can move or for real. */
  readonly pass: (seconds: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface QueueContract {
  /** Opens an empty queue that gives a message up after so many receives. */
  readonly open: (maxReceives: number) => Promise<OpenQueue>;
  /** Histories that the property tries: fewer where time passes for real. */
  readonly histories: number;
}

const MAX_RECEIVES = 3;
/** Longer than any test takes where time passes for real. */
const LONG = 600;

/** Receives in a row that bring nothing before there is nothing: one may do no more than give ten messages up. */
const EMPTY_RECEIVES = 2;

/** Receives until nothing more comes. */
async function receiveAll(
  queue: Queue<Json>,
  visibilitySeconds: number,
): Promise<readonly Message<Json>[]> {
  const all: Message<Json>[] = [];
  for (let empty = 0; empty < EMPTY_RECEIVES; ) {
    const messages = await queue.receive({ max: 10, visibilitySeconds });
    empty = messages.length === 0 ? empty + 1 : 0;
    all.push(...messages);
  }
  return all;
}

/** Receives the one message that there must be. */
async function receiveOne(queue: Queue<Json>, visibilitySeconds: number): Promise<Message<Json>> {
  const [message, ...others] = await receiveAll(queue, visibilitySeconds);
  assert.ok(message !== undefined && others.length === 0, 'there is one message to receive');
  return message;
}

const sorted = (bodies: Iterable<Json>): readonly Json[] =>
  [...bodies].sort((a, b) => Number(a) - Number(b));

const bodiesOf = (messages: readonly { readonly body: Json }[]): readonly Json[] =>
  sorted(messages.map(({ body }) => body));

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

type Action =
  | { readonly kind: 'send'; readonly count: number; readonly delaySeconds: number }
  | { readonly kind: 'receive'; readonly max: number; readonly visibilitySeconds: number }
  | { readonly kind: 'remove'; readonly which: number }
  | { readonly kind: 'retry'; readonly which: number; readonly delaySeconds: number }
  | { readonly kind: 'pass'; readonly seconds: number };

const seconds = fc.integer({ min: 0, max: 2 });
const which = fc.nat({ max: 20 });
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    kind: fc.constant('send'),
    count: fc.integer({ min: 1, max: 12 }),
    delaySeconds: seconds,
  }),
  fc.record({
    kind: fc.constant('receive'),
    max: fc.integer({ min: 1, max: 10 }),
    visibilitySeconds: seconds,
  }),
  fc.record({ kind: fc.constant('remove'), which }),
  fc.record({ kind: fc.constant('retry'), which, delaySeconds: seconds }),
  fc.record({ kind: fc.constant('pass'), seconds }),
);

/** What every queue must do. */
export function queueContract(name: string, { open, histories }: QueueContract): void {
  describe(`the queue on ${name}`, () => {
    /** A test on a queue of its own. */
    const behaves = (title: string, body: (opened: OpenQueue) => Promise<void>): void =>
      void test(title, async () => {
        const opened = await open(MAX_RECEIVES);
        try {
          await body(opened);
        } finally {
          await opened.close();
        }
      });

    behaves('has nothing to receive before anything is sent', async ({ queue }) => {
      await queue.send([]);

      assert.deepEqual(await queue.receive({ max: 10, visibilitySeconds: LONG }), []);
      assert.deepEqual(await queue.deadLetters(10), []);
    });

    behaves('gives back the body that was sent, received once', async ({ queue }) => {
      const body = { text: 'ünï"code\u0000\uffff \\ 😀', list: [1, null, true, { deep: 'x' }] };

      await queue.send([{ body }]);

      const message = await receiveOne(queue, LONG);
      assert.deepEqual(message.body, body);
      assert.equal(message.receives, 1);
      assert.ok(message.id !== '' && message.receipt !== '');
    });

    behaves('takes any number of messages at once and gives ten at most', async ({ queue }) => {
      await queue.send(numbers(25).map((body) => ({ body })));

      const batch = await queue.receive({ max: 10, visibilitySeconds: LONG });
      const all = [...batch, ...(await receiveAll(queue, LONG))];

      assert.ok(batch.length <= 10);
      assert.deepEqual(bodiesOf(all), numbers(25));
      assert.equal(new Set(all.map(({ id }) => id)).size, 25);
    });

    behaves('gives no more messages than were asked for', async ({ queue }) => {
      await queue.send(numbers(5).map((body) => ({ body })));

      assert.equal((await queue.receive({ max: 1, visibilitySeconds: LONG })).length, 1);
    });

    behaves('holds a delayed message back until its time', async ({ queue, pass }) => {
      await queue.send([{ body: 'later', delaySeconds: 2 }, { body: 'now' }]);

      assert.deepEqual(bodiesOf(await receiveAll(queue, LONG)), ['now']);
      await pass(2);
      assert.deepEqual(bodiesOf(await receiveAll(queue, LONG)), ['later']);
    });

    behaves(
      'gives a message again when its visibility has ended, and not before',
      async ({ queue, pass }) => {
        await queue.send([{ body: 'x' }]);
        const first = await receiveOne(queue, 2);

        assert.deepEqual(await receiveAll(queue, LONG), []);
        await pass(2);
        const second = await receiveOne(queue, LONG);

        assert.equal(second.id, first.id);
        assert.equal(second.receives, 2);
        assert.notEqual(second.receipt, first.receipt);
      },
    );

    behaves('never gives a removed message again', async ({ queue, pass }) => {
      await queue.send(numbers(25).map((body) => ({ body })));
      const receipts = (await receiveAll(queue, 1)).map(({ receipt }) => receipt);

      await queue.remove([]);
      await queue.remove(receipts);
      await queue.remove(receipts);

      await pass(1);
      assert.deepEqual(await receiveAll(queue, LONG), []);
    });

    behaves('lets a message be removed whose visibility has ended', async ({ queue, pass }) => {
      await queue.send([{ body: 'x' }]);
      const { receipt } = await receiveOne(queue, 1);
      await pass(1);

      await queue.remove([receipt]);

      assert.deepEqual(await receiveAll(queue, LONG), []);
    });

    behaves(
      'gives a retried message again after the delay, and not before',
      async ({ queue, pass }) => {
        await queue.send([{ body: 'x' }]);
        const first = await receiveOne(queue, LONG);

        await queue.retry(first.receipt, 2);

        assert.deepEqual(await receiveAll(queue, LONG), []);
        await pass(2);
        const second = await receiveOne(queue, LONG);
        assert.deepEqual(
          { id: second.id, body: second.body, receives: second.receives },
          { id: first.id, body: 'x', receives: 2 },
        );
        await queue.remove([second.receipt]);
        await pass(1);
        assert.deepEqual(await receiveAll(queue, LONG), []);
      },
    );

    behaves('gives a message again at once that is retried without delay', async ({ queue }) => {
      await queue.send([{ body: 'x' }]);
      const first = await receiveOne(queue, LONG);

      await queue.retry(first.receipt, 0);

      const second = await receiveOne(queue, LONG);
      assert.deepEqual([second.id, second.receives], [first.id, 2]);
    });

    behaves('a retry longer than the visibility holds the message back', async (opened) => {
      const { queue, pass } = opened;
      await queue.send([{ body: 'x' }]);
      const { receipt } = await receiveOne(queue, 1);

      await queue.retry(receipt, 3);

      await pass(1);
      assert.deepEqual(await receiveAll(queue, LONG), []);
      await pass(2);
      assert.equal((await receiveOne(queue, LONG)).receives, 2);
    });

    behaves('never lets two receivers hold one message', async ({ queue }) => {
      await queue.send(numbers(40).map((body) => ({ body })));

      const received = await Promise.all(numbers(8).map(() => receiveAll(queue, LONG)));

      assert.deepEqual(bodiesOf(received.flat()), numbers(40));
    });

    behaves('gives a message up after its last receive, with its id', async ({ queue, pass }) => {
      await queue.send([{ body: 'poison' }]);
      const received: Message<Json>[] = [];
      for (const _ of numbers(MAX_RECEIVES)) {
        received.push(await receiveOne(queue, 1));
        await pass(1);
      }

      assert.deepEqual(await receiveAll(queue, LONG), []);

      const [letter, ...others] = await queue.deadLetters(10);
      assert.deepEqual(others, []);
      assert.deepEqual([letter?.id, letter?.body], [received[0]?.id, 'poison']);
      assert.deepEqual(
        received.map(({ receives }) => receives),
        [1, 2, 3],
      );
      await pass(1);
      assert.deepEqual(await receiveAll(queue, LONG), []);
      assert.equal((await queue.deadLetters(10)).length, 1, 'looking changes nothing');
    });

    behaves('lets a message be removed at its last receive', async ({ queue, pass }) => {
      await queue.send([{ body: 'x' }]);
      for (const _ of numbers(MAX_RECEIVES - 1)) {
        await queue.retry((await receiveOne(queue, LONG)).receipt, 0);
      }

      await queue.remove([(await receiveOne(queue, 1)).receipt]);

      await pass(1);
      assert.deepEqual(await receiveAll(queue, LONG), []);
      assert.deepEqual(await queue.deadLetters(10), []);
    });

    behaves('shows as many dead letters as were asked for', async ({ queue }) => {
      await queue.send(numbers(12).map((body) => ({ body })));
      for (const _ of numbers(MAX_RECEIVES)) {
        for (const { receipt } of await receiveAll(queue, LONG)) await queue.retry(receipt, 0);
      }
      assert.deepEqual(await receiveAll(queue, LONG), []);

      assert.equal((await queue.deadLetters(2)).length, 2);
      assert.deepEqual(bodiesOf(await queue.deadLetters(100)), numbers(12));
    });

    behaves('takes a body of 256 KiB, and refuses a larger one with its batch', async (opened) => {
      const { queue } = opened;
      // Two bytes a letter, and two quotation marks.
      const largest = 'é'.repeat(QUEUE_LIMITS.bodyBytes / 2 - 1);

      await assert.rejects(
        queue.send([{ body: 'beside it' }, { body: `${largest}!` }]),
        /the body of message 1 is 262145 bytes of JSON; a queue takes 262144/,
      );
      assert.deepEqual(await receiveAll(queue, LONG), []);

      await queue.send([{ body: largest }]);
      assert.ok((await receiveOne(queue, LONG)).body === largest);
    });

    behaves('refuses what is beyond its limits, and takes what is at them', async ({ queue }) => {
      const { delaySecondsMax, messagesPerReceive, visibilitySecondsMax } = QUEUE_LIMITS;
      const delay = (delaySeconds: number) => queue.send([{ body: 'x', delaySeconds }]);
      const receive = (max: number, visibilitySeconds: number) =>
        queue.receive({ max, visibilitySeconds });
      await queue.send([{ body: 'y' }]);
      const { receipt } = await receiveOne(queue, LONG);

      for (const bad of [-1, 0.5, Number.NaN]) {
        await assert.rejects(delay(bad), /delaySeconds of message 0 is/);
        await assert.rejects(receive(bad, LONG), /max is/);
        await assert.rejects(receive(1, bad), /visibilitySeconds is/);
        await assert.rejects(queue.retry(receipt, bad), /delaySeconds of a retry is/);
      }
      await assert.rejects(delay(delaySecondsMax + 1), /from 0 to 900/);
      await assert.rejects(receive(messagesPerReceive + 1, LONG), /from 1 to 10/);
      await assert.rejects(receive(0, LONG), /from 1 to 10/);
      await assert.rejects(receive(1, visibilitySecondsMax + 1), /from 0 to 43200/);
      await assert.rejects(queue.retry(receipt, visibilitySecondsMax + 1), /from 0 to 43200/);

      await delay(delaySecondsMax);
      await receive(messagesPerReceive, visibilitySecondsMax);
      await queue.retry(receipt, visibilitySecondsMax - LONG);
      assert.deepEqual(await receiveAll(queue, LONG), []);
    });

    describe('when it is consumed', () => {
      const options: ConsumeOptions = {
        visibilitySeconds: LONG,
        retrySecondsMin: 1,
        retrySecondsMax: 1,
      };

      behaves('removes what succeeded and retries what failed', async ({ queue, pass }) => {
        await queue.send(numbers(4).map((body) => ({ body })));
        const seen: Json[] = [];
        const oddFail = async (messages: readonly Message<Json>[]): Promise<readonly string[]> => {
          seen.push(...messages.map(({ body }) => body));
          return messages.filter(({ body }) => Number(body) % 2 === 1).map(({ id }) => id);
        };

        let consumed = 0;
        let failed = 0;
        while (consumed < 4) {
          const outcome = await consume(queue, oddFail, options);
          consumed += outcome.received;
          failed += outcome.failed;
          assert.deepEqual(outcome.errors, []);
        }

        assert.equal(failed, 2);
        assert.deepEqual(sorted(seen), [0, 1, 2, 3]);
        assert.deepEqual(await receiveAll(queue, LONG), []);
        await pass(1);
        assert.deepEqual(bodiesOf(await receiveAll(queue, LONG)), [1, 3]);
      });

      behaves('retries the whole batch of a handler that throws', async ({ queue, pass }) => {
        await queue.send([{ body: 1 }]);
        const broken = new Error('broken');

        const outcome = await consume(queue, () => Promise.reject(broken), options);

        assert.deepEqual(outcome, { received: 1, failed: 1, errors: [broken] });
        await pass(1);
        assert.equal((await receiveOne(queue, LONG)).receives, 2);
      });

      behaves('calls no handler where there is nothing to receive', async ({ queue }) => {
        const outcome = await consume(queue, () => assert.fail('called'), options);

        assert.deepEqual(outcome, { received: 0, failed: 0, errors: [] });
      });

      behaves('gives poison up while everything else is done', async ({ queue, pass }) => {
        await queue.send(numbers(15).map((body) => ({ body })));
        const done: Json[] = [];
        const handler = async (messages: readonly Message<Json>[]): Promise<readonly string[]> => {
          const poison = messages.filter(({ body }) => body === 7 || body === 8);
          done.push(...messages.filter((m) => !poison.includes(m)).map(({ body }) => body));
          return poison.map(({ id }) => id);
        };

        for (const _ of numbers(MAX_RECEIVES + 1)) {
          for (;;) if ((await consume(queue, handler, options)).received === 0) break;
          await pass(1);
        }

        assert.deepEqual(
          sorted(done),
          numbers(15).filter((n) => n !== 7 && n !== 8),
        );
        assert.deepEqual(bodiesOf(await queue.deadLetters(10)), [7, 8]);
      });
    });

    describe('over any history', () => {
      let opened: OpenQueue;
      before(async () => {
        opened = await open(MAX_RECEIVES);
      });
      after(() => opened.close());

      test('loses nothing, whatever is sent, received, removed, retried or left', async () => {
        const { queue, pass } = opened;
        // One queue serves all histories: the numbers of their messages go on.
        let next = 0;

        async function run(
          actions: readonly Action[],
        ): Promise<{ sent: readonly Json[]; ended: ReadonlySet<Json> }> {
          const sent: number[] = [];
          const ended = new Set<Json>();
          const received: Message<Json>[] = [];
          const pick = (index: number): Message<Json> | undefined =>
            received[index % Math.max(received.length, 1)];
          const perform = {
            async send({ count, delaySeconds }: Extract<Action, { kind: 'send' }>) {
              const bodies = numbers(count).map(() => next++);
              sent.push(...bodies);
              await queue.send(bodies.map((body) => ({ body, delaySeconds })));
            },
            async receive({ max, visibilitySeconds }: Extract<Action, { kind: 'receive' }>) {
              const messages = await queue.receive({ max, visibilitySeconds });
              assert.ok(messages.length <= max);
              received.push(...messages);
            },
            async remove({ which: index }: Extract<Action, { kind: 'remove' }>) {
              const message = pick(index);
              if (message === undefined) return;
              await queue.remove([message.receipt]);
              ended.add(message.body);
            },
            async retry({ which: index, delaySeconds }: Extract<Action, { kind: 'retry' }>) {
              const message = pick(index);
              if (message !== undefined) await queue.retry(message.receipt, delaySeconds);
            },
          };
          for (const step of actions) {
            if (step.kind === 'send') await perform.send(step);
            else if (step.kind === 'receive') await perform.receive(step);
            else if (step.kind === 'remove') await perform.remove(step);
            else if (step.kind === 'retry') await perform.retry(step);
            else await pass(step.seconds);
          }
          // No delay or visibility of a history is longer.
          await pass(2);
          const left = await receiveAll(queue, LONG);
          await queue.remove(left.map(({ receipt }) => receipt));
          for (const { body } of [...left, ...(await queue.deadLetters(100_000))]) ended.add(body);
          return { sent, ended };
        }

        await fc.assert(
          fc.asyncProperty(fc.array(action, { maxLength: 40 }), async (actions) => {
            const { sent, ended } = await run(actions);

            assert.deepEqual(
              sent.filter((body) => !ended.has(body)),
              [],
            );
          }),
          { numRuns: histories },
        );
      });
    });
  });
}
