import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  BatchResultErrorEntry,
  MessageSystemAttributeName,
  SQSClient,
  Message as SqsMessage,
} from '@aws-sdk/client-sqs';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import type { Json } from '../domain/values.ts';
import type { DeadLetter, Message, Queue } from './queue.ts';
import { assertOutgoing, assertReceive, assertRetry, QUEUE_LIMITS } from './queue.ts';

/** Entries that one call takes. */
const BATCH_ENTRIES = 10;
/** Bytes of all bodies in one call. */
const BATCH_BYTES = 256 * 1024;
/** Calls for one batch, each with what SQS did not take in the one before: about half a second at most. */
const BATCH_ROUNDS = 5;
/** A message of the dead letters that is being looked at is held this long; it is given back when the look is over. */
const LOOK_SECONDS = 60;
/** A long poll asks all servers of the queue; a short one a sample, and may find nothing where there is something. */
const WAIT_SECONDS = 1;

/** SQS did not take a part of a batch, however often it was asked; the same call may succeed later. */
export class QueueUnavailable extends Error {
  override readonly name = 'QueueUnavailable';
}

export interface SqsQueueOptions {
  readonly queueUrl: string;
  /** Where the queue's redrive policy puts what is given up; without it nobody can look there. */
  readonly deadLetterUrl?: string;
  /** Whole seconds for which a receive waits until there is something; 1 where left out. */
  readonly waitSeconds?: number;
}

/**
 * JSON text in characters that every server takes: U+FFFE and U+FFFF, which SQS refuses, and whatever needs two UTF-16
 * units, which not all take, are written as escapes.
 */
