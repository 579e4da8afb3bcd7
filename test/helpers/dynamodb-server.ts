import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DUE_INDEX } from '../../lib/store/dynamodb.ts';

const START_ATTEMPTS = 300;
const START_PAUSE_MS = 50;

/** A real DynamoDB server in memory, for one test file. */
export interface DynamoDbServer {
  readonly endpoint: string;
  readonly client: () => DynamoDBClient;
  /** Makes an empty table with the service's keys and index; returns its name. */
  readonly createTable: () => Promise<string>;
  readonly stop: () => void;
}

/** The server that the process is about to be: waits until it answers. */
export async function openDynamoDbServer(
  child: ChildProcess,
  port: number,
): Promise<DynamoDbServer> {
  const endpoint = `http://127.0.0.1:${port}`;
  const client = (): DynamoDBClient =>
    new DynamoDBClient({
      endpoint,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 3,
    });
  const admin = client();
  for (let attempt = 1; ; attempt++) {
    try {
      await admin.send(new ListTablesCommand({}));
      break;
    } catch (error) {
      if (attempt === START_ATTEMPTS || child.exitCode !== null) throw error;
      await sleep(START_PAUSE_MS);
    }
  }
  let tables = 0;
  return {
    endpoint,
    client,
    async createTable() {
      const table = `table-${++tables}`;
      await admin.send(
        new CreateTableCommand({
          TableName: table,
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [
            { AttributeName: 'pk', KeyType: 'HASH' },
            { AttributeName: 'sk', KeyType: 'RANGE' },
          ],
          AttributeDefinitions: [
            { AttributeName: 'pk', AttributeType: 'S' },
            { AttributeName: 'sk', AttributeType: 'S' },
            { AttributeName: 'duePk', AttributeType: 'S' },
            { AttributeName: 'due', AttributeType: 'N' },
          ],
          GlobalSecondaryIndexes: [
            {
              IndexName: DUE_INDEX,
              KeySchema: [
                { AttributeName: 'duePk', KeyType: 'HASH' },
                { AttributeName: 'due', KeyType: 'RANGE' },
              ],
              Projection: { ProjectionType: 'KEYS_ONLY' },
            },
          ],
        }),
      );
      return table;
    },
    stop() {
      admin.destroy();
      child.kill('SIGKILL');
    },
  };
}
