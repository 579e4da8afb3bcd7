import { mock } from 'node:test';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { emulatorClient } from './sqs.ts';

/** An SQS emulator in this process, for one test file. */
export interface Fauxqs {
  readonly endpoint: string;
  readonly client: () => SQSClient;
  /** Moves the clock of the whole process, and so the server's, forward by whole seconds. */
  readonly pass: (seconds: number) => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts the server on a free port. From then on the clock of this process stands, until time is let pass. */
export async function openFauxqs(): Promise<Fauxqs> {
  mock.timers.enable({ apis: ['Date'], now: Date.now() });
  const server = await startFauxqs({ port: 0, logger: false });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const clients: SQSClient[] = [];
  return {
    endpoint,
    client() {
      const client = emulatorClient(endpoint);
      clients.push(client);
      return client;
    },
    async pass(seconds) {
      mock.timers.tick(seconds * 1_000);
    },
    async stop() {
      for (const client of clients) client.destroy();
      await server.stop();
      mock.timers.reset();
    },
  };
}
