import { onceDone } from '../contract/once.ts';
import type { DeliveryMessage } from '../service/webhooks/ports.ts';
import { createDynamoDbClient, createDynamoDbStore } from '../store/dynamodb.ts';
import { logOf } from './cloud.ts';
import { openCloudWebhooks } from './cloud-webhooks.ts';
import type { SenderRuntime } from './deliver.ts';
import { readEnvironment } from './environment.ts';
import { createMeter } from './meter.ts';
import { observeStore } from './observe.ts';
import { openSender } from './queue-sender.ts';

/** The runtime of the function that sends: made at the first call, kept while the environment lives. */
export const cloudSender = onceDone(async (): Promise<SenderRuntime> => {
  const variables = readEnvironment(process.env);
  const { RUNGWISE_TEAM: team, RUNGWISE_FUNCTION: name } = variables;
  const meter = createMeter({ team, function: name });
  const client = createDynamoDbClient(variables.RUNGWISE_DYNAMODB_ENDPOINT);
  const store = observeStore(createDynamoDbStore(client, variables.RUNGWISE_TABLE), meter);
  const { deliver } = await openCloudWebhooks(variables, { canCreateKey: false });
  const send = openSender<DeliveryMessage>(
    variables.RUNGWISE_DELIVERIES_URL,
    variables.RUNGWISE_SQS_ENDPOINT,
  );
  return {
    ports: { store, now: Date.now, random: Math.random, team, deliver, send },
    logger: logOf(variables),
    meter,
  };
});
