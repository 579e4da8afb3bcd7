import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { SQSClient } from '@aws-sdk/client-sqs';
import { LIMITS } from '../domain/limits.ts';
import { createSqsQueue } from '../events/sqs.ts';
import type { Poke, Ports } from '../service/ports.ts';
import { proposeHere } from '../service/propose.ts';
import { createDynamoDbClient, createDynamoDbStore } from '../store/dynamodb.ts';
import { createAuthenticator, KEY_KEPT_MS } from './authenticate.ts';
import { createCalls } from './call.ts';
import type { Environment } from './environment.ts';
import { readEnvironment } from './environment.ts';
import type { Logger as Log, Runtime } from './runtime.ts';
import { pollingSignals } from './signals.ts';

/** A call waits for its poke, which the sweep can make up for: so a queue that is down must hold it up only shortly. */
const POKE_ATTEMPTS = 2;
const POKE_CONNECT_MS = 500;
const POKE_REQUEST_MS = 1_000;

/** Sends pokes through the queue; one that cannot be sent is logged, and left to the sweep. */
function pokeThrough(variables: Environment, log: Log): Ports['poke'] {
  const { RUNGWISE_QUEUE_URL: queueUrl, RUNGWISE_SQS_ENDPOINT: endpoint } = variables;
  if (queueUrl === undefined) return async () => {};
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
  const queue = createSqsQueue<Poke>(client, { queueUrl });
  return async (body) => {
    try {
      await queue.send([{ body }]);
    } catch (error) {
      log.warn('poke not sent', { group: body.group, error });
    }
  };
}

/** The runtime of a Lambda function with this environment. */
export function createCloudRuntime(variables: Environment, log: Log): Runtime {
  const client = createDynamoDbClient(variables.RUNGWISE_DYNAMODB_ENDPOINT);
  const store = createDynamoDbStore(client, variables.RUNGWISE_TABLE);
  return {
    ports: {
      store,
      now: Date.now,
      sleep,
      signals: pollingSignals,
      poke: pokeThrough(variables, log),
      propose: proposeHere,
      maxWaitSeconds: LIMITS.waitSecondsCloud,
      definitions: new Map(),
    },
    logger: log,
    authenticate: createAuthenticator(
      { store, now: Date.now },
      { demandsKeys: true, keptMs: KEY_KEPT_MS },
    ),
    instance: null,
    call: createCalls(Date.now),
  };
}

function createLog(): Log {
  const logger = new Logger({ serviceName: 'rungwise' });
  return {
    error: (message, more) => logger.error(message, { ...more }),
    warn: (message, more) => logger.warn(message, { ...more }),
    info: (message, more) => logger.info(message, { ...more }),
  };
}

let runtime: Promise<Runtime> | undefined;

/** The runtime of this Lambda function: made at the first call, kept while the environment lives. */
export const cloudRuntime = (): Promise<Runtime> => {
  runtime ??= Promise.resolve().then(() =>
    createCloudRuntime(readEnvironment(process.env), createLog()),
  );
  return runtime;
};
