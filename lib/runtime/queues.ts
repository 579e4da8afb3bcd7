import { SQSClient } from '@aws-sdk/client-sqs';
import type { Json } from '../domain/values.ts';
import type { Queue } from '../events/queue.ts';
import { createSqsQueue } from '../events/sqs.ts';

/** A call waits for its message, which the sweep can make up for: so a queue that is down must hold it up only shortly. */
const SEND_ATTEMPTS = 2;
const SEND_CONNECT_MS = 500;
const SEND_REQUEST_MS = 1_000;

/** A queue in the cloud, for sending; `endpoint` is that of another server that speaks SQS. */
export function openQueue<T extends Json>(
  queueUrl: string,
  endpoint: string | undefined,
): Queue<T> {
  const client = new SQSClient({
    maxAttempts: SEND_ATTEMPTS,
    requestHandler: {
      connectionTimeout: SEND_CONNECT_MS,
      requestTimeout: SEND_REQUEST_MS,
      // Without it the SDK only warns, and waits on.
      throwOnRequestTimeout: true,
    },
    ...(endpoint === undefined ? {} : { endpoint, useQueueUrlAsEndpoint: false }),
  });
  return createSqsQueue<T>(client, { queueUrl });
}
