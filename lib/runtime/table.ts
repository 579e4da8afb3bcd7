import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KeyPorts } from '../service/api-keys.ts';
import type { Call } from '../service/ports.ts';
import { createDynamoDbStore } from '../store/dynamodb.ts';
import { createCalls } from './call.ts';

/** The table of a deployed service, opened by whoever may write it: with their own credentials, past the service. */
export interface OpenTable {
  readonly ports: KeyPorts;
  readonly call: () => Call;
}

/** Opens a table; without a region in the one that the environment or the profile names. */
export function openTable(table: string, region: string | null): OpenTable {
  const client = new DynamoDBClient(region === null ? {} : { region });
  const store = createDynamoDbStore(client, table);
  return { ports: { store, now: Date.now }, call: createCalls(Date.now) };
}
