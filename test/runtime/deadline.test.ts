import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import * as createGroup from '../../functions/create-group.ts';
import * as read from '../../functions/read.ts';
import { createLocalRuntime } from '../../lib/runtime/local.ts';
import type { Store } from '../../lib/store/store.ts';

/** A call with so much time left, ms. */
const contextWith = (leftMs: number): Context => ({
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'f',
  functionVersion: '1',
  invokedFunctionArn: 'f',
  memoryLimitInMB: '512',
  awsRequestId: 'r',
  logGroupName: 'g',
  logStreamName: 's',
  getRemainingTimeInMillis: () => leftMs,
  done() {},
  fail() {},
  succeed() {},
});

function eventOf(
  routeKey: string,
  sent: { readonly body?: object; readonly key?: string } = {},
): APIGatewayProxyEventV2 {
  const [method = '', path = ''] = routeKey.split(' ');
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: '',
    headers: {
      ...(sent.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(sent.key === undefined ? {} : { 'idempotency-key': sent.key }),
    },
    ...(sent.body === undefined ? {} : { body: JSON.stringify(sent.body) }),
    isBase64Encoded: false,
    requestContext: {
      accountId: 'a',
      apiId: 'a',
      domainName: 'd',
      domainPrefix: 'd',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '', userAgent: '' },
      requestId: 'req_1',
      routeKey,
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
  };
}

const GROUP = {
  version: 1,
  kind: 'group',
  hptuning: { matrix: { lr: { values: [0.1, 0.2] } } },
};

/** A runtime whose store hangs at the given write, after it was done; how many have hung. */
function hanging(t: TestContext, at: number) {
  const warnings: Readonly<Record<string, unknown>>[] = [];
  const logger = {
    error: (message: string): never => assert.fail(message),
    warn: (_message: string, more: Readonly<Record<string, unknown>>): void =>
      void warnings.push(more),
    info() {},
  };
  let ahead = 0;
  const local = createLocalRuntime({ folder: null, logger, now: () => Date.now() + ahead });
  t.after(() => local.ports.store.close());
  let writes = 0;
  const { store: real } = local.ports;
  const store: Store = {
    ...real,
    async put(put) {
      const outcome = await real.put(put);
      writes++;
      if (writes === at) await new Promise(() => {});
      return outcome;
    },
  };
  const runtime = { ...local, ports: { ...local.ports, store } };
  const pass = (seconds: number): void => {
    ahead += seconds * 1_000;
  };
  return { ready: async () => runtime, warnings, pass };
}

describe('a call whose store hangs', () => {
  test('is answered 503 with Retry-After before Lambda ends it', async (t) => {
    const { ready, warnings } = hanging(t, 1);

    const answer = await createGroup.create.for(ready)(
      eventOf('POST /v1/groups', { body: GROUP }),
      contextWith(1_050),
    );

    assert.equal(answer.statusCode, 503);
    assert.equal(answer.headers?.['retry-after'], '1');
    const problem: unknown = JSON.parse(answer.body ?? '');
    assert.ok(typeof problem === 'object' && problem !== null && 'code' in problem);
    assert.equal(problem.code, 'unavailable');
    assert.deepEqual(
      warnings.map(({ status, code }) => [status, code]),
      [[503, 'unavailable']],
    );
  });

  for (const at of [1, 2, 3, 4]) {
    test(`leaves nothing half done when it hangs at write ${at}: sent again, it makes one group`, async (t) => {
      const { ready, pass } = hanging(t, at);
      const event = eventOf('POST /v1/groups', { body: GROUP, key: 'once' });
      const create = createGroup.create.for(ready);
      const first = await create(event, contextWith(1_050));
      // Who takes over an interrupted request waits until it must have ended.
      pass(31);

      const again = await create(
        eventOf('POST /v1/groups', { body: GROUP, key: 'once' }),
        contextWith(15_000),
      );

      assert.deepEqual([first.statusCode, again.statusCode], [503, 201]);
      const listed = await read.create.for(ready)(eventOf('GET /v1/groups'), contextWith(15_000));
      const page: unknown = JSON.parse(listed.body ?? '');
      assert.ok(typeof page === 'object' && page !== null && 'items' in page);
      assert.ok(Array.isArray(page.items));
      assert.equal(page.items.length, 1);
    });
  }

  test('with time enough is answered as ever', async (t) => {
    const { ready, warnings } = hanging(t, 0);

    const answer = await createGroup.create.for(ready)(
      eventOf('POST /v1/groups', { body: GROUP }),
      contextWith(15_000),
    );

    assert.equal(answer.statusCode, 201);
    assert.deepEqual(warnings, []);
  });
});
