import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LIMITS } from '../domain/limits.ts';
import { LEASE_PREFIX } from '../service/lease.ts';
import { proposeHere } from '../service/propose.ts';
import { createDynamoDbStore } from '../store/dynamodb.ts';
import { createCalls } from './call.ts';
import { readEnvironment } from './environment.ts';
import type { Runtime } from './runtime.ts';
import { pollingSignals } from './signals.ts';

/** Attempts of the SDK per request, with its own backoff and jitter: about two seconds at most. */
const SDK_ATTEMPTS = 5;

function create(): Runtime {
  const variables = readEnvironment(process.env);
  const endpoint = variables.RUNGWISE_DYNAMODB_ENDPOINT;
  const client = new DynamoDBClient({
    maxAttempts: SDK_ATTEMPTS,
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  const logger = new Logger({ serviceName: 'rungwise' });
  return {
    ports: {
      store: createDynamoDbStore(client, variables.RUNGWISE_TABLE),
      now: Date.now,
      sleep,
      signals: pollingSignals,
      // Until a queue is deployed with the functions, the sweep finds what is due.
      poke: async () => {},
      propose: proposeHere,
      maxWaitSeconds: LIMITS.waitSecondsCloud,
      definitions: new Map(),
    },
    logger: {
      error: (message, more) => logger.error(message, { ...more }),
      warn: (message, more) => logger.warn(message, { ...more }),
      info: (message, more) => logger.info(message, { ...more }),
    },
    // Without keys nobody but the holder of a lease is known here: the cloud stays closed until there are any.
    authenticate: async (token) =>
      token?.startsWith(LEASE_PREFIX) === true ? { kind: 'experiment', token } : null,
    instance: null,
    call: createCalls(Date.now),
  };
}

let runtime: Promise<Runtime> | undefined;

/** The runtime of a Lambda function: made at the first call, kept while the environment lives. */
export const cloudRuntime = (): Promise<Runtime> => {
  runtime ??= Promise.resolve().then(create);
  return runtime;
};
