import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { MAX_RECEIVES } from '../../../infra/queues.ts';
import { SCOPES } from '../../../lib/domain/api-key.ts';
import { createCalls } from '../../../lib/runtime/call.ts';
import { createKey } from '../../../lib/service/api-keys.ts';
import { createDynamoDbStore } from '../../../lib/store/dynamodb.ts';
import { dynamoDbLocalMissing, startDynamoDbLocal } from '../dynamodb-local.ts';
import { elasticMqMissing, startElasticMq } from '../elasticmq.ts';
import type { Caller } from '../service.ts';
import { callService } from '../service.ts';
import type { QueueUrls } from '../sqs.ts';
import { createQueue } from '../sqs.ts';
import type { Front } from './front.ts';
import { startFront } from './front.ts';
import type { Lambda, LambdaOptions } from './lambda.ts';
import { createLambda } from './lambda.ts';
import { lambdaEmulatorMissing } from './lambda-emulator.ts';
import type { Poller, PollerOptions } from './poller.ts';
import { startPoller } from './poller.ts';

/*
 * A team's stack on this machine: the bundled functions under Lambda's emulator, on DynamoDB Local and ElasticMQ.
 */

/** Why the stack cannot run here, or null where it can. */
export const stackMissing = (): string | null =>
  dynamoDbLocalMissing() ?? elasticMqMissing() ?? lambdaEmulatorMissing();

/** How a queue is polled. */
interface Polling extends Pick<PollerOptions, 'seed' | 'visibilitySeconds'> {
  /** Whose function takes the messages; the stack's own where left out. */
  readonly lambda?: Lambda;
}

export interface Stack {
  readonly queue: SQSClient;
  readonly urls: QueueUrls;
  /** What the functions are told of table and queue. */
  readonly options: LambdaOptions;
  readonly lambda: Lambda;
  readonly front: Front;
  /** The service behind the front, called with a key that may do everything. */
  readonly service: Caller;
  /** What a command line needs in its environment to reach the table. */
  readonly variables: Readonly<Record<string, string>>;
  readonly poll: (options: Polling) => Poller;
  /** Hands messages about deliveries to the function that sends. */
  readonly pollDeliveries: (options: Polling) => Poller;
  /** What the schedule does every minute. */
  readonly sweep: () => Promise<void>;
  readonly stop: () => void;
}

/** The headers by which a caller shows a key. */
export const bearer = (key: string): Readonly<Record<string, string>> => ({
  authorization: `Bearer ${key}`,
});

const SCHEDULED = {
  version: '0',
  id: 'test',
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: 'test',
  region: 'eu-central-1',
  resources: [],
  detail: {},
} as const;

/** A key that may do everything, as an operator makes the first one: straight in the table. */
async function firstKey(client: DynamoDBClient, table: string): Promise<string> {
  const store = createDynamoDbStore(client, table);
  const request = { name: null, scopes: SCOPES, expiresAt: null };
  const made = await createKey({ store, now: Date.now }, createCalls(Date.now)(), request);
  await store.close();
  if (!made.ok) throw new Error(made.fault.detail);
  return made.value.text;
}

/** Starts the stack. Nobody takes messages from its queues before they are polled, and nobody sweeps. */
export async function startStack(
  more: Pick<LambdaOptions, 'parametersEndpoint'> = {},
): Promise<Stack> {
  const [tables, queues] = await Promise.all([startDynamoDbLocal(), startElasticMq()]);
  const table = await tables.createTable();
  const urls = await createQueue(queues.client, 'pokes', MAX_RECEIVES);
  const deliveries = await createQueue(queues.client, 'deliveries', MAX_RECEIVES);
  const options: LambdaOptions = {
    ...more,
    table,
    tableEndpoint: tables.endpoint,
    queueUrl: urls.queueUrl,
    deliveriesUrl: deliveries.queueUrl,
    queueEndpoint: queues.endpoint,
  };
  const lambda = createLambda(options);
  const front = await startFront(lambda);
  const common = { client: queues.client, lambda };
  return {
    queue: queues.client,
    urls,
    options,
    lambda,
    front,
    service: await callService(front.url, bearer(await firstKey(tables.client(), table))),
    variables: {
      AWS_ENDPOINT_URL_DYNAMODB: tables.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
    poll: (how) => startPoller({ ...common, queueUrl: urls.queueUrl, name: 'advance', ...how }),
    pollDeliveries: (how) =>
      startPoller({ ...common, queueUrl: deliveries.queueUrl, name: 'deliver-webhook', ...how }),
    async sweep() {
      await lambda.invoke('sweep', { ...SCHEDULED, time: new Date().toISOString() });
    },
    stop() {
      front.stop();
      lambda.stop();
      tables.stop();
      queues.stop();
    },
  };
}
