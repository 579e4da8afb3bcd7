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
import type { Poller } from './poller.ts';
import { startPoller } from './poller.ts';

/*
 * A team's stack on this machine: the bundled functions under Lambda's emulator, on DynamoDB Local and ElasticMQ.
 */

/** Why the stack cannot run here, or null where it can. */
export const stackMissing = (): string | null =>
  dynamoDbLocalMissing() ?? elasticMqMissing() ?? lambdaEmulatorMissing();

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
  readonly poll: (options: { readonly seed: number; readonly visibilitySeconds: number }) => Poller;
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

/** Starts the stack. Nobody takes messages from its queue before `poll`, and nobody sweeps. */
export async function startStack(): Promise<Stack> {
  const [tables, queues] = await Promise.all([startDynamoDbLocal(), startElasticMq()]);
  const table = await tables.createTable();
  const urls = await createQueue(queues.client, 'pokes', MAX_RECEIVES);
  const options: LambdaOptions = {
    table,
    tableEndpoint: tables.endpoint,
    queueUrl: urls.queueUrl,
    queueEndpoint: queues.endpoint,
  };
  const lambda = createLambda(options);
  const front = await startFront(lambda);
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
    poll: (how) => startPoller({ client: queues.client, queueUrl: urls.queueUrl, lambda, ...how }),
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
