import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { before, describe, test } from 'node:test';
import { openParameterKey } from '../../lib/runtime/parameter-key.ts';

/** A server that speaks as much of SSM as a parameter needs. */
async function startParameters(t: TestContext) {
  const values = new Map<string, string>();
  const asked: string[] = [];
  const types: unknown[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = await request.toArray();
    const sent: Readonly<Record<string, string>> = JSON.parse(Buffer.concat(parts).toString());
    const target = String(request.headers['x-amz-target']).replace('AmazonSSM.', '');
    asked.push(target);
    const name = sent['Name'] ?? '';
    const known = values.get(name);
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(body));
    };
    if (target === 'GetParameter') {
      if (known === undefined) answer(400, { __type: 'ParameterNotFound' });
      else answer(200, { Parameter: { Name: name, Value: known } });
    } else if (known === undefined) {
      values.set(name, sent['Value'] ?? '');
      types.push(sent['Type']);
      answer(200, { Version: 1 });
    } else answer(400, { __type: 'ParameterAlreadyExists' });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return { endpoint: `http://127.0.0.1:${port}`, values, asked, types };
}

const NAME = '/rungwise/vision/webhook-keys';

describe('the keys in the Parameter Store', () => {
  before(() => {
    process.env['AWS_REGION'] ??= 'eu-central-1';
    process.env['AWS_ACCESS_KEY_ID'] ??= 'test';
    process.env['AWS_SECRET_ACCESS_KEY'] ??= 'test';
  });

  test('are made as a SecureString by whoever may, and read by everybody after that', async (t) => {
    const { endpoint, types } = await startParameters(t);

    const made = await openParameterKey({ name: NAME, canCreate: true, endpoint });
    const read = await openParameterKey({ name: NAME, canCreate: false, endpoint });

    assert.deepEqual(types, ['SecureString']);
    assert.deepEqual(read, made);
    assert.equal(made[0]?.bytes.length, 32);
  });

  test('are the same for two that make them at once', async (t) => {
    const { endpoint, types } = await startParameters(t);
    const options = { name: NAME, canCreate: true, endpoint };

    const [first, second] = await Promise.all([
      openParameterKey(options),
      openParameterKey(options),
    ]);

    assert.deepEqual(first, second);
    assert.equal(types.length, 1);
  });

  test('are made by nobody who may not', async (t) => {
    const { endpoint, asked } = await startParameters(t);

    await assert.rejects(openParameterKey({ name: NAME, canCreate: false, endpoint }), {
      name: 'ParameterNotFound',
    });
    assert.deepEqual(asked, ['GetParameter']);
  });

  test('that are none are refused by the name of their parameter', async (t) => {
    const { endpoint, values } = await startParameters(t);
    values.set(NAME, 'not a key\n');

    await assert.rejects(openParameterKey({ name: NAME, canCreate: true, endpoint }), {
      name: 'KeyFileUnusable',
      message: /webhook-keys has a line that is no key/,
    });
  });
});
