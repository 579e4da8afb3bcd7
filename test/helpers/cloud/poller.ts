import { setTimeout as sleep } from 'node:timers/promises';
import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { FunctionName } from '../../../infra/functions.ts';
import { QUEUE_LIMITS } from '../../../lib/events/queue.ts';
import { createSqsQueue } from '../../../lib/events/sqs.ts';
import { createStream } from '../../../lib/numerics/stream.ts';
import { sqsRecord } from '../sqs-record.ts';
import type { Lambda } from './lambda.ts';

/** How long a receive waits for messages where no copy waits. */
const WAIT_SECONDS = 1;
/** Pause after a failure, ms. */
const PAUSE_MS = 200;

/** A batch as it was handed to the function. */
export interface Batch {
  /** Ids of its messages in their order. */
  readonly ids: readonly string[];
  /** Ids that the function has named as failed. */
  readonly failed: readonly string[];
}

/** What hands the messages of a queue to its function, in the place of the event source mapping. */
export interface Poller {
  readonly batches: readonly Batch[];
  /** Calls that ended in an exception; none of their messages is deleted. */
  readonly failures: readonly unknown[];
  /** Resolves when the batch under way has ended. */
  readonly stop: () => Promise<void>;
}

export interface PollerOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly lambda: Lambda;
  /** The function that takes the messages. */
  readonly name: FunctionName;
  /** Longer than a batch takes where nothing is to be handed over more often. */
  readonly visibilitySeconds: number;
  /** Settles the order in which messages are handed over. */
  readonly seed: number;
}

const toRecord = ({ MessageId = '', ReceiptHandle = '', Body = '' }: Message): SQSRecord =>
  sqsRecord({ messageId: MessageId, receiptHandle: ReceiptHandle, body: Body });

/** Returns what puts a list in another order every time, the same ones for the same seed. */
function createShuffle(seed: number): <T>(list: readonly T[]) => T[] {
  const stream = createStream({ seed, purpose: 0 });
  let round = 0;
  return (list) => {
    const index = round++;
    return list
      .map((entry, i) => ({ entry, place: stream.uniform(index, i) }))
      .toSorted((a, b) => a.place - b.place)
      .map(({ entry }) => entry);
  };
}

/**
 * Starts to poll. Every message is handed over twice, in batches of their own and in another order than it came: of what
 * there is, half goes at once, and the rest waits for what comes meanwhile. So some come after they were deleted.
 */
export function startPoller({
  client,
  queueUrl,
  lambda,
  name,
  visibilitySeconds,
  seed,
}: PollerOptions): Poller {
  const queue = createSqsQueue(client, { queueUrl });
  const shuffled = createShuffle(seed);
  const batches: Batch[] = [];
  const failures: unknown[] = [];
  let copies: readonly Message[] = [];
  let isStopped = false;

  async function receive(): Promise<readonly Message[]> {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: QUEUE_LIMITS.messagesPerReceive,
        VisibilityTimeout: visibilitySeconds,
        WaitTimeSeconds: copies.length === 0 ? WAIT_SECONDS : 0,
      }),
    );
    return Messages;
  }

  async function handOver(messages: readonly Message[]): Promise<readonly string[]> {
    const event: SQSEvent = { Records: messages.map(toRecord) };
    const result: SQSBatchResponse = Object(await lambda.invoke(name, event));
    return result.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  }

  async function pollOnce(): Promise<void> {
    const received = await receive();
    const pool = shuffled([...copies, ...received]);
    const size = Math.min(Math.ceil(pool.length / 2), QUEUE_LIMITS.messagesPerReceive);
    const batch = pool.slice(0, size);
    copies = [...pool.slice(size), ...received];
    if (batch.length === 0) return;
    const failed = await handOver(batch);
    batches.push({ ids: batch.map(({ MessageId = '' }) => MessageId), failed });
    const done = batch.filter(({ MessageId = '' }) => !failed.includes(MessageId));
    // A copy of what is deleted already has a receipt that no longer counts.
    await queue.remove(done.flatMap(({ ReceiptHandle }) => ReceiptHandle ?? []));
  }

  async function poll(): Promise<void> {
    while (!isStopped) {
      try {
        await pollOnce();
      } catch (error) {
        failures.push(error);
        await sleep(PAUSE_MS);
      }
    }
  }

  const polling = poll();
  return {
    batches,
    failures,
    stop() {
      isStopped = true;
      return polling;
    },
  };
}
