import assert from 'node:assert/strict';
import type { Json } from '../domain/values.ts';

/** What a queue takes: the limits of SQS, kept by every adapter, so that what works on a laptop works in the cloud. */
export const QUEUE_LIMITS = {
  messagesPerReceive: 10,
  /** Bytes of a body's JSON text. A message says where to look, so a large one is a mistake. */
  bodyBytes: 256 * 1024,
  delaySecondsMax: 900,
  /** Also the longest delay of a retry, which SQS knows as a change of visibility. */
  visibilitySecondsMax: 43_200,
} as const;

/** A message on its way into the queue. */
export interface Outgoing<T extends Json> {
  readonly body: T;
  /** Whole seconds before anybody can receive it; 0 where left out. */
  readonly delaySeconds?: number;
}

/** A message as it was received. */
export interface Message<T extends Json> {
  /** The same at every receive. */
  readonly id: string;
  /** Names this receive of the message, for `remove` and `retry`. */
  readonly receipt: string;
  readonly body: T;
  /** How often it has been received, this time included. */
  readonly receives: number;
}

/** A message that was given up after `maxReceives` receives. */
export interface DeadLetter<T extends Json> {
  /** The id that the message had. */
  readonly id: string;
  readonly body: T;
  /** When it was sent, ms. */
  readonly sentAt: number;
}

export interface Receive {
  /** Most messages in the answer: 1 to 10. */
  readonly max: number;
  /** Whole seconds for which nobody else receives them. */
  readonly visibilitySeconds: number;
}

/**
 * A queue that delivers every message at least once, in no promised order. A message that is neither removed nor
 * retried within its visibility comes again; one that comes again after `maxReceives` receives goes to the dead letters.
 *
 * Every call may throw what the environment throws when it cannot answer now.
 * *Asserts* the limits of `QUEUE_LIMITS`, and whole numbers.
 */
export interface Queue<T extends Json> {
  /** Sends messages, as many as there are; where one is refused, none is sent. After an exception some may be. */
  readonly send: (messages: readonly Outgoing<T>[]) => Promise<void>;
  /** Messages that nobody holds; none where there are none now. */
  readonly receive: (receive: Receive) => Promise<readonly Message<T>[]>;
  /** Removes received messages for good. A receipt that no longer counts is passed over. */
  readonly remove: (receipts: readonly string[]) => Promise<void>;
  /** Gives a received message back, to be received after the delay. A receipt that no longer counts is passed over. */
  readonly retry: (receipt: string, delaySeconds: number) => Promise<void>;
  /** Messages that were given up, at most `limit`; looking at them changes nothing. */
  readonly deadLetters: (limit: number) => Promise<readonly DeadLetter<T>[]>;
}

function assertWhole(what: string, number: number, least: number, most: number): void {
  assert.ok(
    Number.isInteger(number) && number >= least && number <= most,
    `${what} is ${number}; a queue takes a whole number from ${least} to ${most}`,
  );
}

/** *Asserts* that every message may be sent; the sentence names the first that may not by its index. */
export function assertOutgoing(messages: readonly Outgoing<Json>[]): void {
  for (const [index, { body, delaySeconds = 0 }] of messages.entries()) {
    const bytes = Buffer.byteLength(JSON.stringify(body));
    assert.ok(
      bytes <= QUEUE_LIMITS.bodyBytes,
      `the body of message ${index} is ${bytes} bytes of JSON; a queue takes ${QUEUE_LIMITS.bodyBytes}`,
    );
    assertWhole(`delaySeconds of message ${index}`, delaySeconds, 0, QUEUE_LIMITS.delaySecondsMax);
  }
}

/** *Asserts* that a receive may be asked for. */
export function assertReceive({ max, visibilitySeconds }: Receive): void {
  assertWhole('max', max, 1, QUEUE_LIMITS.messagesPerReceive);
  assertWhole('visibilitySeconds', visibilitySeconds, 0, QUEUE_LIMITS.visibilitySecondsMax);
}

/** *Asserts* that a retry may be asked for. */
export const assertRetry = (delaySeconds: number): void =>
  assertWhole('delaySeconds of a retry', delaySeconds, 0, QUEUE_LIMITS.visibilitySecondsMax);

