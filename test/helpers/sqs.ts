import assert from 'node:assert/strict';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createSqsQueue } from '../../lib/events/sqs.ts';
import type { OpenQueue } from '../contracts/queue.ts';

/** Where a queue and its dead letters are. */
export interface QueueUrls {
  readonly queueUrl: string;
  readonly deadLetterUrl: string;
}

/** A client of an emulator, whose queues have URLs of hosts that there are not. */
export const emulatorClient = (endpoint: string): SQSClient =>
  new SQSClient({
    endpoint,
    useQueueUrlAsEndpoint: false,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });

async function createNamed(
  client: SQSClient,
  name: string,
  attributes: Record<string, string>,
): Promise<string> {
  const command = new CreateQueueCommand({ QueueName: name, Attributes: attributes });
  const { QueueUrl } = await client.send(command);
  assert.ok(QueueUrl !== undefined);
  return QueueUrl;
}

/** Makes an empty queue that gives a message up after so many receives, and the queue of its dead letters. */
export async function createQueue(
  client: SQSClient,
  name: string,
  maxReceives: number,
): Promise<QueueUrls> {
  const deadLetterUrl = await createNamed(client, `${name}-dead`, {});
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: deadLetterUrl, AttributeNames: ['QueueArn'] }),
  );
  const policy = { deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: maxReceives };
  const attributes = { RedrivePolicy: JSON.stringify(policy) };
  return { queueUrl: await createNamed(client, name, attributes), deadLetterUrl };
}

let queues = 0;

/** Opens a queue of its own on an emulator: one server, so that no receive has to wait for others. */
export async function openSqsQueue(
  client: SQSClient,
  maxReceives: number,
  pass: OpenQueue['pass'],
): Promise<OpenQueue> {
  const urls = await createQueue(client, `queue-${++queues}`, maxReceives);
  return {
    queue: createSqsQueue(client, { ...urls, waitSeconds: 0 }),
    pass,
    close: async () => {},
  };
}
