import { setTimeout as sleep } from 'node:timers/promises';
import { onceDone } from '../contract/once.ts';
import { LIMITS } from '../domain/limits.ts';
import type { Poke, Ports } from '../service/ports.ts';
import { createAudience } from '../service/webhooks/audience.ts';
import type { DeliveryMessage, WebhookPorts } from '../service/webhooks/ports.ts';
import { createDynamoDbClient, createDynamoDbStore } from '../store/dynamodb.ts';
import type { Store } from '../store/store.ts';
import { createAuthenticator, KEY_KEPT_MS } from './authenticate.ts';
import { createCalls } from './call.ts';
import type { Environment } from './environment.ts';
import { readEnvironment } from './environment.ts';
import { createLog } from './log.ts';
import type { Meter } from './meter.ts';
import { createMeter } from './meter.ts';
import { observeStore } from './observe.ts';
import { openSender } from './queue-sender.ts';
import type { Logger, Runtime } from './runtime.ts';
import { pollingSignals } from './signals.ts';
import { noTurns } from './turns.ts';

/** Sends pokes through the queue; one that cannot be sent is logged, and left to the sweep. */
function pokeThrough(variables: Environment, log: Logger): Ports['poke'] {
  const { RUNGWISE_QUEUE_URL: url, RUNGWISE_SQS_ENDPOINT: endpoint } = variables;
  const send = openSender<Poke>(url, endpoint);
  return async (body, delaySeconds = 0) => {
    try {
      await send([{ body, delaySeconds }]);
    } catch (error) {
      log.warn('poke not sent', { group: body.group, error });
    }
  };
}

/** Webhooks in the cloud, but for sending to them; what is loaded for it, the first call that needs it loads. */
function webhooksOf(variables: Environment, store: Store, log: Logger): WebhookPorts {
  const send = openSender<DeliveryMessage>(
    variables.RUNGWISE_DELIVERIES_URL,
    variables.RUNGWISE_SQS_ENDPOINT,
  );
  return {
    audience: createAudience(store, Date.now),
    async send(messages) {
      try {
        await send(messages);
      } catch (error) {
        log.warn('deliveries not sent', { count: messages.length, error });
      }
    },
    desk: onceDone(async () => {
      const { openCloudWebhooks } = await import('./cloud-webhooks.ts');
      return openCloudWebhooks(variables, { canCreateKey: true });
    }),
    team: variables.RUNGWISE_TEAM,
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

/** Loads what computes only where something is to be computed. */
const computeLater: Ports['compute'] = async (name, input) => {
  const { computeHere } = await import('../service/tasks.ts');
  return computeHere(name, input);
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
      compute: computeLater,
      webhooks: webhooksOf(variables, store, log),
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
export const logOf = ({ RUNGWISE_LOG_LEVEL: level }: Environment): Logger =>
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
