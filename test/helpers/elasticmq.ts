import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { freePort } from './free-port.ts';
import { emulatorClient } from './sqs.ts';

const VERSION = '1.7.1';
const CACHE = join(import.meta.dirname, '../../.cache');
/** The server with all that it needs, as jar files. */
const JARS = join(CACHE, `elasticmq-${VERSION}`);
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
/** Time that the emulator's own work takes beside what a test lets pass, ms. */
const SLACK_MS = 100;
const START_ATTEMPTS = 300;

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>rungwise.test</groupId>
  <artifactId>elasticmq</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.elasticmq</groupId>
      <artifactId>elasticmq-server_2.13</artifactId>
      <version>${VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;

const runs = (command: string, args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** Fetches the jar files from Maven Central, once; returns null, or why that was not possible. */
function install(): string | null {
  if (existsSync(JARS)) return null;
  if (!runs('mvn', ['-version'])) return 'there is no Maven (mvn) to fetch ElasticMQ with';
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'elasticmq-'));
  writeFileSync(join(folder, 'pom.xml'), POM);
  const args = ['--batch-mode', '--quiet', COPY, `-DoutputDirectory=${folder}`];
  if (!runs('mvn', ['--file', join(folder, 'pom.xml'), ...args])) {
    return 'Maven could not fetch ElasticMQ';
  }
  // Complete or not there at all, also where two test runs fetch at once.
  if (!existsSync(JARS)) renameSync(folder, JARS);
  return null;
}

/** Fetches ElasticMQ where it is not here yet; returns why it cannot run here, or null where it can. */
export function elasticMqMissing(): string | null {
  const reason = runs('java', ['-version']) ? install() : 'there is no Java (java)';
  return reason === null ? null : `LEFT OUT: ${reason}, so nothing was tested on ElasticMQ`;
}

/** An SQS server of its own, for one test file. */
export interface ElasticMq {
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
  const main = ['-classpath', join(JARS, '*'), 'org.elasticmq.server.Main'];
  const child = spawn('java', [...properties, ...main], { stdio: 'ignore' });
  const client = emulatorClient(`http://127.0.0.1:${port}`);
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
    client,
    pass: (seconds) => sleep(seconds * 1_000 + SLACK_MS),
    stop() {
      client.destroy();
      child.kill('SIGKILL');
    },
  };
}
