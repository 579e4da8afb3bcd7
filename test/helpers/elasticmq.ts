import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { freePort } from './free-port.ts';
import type { JavaServer } from './maven.ts';
import { jarsOf, javaServerMissing } from './maven.ts';
import { emulatorClient } from './sqs.ts';

const SERVER: JavaServer = {
  name: 'ElasticMQ',
  groupId: 'org.elasticmq',
  artifactId: 'elasticmq-server_2.13',
  version: '1.7.1',
};
/** Time that the emulator's own work takes beside what a test lets pass, ms. */
const SLACK_MS = 100;
const START_ATTEMPTS = 300;

/** Fetches ElasticMQ where it is not here yet; returns why it cannot run here, or null where it can. */
export const elasticMqMissing = (): string | null => javaServerMissing(SERVER);

/** An SQS server of its own, for one test file. */
export interface ElasticMq {
  readonly endpoint: string;
  readonly client: SQSClient;
  /** Lets whole seconds pass for real. */
  readonly pass: (seconds: number) => Promise<void>;
  readonly stop: () => void;
}

/** Starts the server and waits until it answers. */
export async function startElasticMq(): Promise<ElasticMq> {
  const port = await freePort();
  const settings = {
    'rest-sqs.bind-hostname': '127.0.0.1',
    'rest-sqs.bind-port': port,
    'node-address.port': port,
    'aws.region': 'eu-central-1',
  };
  const properties = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  const main = ['-classpath', join(jarsOf(SERVER), '*'), 'org.elasticmq.server.Main'];
  const child = spawn('java', [...properties, ...main], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  const client = emulatorClient(endpoint);
  for (let attempt = 1; ; attempt++) {
    try {
      await client.send(new ListQueuesCommand({}));
      break;
    } catch (error) {
      if (attempt === START_ATTEMPTS || child.exitCode !== null) throw error;
      await sleep(50);
    }
  }
  return {
    endpoint,
    client,
    pass: (seconds) => sleep(seconds * 1_000 + SLACK_MS),
    stop() {
      client.destroy();
      child.kill('SIGKILL');
    },
  };
}
