import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:http';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { Service } from '../../cli/client.ts';
import { CALLS, createService } from '../../cli/client.ts';
import { ROUTES } from '../../lib/contract/routes.ts';

/** A client of a server that answers as it is told. */
async function against(
  t: TestContext,
  listener: RequestListener,
  outages?: { begin: () => void; end: () => void },
): Promise<Service> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const url = `http://127.0.0.1:${address.port}`;
  return createService({ url, key: 'rw_a_b', ...(outages === undefined ? {} : { outages }) });
}

test('the calls of the command line are those of the contract', () => {
  const routes = Object.entries(ROUTES).map(([name, { method, path }]) => [
    name,
    `${method} ${path}`,
  ]);

  assert.deepEqual(Object.fromEntries(routes), CALLS);
});

test('every try of a call that must be done once carries the same key', async (t) => {
  const keys: unknown[] = [];
  const service = await against(t, (request, response) => {
    keys.push(request.headers['idempotency-key']);
    assert.equal(request.headers.authorization, 'Bearer rw_a_b');
    const isLast = keys.length === 3;
    response.writeHead(isLast ? 200 : 503, {
      'content-type': 'application/json',
      ...(isLast ? {} : { 'retry-after': '0' }),
    });
    response.end('{}');
  });

  const answer = await service.call('stopGroup', { group: 'g', once: true, patienceMs: 60_000 });

  assert.ok(answer.ok);
  assert.equal(keys.length, 3);
  assert.equal(new Set(keys).size, 1);
  assert.equal(typeof keys[0], 'string');
});

test('a call without patience fails at the first trouble', async (t) => {
  let count = 0;
  const service = await against(t, (_request, response) => {
    count++;
    response.writeHead(503, { 'retry-after': '0' }).end();
  });

  assert.ok(!(await service.call('health')).ok);
  assert.equal(count, 1);
});

test('a refusal is not tried again, and comes with every mistake', async (t) => {
  let count = 0;
  const errors = [{ path: 'a', message: 'b' }];
  const service = await against(t, (_request, response) => {
    count++;
    response.writeHead(422, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ code: 'invalid_request', detail: 'c', errors }));
  });

  assert.deepEqual(await service.call('listGroups', { patienceMs: 60_000 }), {
    ok: false,
    fault: { code: 'invalid_request', status: 422, detail: 'c', errors },
  });
  assert.equal(count, 1);
});

test('an answer of something else is told apart', async (t) => {
  const service = await against(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
  });

  const answer = await service.call('health');

  assert.equal(answer.ok ? null : answer.fault.code, 'not_rungwise');
});

test('an outage is told once when it begins and once when it ends', async (t) => {
  const told: string[] = [];
  let count = 0;
  const service = await against(
    t,
    (request, response) => {
      count++;
      if (count < 4) request.socket.destroy();
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok"}');
    },
    { begin: () => told.push('begin'), end: () => told.push('end') },
  );

  assert.ok((await service.call('health', { patienceMs: 60_000 })).ok);
  assert.deepEqual(told, ['begin', 'end']);
});

test('a call is not tried again once it is told so', async () => {
  const until = new AbortController();
  const outages = { begin: () => until.abort(), end: () => {} };
  const service = createService({ url: 'http://127.0.0.1:1', key: null, outages });

  const call = { patienceMs: Number.POSITIVE_INFINITY, until: until.signal };
  const answer = await service.call('health', call);

  assert.equal(answer.ok ? null : answer.fault.code, 'no_answer');
});