/**
 * Handles a batch and returns the ids of the messages that failed, which come again. It makes its effects durable
 * before it returns: what it does not name is removed. Where it throws, its whole batch failed. The same contract as a
 * Lambda's `batchItemFailures`, so one handler serves both.
 */
export type Handler<T extends Json> = (
  messages: readonly Message<T>[],
) => Promise<readonly string[]>;

/** Bounds of the delay before a failed message comes again, whole seconds. */
export interface Backoff {
  readonly retrySecondsMin: number;
  readonly retrySecondsMax: number;
}

export interface ConsumeOptions extends Partial<Backoff> {
  /** Longer than the handler takes for a batch; else its messages come again meanwhile. */
  readonly visibilitySeconds: number;
  /** Most messages in a batch; 10 where left out. */
  readonly max?: number;
  /** A number in [0, 1) for the jitter; `Math.random` where left out. */
  readonly random?: () => number;
}

/** What became of a batch. */
export interface Consumed {
  readonly received: number;
  readonly failed: number;
  /** What the handler threw, or how its answer was wrong. */
  readonly errors: readonly unknown[];
}

const RETRY_SECONDS_MIN = 2;
const RETRY_SECONDS_MAX = 900;

/**
 * The delay before a failed message comes again, whole seconds: `retrySecondsMin` doubled with every receive after the
 * first, at most `retrySecondsMax`, and spread over the upper half, so that what failed together does not return together.
 *
 * @param receives - how often the message was received, from 1
 * @param random - a number in [0, 1)
 */
export function backoffSeconds(
  receives: number,
  { retrySecondsMin, retrySecondsMax }: Backoff,
  random: number,
): number {
  const longest = Math.min(retrySecondsMax, retrySecondsMin * 2 ** (receives - 1));
  return Math.ceil((longest * (1 + random)) / 2);
}

interface Verdict {
  readonly failed: ReadonlySet<string>;
  readonly errors: readonly unknown[];
}

async function judge<T extends Json>(
  handler: Handler<T>,
  messages: readonly Message<T>[],
): Promise<Verdict> {
  const all = new Set(messages.map(({ id }) => id));
  try {
    const failed = new Set(await handler(messages));
    const strangers = [...failed].filter((id) => !all.has(id));
    assert.ok(
      strangers.length === 0,
      `the handler names messages that are not in its batch: ${strangers.join(', ')}`,
    );
    return { failed, errors: [] };
  } catch (error) {
    return { failed: all, errors: [error] };
  }
}

/**
 * Receives one batch, has it handled, removes what succeeded and retries what failed. Returns what became of it;
 * it throws only where the queue does, and then what it held comes again when its visibility ends.
 */
export async function consume<T extends Json>(
  queue: Queue<T>,
  handler: Handler<T>,
  options: ConsumeOptions,
): Promise<Consumed> {
  const { visibilitySeconds, max = QUEUE_LIMITS.messagesPerReceive } = options;
  const messages = await queue.receive({ max, visibilitySeconds });
  if (messages.length === 0) return { received: 0, failed: 0, errors: [] };
  return settle(queue, handler, { ...options, messages });
}

/** Has received messages handled, removes what succeeded and retries what failed. Throws only where the queue does. */
export async function settle<T extends Json>(
  queue: Queue<T>,
  handler: Handler<T>,
  options: Omit<ConsumeOptions, 'max'> & { readonly messages: readonly Message<T>[] },
): Promise<Consumed> {
  const { messages, random = Math.random } = options;
  const { retrySecondsMin = RETRY_SECONDS_MIN, retrySecondsMax = RETRY_SECONDS_MAX } = options;
  const verdict = await judge(handler, messages);
  const failed = messages.filter(({ id }) => verdict.failed.has(id));
  const done = messages.filter(({ id }) => !verdict.failed.has(id));
  await queue.remove(done.map(({ receipt }) => receipt));
  for (const { receipt, receives } of failed) {
    const backoff = { retrySecondsMin, retrySecondsMax };
    await queue.retry(receipt, backoffSeconds(receives, backoff, random()));
  }
  return { received: messages.length, failed: failed.length, errors: verdict.errors };
}
