import { SQSClient } from '@aws-sdk/client-sqs';
import type { Queue } from '../events/queue.ts';
import { createSqsQueue } from '../events/sqs.ts';
import type { Poke } from '../service/ports.ts';

/** A call waits for its poke, which the sweep can make up for: so a queue that is down must hold it up only shortly. */
const POKE_ATTEMPTS = 2;
const POKE_CONNECT_MS = 500;
const POKE_REQUEST_MS = 1_000;

/** The queue of pokes in the cloud, for sending; `endpoint` is that of another server that speaks SQS. */
export function openPokes(queueUrl: string, endpoint: string | undefined): Queue<Poke> {
  const client = new SQSClient({
    maxAttempts: POKE_ATTEMPTS,
    requestHandler: {
      connectionTimeout: POKE_CONNECT_MS,
      requestTimeout: POKE_REQUEST_MS,
      // Without it the SDK only warns, and waits on.
      throwOnRequestTimeout: true,
    },
    ...(endpoint === undefined ? {} : { endpoint, useQueueUrlAsEndpoint: false }),
  });
  return createSqsQueue<Poke>(client, { queueUrl });
}
