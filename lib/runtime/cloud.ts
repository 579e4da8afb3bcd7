import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { once } from '../contract/once.ts';
import { LIMITS } from '../domain/limits.ts';
import type { Ports } from '../service/ports.ts';
import { createDynamoDbStore } from '../store/dynamodb.ts';
import { createAuthenticator, KEY_KEPT_MS } from './authenticate.ts';
import { createCalls } from './call.ts';
import type { Environment } from './environment.ts';
import { readEnvironment } from './environment.ts';
import type { Logger as Log, Runtime } from './runtime.ts';
import { pollingSignals } from './signals.ts';

/** Attempts of the SDK per request, with its own backoff and jitter: about two seconds at most. */
const SDK_ATTEMPTS = 5;
/** Sends pokes through the queue; one that cannot be sent is logged, and left to the sweep. */
function pokeThrough(variables: Environment, log: Log): Ports['poke'] {
  const { RUNGWISE_QUEUE_URL: queueUrl, RUNGWISE_SQS_ENDPOINT: endpoint } = variables;
  if (queueUrl === undefined) return async () => {};
  // Most calls send none, so the client is not a part of the cold start.
  const queue = once(async () => {
    const { openPokes } = await import('./pokes.ts');
    return openPokes(queueUrl, endpoint);
  });
  return async (body) => {
    try {
      await (await queue()).send([{ body }]);
    } catch (error) {
      log.warn('poke not sent', { group: body.group, error });
    }
  };
}

/** The runtime of a Lambda function with this environment. */
export function createCloudRuntime(variables: Environment, log: Log): Runtime {
  const endpoint = variables.RUNGWISE_DYNAMODB_ENDPOINT;
  const client = new DynamoDBClient({
    maxAttempts: SDK_ATTEMPTS,
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  const store = createDynamoDbStore(client, variables.RUNGWISE_TABLE);
  return {
    ports: {
      store,
      now: Date.now,
      sleep,
      signals: pollingSignals,
      poke: pokeThrough(variables, log),
      // Only what the queue and the schedule call computes.
      propose: async (...view) => (await import('../service/propose.ts')).proposeHere(...view),
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
