import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Call, Ports } from '../service/ports.ts';
import { proposeHere } from '../service/propose.ts';
import { computeHere } from '../service/tasks.ts';
import { createDynamoDbStore } from '../store/dynamodb.ts';
import { createCalls } from './call.ts';
import { pollingSignals } from './signals.ts';
import { noTurns } from './turns.ts';

/** The table of a deployed service, opened by whoever may write it: with their own credentials, past the service. */
export interface OpenTable {
  readonly ports: Ports;
  readonly call: () => Call;
}

/** Opens a table; without a region in the one that the environment or the profile names. */
export function openTable(table: string, region: string | null): OpenTable {
  const client = new DynamoDBClient(region === null ? {} : { region });
  const ports: Ports = {
    store: createDynamoDbStore(client, table),
    now: Date.now,
    sleep,
    random: Math.random,
    inTurn: noTurns,
    signals: pollingSignals,
    // The sweep of the service makes up for it.
    poke: async () => {},
    propose: proposeHere,
    compute: computeHere,
    // Whoever opens a table changes no groups, so there is nothing to tell.
    webhooks: {
      audience: { read: async () => [], forget() {} },
      send: async () => {},
      desk: async () => {
        throw new Error('webhooks are made by a service, which has the key of their secrets');
      },
      team: '',
    },
    maxWaitSeconds: 0,
    definitions: new Map(),
  };
  return { ports, call: createCalls(Date.now) };
}
