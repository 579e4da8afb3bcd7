import { setTimeout as sleep } from 'node:timers/promises';
import { once } from '../contract/once.ts';
import { LIMITS } from '../domain/limits.ts';
import type { Ports } from '../service/ports.ts';
import { createDynamoDbClient, createDynamoDbStore } from '../store/dynamodb.ts';
import { createAuthenticator, KEY_KEPT_MS } from './authenticate.ts';
import { createCalls } from './call.ts';
import type { Environment } from './environment.ts';
import { readEnvironment } from './environment.ts';
import { createLog } from './log.ts';
import type { Meter } from './meter.ts';
import { createMeter } from './meter.ts';
import { observeStore } from './observe.ts';
import type { Logger, Runtime } from './runtime.ts';
import { pollingSignals } from './signals.ts';
import { noTurns } from './turns.ts';

/** Sends pokes through the queue; one that cannot be sent is logged, and left to the sweep. */
function pokeThrough(variables: Environment, log: Logger): Ports['poke'] {
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

/** Computes suggestions here, and counts them. The code that does it is loaded when there is something to compute. */
const proposeMetered =
  (meter: Meter): Ports['propose'] =>
  async (hptuning, view) => {
    const { proposeHere } = await import('../service/propose.ts');
    const started = performance.now();
    const suggestions = await proposeHere(hptuning, view);
    meter.add('SuggestionMs', performance.now() - started);
    meter.add('SuggestionsComputed', suggestions.length);
    return suggestions;
  };

/** The runtime of a Lambda function with this environment. */
export function createCloudRuntime(variables: Environment, log: Logger): Runtime {
  const { RUNGWISE_TEAM: team, RUNGWISE_FUNCTION: name } = variables;
  const meter = createMeter({ team, function: name });
  const client = createDynamoDbClient(variables.RUNGWISE_DYNAMODB_ENDPOINT);
  const store = observeStore(createDynamoDbStore(client, variables.RUNGWISE_TABLE), meter);
  return {
    ports: {
      store,
      now: Date.now,
      sleep,
      random: Math.random,
      inTurn: noTurns,
      signals: pollingSignals,
      poke: pokeThrough(variables, log),
      propose: proposeMetered(meter),
      maxWaitSeconds: LIMITS.waitSecondsCloud,
      definitions: new Map(),
    },
    logger: log,
    meter,
    authenticate: createAuthenticator(
      { store, now: Date.now },
      { demandsKeys: true, keptMs: KEY_KEPT_MS },
    ),
    instance: null,
    call: createCalls(Date.now),
  };
}

/** The log of a Lambda function: what it writes to standard output is kept as it is. */
const logOf = ({ RUNGWISE_LOG_LEVEL: level }: Environment): Logger =>
  createLog({
    level,
    write: (line) => process.stdout.write(`${line}\n`),
    // Lambda sets it anew for each call.
    trace: () => process.env['_X_AMZN_TRACE_ID'],
  });

let runtime: Promise<Runtime> | undefined;

/** The runtime of this Lambda function: made at the first call, kept while the environment lives. */
export const cloudRuntime = (): Promise<Runtime> => {
  runtime ??= Promise.resolve().then(() => {
    const variables = readEnvironment(process.env);
    return createCloudRuntime(variables, logOf(variables));
  });
  return runtime;
};
