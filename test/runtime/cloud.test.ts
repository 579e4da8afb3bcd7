import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, describe, test } from 'node:test';
import { createSqsQueue } from '../../lib/events/sqs.ts';
import { createCloudRuntime } from '../../lib/runtime/cloud.ts';
import { readEnvironment } from '../../lib/runtime/environment.ts';
import type { Runtime } from '../../lib/runtime/runtime.ts';
import type { Poke } from '../../lib/service/ports.ts';
import { openFauxqs } from '../helpers/fauxqs.ts';
import { createQueue } from '../helpers/sqs.ts';

// What every Lambda function finds in its environment.
process.env['AWS_REGION'] = 'eu-central-1';
process.env['AWS_ACCESS_KEY_ID'] = 'test';
process.env['AWS_SECRET_ACCESS_KEY'] = 'test';

const server = await openFauxqs();
const client = server.client();
after(() => server.stop());

const POKE = { group: 'grp_00000000000000000000000001' };

interface Cloud {
  readonly runtime: Runtime;
  readonly warnings: (readonly [message: string, more: Readonly<Record<string, unknown>>])[];
}

function createCloud(variables: Readonly<Record<string, string>>): Cloud {
  const warnings: Cloud['warnings'] = [];
  const log = {
    error: (message: string): never => assert.fail(message),
    warn: (...said: Cloud['warnings'][number]): void => void warnings.push(said),
    info: (): void => {},
  };
  const environment = readEnvironment({ RUNGWISE_TABLE: 'table', ...variables });
  return { runtime: createCloudRuntime(environment, log), warnings };
}

describe('a poke in the cloud', () => {
  test('goes through the queue that the environment names', async () => {
    const { queueUrl } = await createQueue(client, 'pokes', 3);
    const { runtime, warnings } = createCloud({
      RUNGWISE_QUEUE_URL: queueUrl,
      RUNGWISE_SQS_ENDPOINT: server.endpoint,
    });

    await runtime.ports.poke(POKE);

    const queue = createSqsQueue<Poke>(client, { queueUrl, waitSeconds: 0 });
    const messages = await queue.receive({ max: 10, visibilitySeconds: 30 });
    assert.deepEqual(
      messages.map(({ body }) => body),
      [POKE],
    );
    assert.deepEqual(warnings, []);
  });

  test('that cannot be sent is a warning, and no error of the call', async () => {
    const { runtime, warnings } = createCloud({
      RUNGWISE_QUEUE_URL: `${server.endpoint}/000000000000/nowhere`,
      RUNGWISE_SQS_ENDPOINT: server.endpoint,
    });

    await runtime.ports.poke(POKE);

    assert.equal(warnings.length, 1);
    const [message, more] = warnings[0] ?? ['', {}];
    assert.deepEqual([message, more['group']], ['poke not sent', POKE.group]);
    assert.match(String(more['error']), /QueueDoesNotExist|NonExistentQueue/);
  });

  test('holds its sender up no longer than a moment where the queue does not answer', async (t) => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    t.after(() => {
      silent.close();
      silent.closeAllConnections();
    });
    const address = silent.address();
    assert.ok(typeof address === 'object' && address !== null);
    const endpoint = `http://127.0.0.1:${address.port}`;
    const { runtime, warnings } = createCloud({
      RUNGWISE_QUEUE_URL: `${endpoint}/000000000000/pokes`,
      RUNGWISE_SQS_ENDPOINT: endpoint,
    });

    await runtime.ports.poke(POKE);

    assert.deepEqual(
      warnings.map(([message]) => message),
      ['poke not sent'],
    );
  });

  test('is not sent where there is no queue', async () => {
    const { runtime, warnings } = createCloud({});

    await runtime.ports.poke(POKE);

    assert.deepEqual(warnings, []);
  });

  test('is refused a queue whose address is no URL before anything runs', () => {
    assert.throws(() => createCloud({ RUNGWISE_QUEUE_URL: 'pokes' }), /RUNGWISE_QUEUE_URL/);
  });
});
