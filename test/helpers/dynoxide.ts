import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { DynamoDbServer } from './dynamodb-server.ts';
import { openDynamoDbServer } from './dynamodb-server.ts';
import { freePort } from './free-port.ts';

const BINARY = new URL('../../node_modules/@dynoxide/linux-x64/dynoxide', import.meta.url).pathname;

/** Why the quick DynamoDB suites cannot run here, or null where they can. */
export const dynoxideMissing: string | null = existsSync(BINARY)
  ? null
  : 'LEFT OUT: @dynoxide has no binary for this platform, so nothing was tested on DynamoDB';

/** Starts dynoxide, which is there in milliseconds. */
export async function startDynoxide(): Promise<DynamoDbServer> {
  const port = await freePort();
  const child = spawn(BINARY, ['serve', '--port', String(port)], { stdio: 'ignore' });
  return openDynamoDbServer(child, port);
}
