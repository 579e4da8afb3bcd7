import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { DynamoDbServer } from './dynamodb-server.ts';
import { openDynamoDbServer } from './dynamodb-server.ts';
import { freePort } from './free-port.ts';
import type { JavaServer } from './maven.ts';
import { jarsOf, javaServerMissing } from './maven.ts';

/** Amazon's own emulator. Its licence allows to test with it, not to ship it. */
const SERVER: JavaServer = {
  name: 'DynamoDB Local',
  groupId: 'com.amazonaws',
  artifactId: 'DynamoDBLocal',
  version: '2.6.1',
};

/** Fetches DynamoDB Local where it is not here yet; returns why it cannot run here, or null where it can. */
export const dynamoDbLocalMissing = (): string | null => javaServerMissing(SERVER);

/** Starts DynamoDB Local, which takes some seconds. */
export async function startDynamoDbLocal(): Promise<DynamoDbServer> {
  const port = await freePort();
  const jars = jarsOf(SERVER);
  const args = [
    // Its native library lies beside the jar files.
    `-Djava.library.path=${jars}`,
    '-classpath',
    join(jars, '*'),
    'com.amazonaws.services.dynamodbv2.local.main.ServerRunner',
    '-inMemory',
    '-disableTelemetry',
    '-port',
    String(port),
  ];
  return openDynamoDbServer(spawn('java', args, { stdio: 'ignore' }), port);
}
