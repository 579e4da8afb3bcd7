import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DUE_INDEX } from '../../lib/store/dynamodb.ts';
import { freePort } from './free-port.ts';

const BINARY = new URL('../../node_modules/@dynoxide/linux-x64/dynoxide', import.meta.url).pathname;

/** Why the DynamoDB suites cannot run here, or null where they can. */
export const dynoxideMissing: string | null = existsSync(BINARY)
  ? null
  : 'LEFT OUT: @dynoxide has no binary for this platform, so nothing was tested on DynamoDB';

/** A real DynamoDB server in memory, for one test file. */
export interface Dynoxide {
  readonly endpoint: string;
  readonly client: () => DynamoDBClient;
  /** Makes an empty table with the service's keys and index; returns its name. */
  readonly createTable: () => Promise<string>;
  readonly stop: () => void;
}

/** Starts the server and waits until it answers. */
export async function startDynoxide(): Promise<Dynoxide> {
  const port = await freePort();
  const child = spawn(BINARY, ['serve', '--port', String(port)], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  const client = (): DynamoDBClient =>
    new DynamoDBClient({
      endpoint,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 3,
    });
  const admin = client();
  for (let attempt = 0; ; attempt++) {
    try {
      await admin.send(new ListTablesCommand({}));
      break;
    } catch (error) {
      if (attempt === 100 || child.exitCode !== null) throw error;
      await sleep(20);
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