const encode = (body: Json): string =>
  JSON.stringify(body).replace(
    /[\ud800-\udfff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16)}`,
  );

/** The body of a message; none where its text is no JSON, so that somebody else has sent it. */
function decode<T extends Json>(text: string | undefined): readonly T[] {
  try {
    const body: T = JSON.parse(text ?? '');
    return [body];
  } catch {
    return [];
  }
}

/** Parts the list in batches that one call takes. */
function batchesOf<E>(entries: readonly E[], bytesOf: (entry: E) => number): readonly E[][] {
  const batches: E[][] = [];
  let batch: E[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = bytesOf(entry);
    if (batch.length === BATCH_ENTRIES || (batch.length > 0 && bytes + size > BATCH_BYTES)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(entry);
    bytes += size;
  }
  return batch.length === 0 ? batches : [...batches, batch];
}

type Entry<E> = E & { readonly Id: string };

interface Answer {
  readonly Failed?: readonly BatchResultErrorEntry[] | undefined;
}

/** True for a receipt that no longer counts: the message is gone, received again, or nobody holds it any more. */
const isStale = ({ Code = '', Message: text = '' }: BatchResultErrorEntry): boolean =>
  /ReceiptHandleIsInvalid|MessageNotInflight/.test(Code) ||
  (/InvalidParameterValue/.test(Code) && text.includes('ReceiptHandle'));

/**
 * Makes a call with one batch, and again with the entries that it refused; `passOver` tells which refusals are fine.
 *
 * Throws `QueueUnavailable` where some are refused every time.
 */
async function insist<E extends object>(
  batch: readonly E[],
  call: (entries: Entry<E>[]) => Promise<Answer>,
  passOver: (refusal: BatchResultErrorEntry) => boolean = () => false,
): Promise<void> {
  let left = batch.map((entry, index): Entry<E> => ({ ...entry, Id: String(index) }));
  for (let round = 1; ; round++) {
    const { Failed = [] } = await call(left);
    const refusals = Failed.filter((refusal) => !passOver(refusal));
    const [first] = refusals;
    if (first === undefined) return;
    if (round === BATCH_ROUNDS) {
      const why = `${first.Code}: ${first.Message ?? 'no reason given'}`;
      throw new QueueUnavailable(`SQS refused ${refusals.length} entries of a batch, ${why}`);
    }
    // Spread out, so that callers that were refused together do not return together.
    await sleep(Math.random() * 25 * 2 ** round);
    const refused = new Set(refusals.map(({ Id }) => Id));
    left = left.filter(({ Id }) => refused.has(Id));
  }
}

/**
 * The queue on SQS: a standard queue with a redrive policy to its dead letters, which says after how many receives a
 * message is given up. A message whose body is no JSON is never received, and so ends there.
 *
 * A retry is a change of visibility. SQS counts it from the receive on: both together last 12 hours at most, and it
 * passes over a receipt whose visibility has ended.
 *
 * Every call throws the SDK's exceptions; where a part of a batch is refused again and again, `QueueUnavailable`.
 *
 * @param client - with `useQueueUrlAsEndpoint: false` where it has an endpoint of its own
 */
export function createSqsQueue<T extends Json>(
  client: SQSClient,
  { queueUrl, deadLetterUrl, waitSeconds = WAIT_SECONDS }: SqsQueueOptions,
): Queue<T> {
  async function receiveFrom(
    url: string,
    receive: { readonly max: number; readonly visibilitySeconds: number },
    attribute: MessageSystemAttributeName,
  ): Promise<readonly SqsMessage[]> {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: receive.max,
        VisibilityTimeout: receive.visibilitySeconds,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: [attribute],
      }),
    );
    return Messages;
  }

  /** Lets messages be received again after the delay. */
  async function giveBack(
    url: string,
    receipts: readonly string[],
    delaySeconds: number,
  ): Promise<void> {
    const entries = receipts.map((ReceiptHandle) => ({
      ReceiptHandle,
      VisibilityTimeout: delaySeconds,
    }));
    for (const batch of batchesOf(entries, () => 0)) {
      const call = (Entries: Entry<(typeof entries)[number]>[]): Promise<Answer> =>
        client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries }));
      await insist(batch, call, isStale);
    }
  }

  return {
    async send(messages) {
      assertOutgoing(messages);
      const entries = messages.map(({ body, delaySeconds = 0 }) => ({
        MessageBody: encode(body),
        DelaySeconds: delaySeconds,
      }));
      const bytesOf = ({ MessageBody }: (typeof entries)[number]): number =>
        Buffer.byteLength(MessageBody);
      for (const [index, entry] of entries.entries()) {
        const bytes = bytesOf(entry);
        assert.ok(
          bytes <= QUEUE_LIMITS.bodyBytes,
          `the body of message ${index} is ${bytes} bytes with its escapes; SQS takes ${QUEUE_LIMITS.bodyBytes}`,
        );
      }
      for (const batch of batchesOf(entries, bytesOf)) {
        await insist(batch, (Entries) =>
          client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries })),
        );
      }
    },

    async receive(receive) {
      assertReceive(receive);
      const messages = await receiveFrom(queueUrl, receive, 'ApproximateReceiveCount');
      return messages.flatMap(({ MessageId = '', ReceiptHandle = '', Body, Attributes }) =>
        decode<T>(Body).map(
          (body): Message<T> => ({
            id: MessageId,
            receipt: ReceiptHandle,
            body,
            receives: Number(Attributes?.ApproximateReceiveCount),
          }),
        ),
      );
    },

    async remove(receipts) {
      const entries = receipts.map((ReceiptHandle) => ({ ReceiptHandle }));
      for (const batch of batchesOf(entries, () => 0)) {
        const call = (Entries: Entry<(typeof entries)[number]>[]): Promise<Answer> =>
          client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
        await insist(batch, call, isStale);
      }
    },

    async retry(receipt, delaySeconds) {
      assertRetry(delaySeconds);
      await giveBack(queueUrl, [receipt], delaySeconds);
    },

    async deadLetters(limit) {
      assert.ok(deadLetterUrl !== undefined, 'the queue was made with the URL of its dead letters');
      const found = new Map<string, SqsMessage>();
      const receipts: string[] = [];
      try {
        // Held while the look lasts, so that each receive brings others.
        while (found.size < limit) {
          const max = Math.min(QUEUE_LIMITS.messagesPerReceive, limit - found.size);
          const receive = { max, visibilitySeconds: LOOK_SECONDS };
          const messages = await receiveFrom(deadLetterUrl, receive, 'SentTimestamp');
          receipts.push(...messages.flatMap(({ ReceiptHandle }) => ReceiptHandle ?? []));
          const before = found.size;
          for (const message of messages) found.set(message.MessageId ?? '', message);
          // There is nothing more, or the first ones come again.
          if (found.size === before) break;
        }
      } finally {
        await giveBack(deadLetterUrl, receipts, 0);
      }
      return [...found].flatMap(([id, { Body, Attributes }]) =>
        decode<T>(Body).map(
          (body): DeadLetter<T> => ({ id, body, sentAt: Number(Attributes?.SentTimestamp) }),
        ),
      );
    },
  };
}
