import type { SQSEvent } from 'aws-lambda';
import * as advance from '../functions/advance.ts';
import * as deliverWebhook from '../functions/deliver-webhook.ts';
import type { LocalRuntime, Pump } from '../lib/runtime/local.ts';
import { pump, pumpWide } from '../lib/runtime/local.ts';

/*
 * The queues on a laptop: what SQS would hand to the functions in the cloud, in the same events.
 */

interface Message {
  readonly id: string;
  readonly receipt: string;
  readonly body: object;
  readonly receives: number;
}

const toEvent = (messages: readonly Message[]): SQSEvent => ({
  Records: messages.map(({ id, receipt, body, receives }) => ({
    messageId: id,
    receiptHandle: receipt,
    body: JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: '0',
      SenderId: 'local',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'local',
    awsRegion: 'local',
  })),
});

type QueueFunction = ReturnType<typeof advance.create>;

/** What handles messages by calling the function with their event; it names those that are to come again. */
const handlerOf =
  (call: QueueFunction) =>
  async (messages: readonly Message[]): Promise<readonly string[]> => {
    const { batchItemFailures } = await call(toEvent(messages));
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };

/** Hands the pokes of the queue to the function that does what they point at. */
export const pumpPokes = (runtime: LocalRuntime): Pump =>
  pump(runtime, handlerOf(advance.create(async () => runtime)));

/** Hands the messages about deliveries to the function that sends. */
export const pumpDeliveries = (runtime: LocalRuntime): Pump =>
  pumpWide(runtime, handlerOf(deliverWebhook.create(async () => runtime.sender)));
