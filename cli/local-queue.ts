import type { SQSEvent } from 'aws-lambda';
import * as advance from '../functions/advance.ts';
import type { LocalRuntime, Pump } from '../lib/runtime/local.ts';
import { pump } from '../lib/runtime/local.ts';

/*
 * The queue on a laptop: what SQS would hand to the function in the cloud, in the same events.
 */

type Messages = Parameters<Parameters<typeof pump>[1]>[0];

const toEvent = (messages: Messages): SQSEvent => ({
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

/** Hands the pokes of the queue to the function that does what they point at. */
export function pumpPokes(runtime: LocalRuntime): Pump {
  const handler = advance.create(async () => runtime);
  return pump(runtime, async (messages) => {
    const { batchItemFailures } = await handler(toEvent(messages));
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  });
}
