import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startService, THREE } from '../helpers/service.ts';
import { requestText, sendBytes } from '../helpers/socket.ts';

const service = await startService();
after(service.close);

const { host } = new URL(service.url);

const DOCUMENT = { version: 1, kind: 'group', hptuning: { matrix: THREE } };

test('a problem says what it is, what went wrong, what to do, and by which request', async () => {
  const group = 'grp_00000000000000000000000000';

  const { problem, headers, status } = await service.call('readGroup', { group });

  assert.equal(status, 404);
  assert.deepEqual(problem, {
    type: '/v1/openapi.json#/x-problems/group_not_found',
    title: 'No such group',
    status: 404,
    code: 'group_not_found',
    detail: problem?.detail,
    errors: [],
    request_id: headers.get('x-request-id'),
  });
  assert.match(problem?.detail ?? '', new RegExp(`"${group}".*GET /v1/groups`));
});

test('the type of a problem leads to its explanation in the contract', async () => {
  const { problem } = await service.request('GET', '/nowhere');
  const [path = '', pointer = ''] = (problem?.type ?? '').split('#');

  const document: unknown = JSON.parse((await service.request('GET', path)).text);

  let found: unknown = document;
  for (const key of pointer.split('/').slice(1)) {
    found = typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined;
  }
  assert.deepEqual(found, {
    status: 404,
    title: 'No such path',
    fix: 'See GET /v1/openapi.json for the calls there are.',
  });
});

test('every request has an id of its own', async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => service.request('GET', '/v1/health')),
  );

  assert.equal(new Set(answers.map(({ headers }) => headers.get('x-request-id'))).size, 10);
});

const BROKEN = [
  { what: 'truncated JSON', body: '{"version": 1, "kind": "gro', type: 'application/json' },
  { what: 'no JSON at all', body: 'version: 1', type: 'application/json' },
  { what: 'two values of JSON', body: '{}{}', type: 'application/json' },
  { what: 'a trailing comma', body: '{"version": 1,}', type: 'application/json' },
  { what: 'a bare NaN where it means nothing', body: '{"version": NaN}', type: 'application/json' },
  { what: 'broken YAML', body: 'version: [1', type: 'application/yaml' },
  { what: 'two YAML documents', body: 'version: 1\n---\nversion: 1', type: 'application/yaml' },
  { what: 'a key twice in YAML', body: 'version: 1\nversion: 1', type: 'text/yaml' },
  { what: 'a merge key in YAML', body: 'a: &a {b: 1}\nc: {<<: *a}', type: 'text/yaml' },
  { what: 'a custom tag in YAML', body: 'version: !!js/function "x"', type: 'text/yaml' },
  { what: 'invalid UTF-8', body: Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d), type: 'application/json' },
  { what: 'invalid UTF-8 in YAML', body: Uint8Array.of(0x61, 0x3a, 0xc3), type: 'text/yaml' },
] as const;

for (const { what, body, type } of BROKEN) {
  test(`a body of ${what} does not parse: 400`, async () => {
    const { status } = await service.refused('createGroup', { body, type }, 'malformed_body');

    assert.equal(status, 400);
  });
}

test('YAML that does not parse is refused with line and column', async () => {
  const body = 'version: 1\nkind: group\nhptuning: {matrix: [}\n';

  const { detail } = await service.refused(
    'createGroup',
    { body, type: 'text/yaml' },
    'malformed_body',
  );

  assert.match(detail, /line 3, column \d+/);
});

test('a bare NaN in a document is answered with how to write it', async () => {
  const { detail } = await service.refused('createGroup', { body: '{"a": NaN}' }, 'malformed_body');

  assert.match(detail, /"NaN"/);
});

test('a body that parses but is no map is a mistake, not broken', async () => {
  for (const body of ['null', '[]', '5', '"text"', 'true']) {
    await service.refused('createGroup', { body }, 'invalid_document');
    const group = await service.open({ matrix: THREE });
    await group.refused('suggest', { body }, 'invalid_request');
  }
});

test('an empty or blank body is an empty map', async () => {
  const group = await service.open({ concurrency: 5, matrix: THREE });

  for (const body of ['', ' \n', '{}']) {
    assert.equal((await service.call('suggest', { group: group.id, body })).status, 200);
  }
  await service.refused('createGroup', { body: '' }, 'invalid_document');
});

test('a byte order mark before JSON is read over', async () => {
  const group = await service.open({ matrix: THREE });

  const { status } = await service.call('suggest', { group: group.id, body: '\ufeff{"count": 1}' });

  assert.equal(status, 200);
});

const TYPES = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/xml',
  'multipart/form-data; boundary=x',
  'application/octet-stream',
  'json',
  '*/*',
] as const;

for (const type of TYPES) {
  test(`a body of ${type} is not understood: 415, with a hint for curl`, async () => {
    const sent = { body: '{}', type };

    const { status, detail } = await service.refused('createGroup', sent, 'unsupported_media_type');

    assert.equal(status, 415);
    assert.match(detail, /curl/);
    assert.match(detail, /application\/json or application\/yaml/);
  });
}

test('YAML is understood only where a polyaxonfile is taken', async () => {
  const group = await service.open({ matrix: THREE });

  const sent = { body: 'count: 1', type: 'application/yaml' };
  await group.refused('suggest', sent, 'unsupported_media_type');
});

for (const type of [
  'application/json; charset=utf-8',
  'APPLICATION/JSON',
  'application/vnd.x+json',
]) {
  test(`a body of ${type} is JSON`, async () => {
    const body = JSON.stringify(DOCUMENT);

    assert.equal((await service.call('createGroup', { body, type })).status, 201);
  });
}

const KIB = 1024;

test('a body takes 256 KiB at most', async () => {
  const group = await service.open({ matrix: THREE });
  const padded = (size: number): string => `{}${' '.repeat(size - 2)}`;

  const { status } = await service.call('suggest', { group: group.id, body: padded(256 * KIB) });
  const problem = await group.refused('suggest', { body: padded(256 * KIB + 1) }, 'body_too_large');

  assert.equal(status, 200);
  assert.equal(problem.status, 413);
  assert.match(problem.detail, /262145.*262144/);
});

test('a report takes 1 MiB with measurements, and 256 KiB without', async () => {
  const group = await service.open({ matrix: THREE });
  await group.next();
  const at = { group: group.id, number: 1 };
  const padded = (start: string, size: number): string => start + ' '.repeat(size - start.length);
  const measured = '{"measurements": [{"step": 1, "metrics": {"loss": 1}}]}';

  assert.equal(
    (await service.call('report', { ...at, body: padded(measured, KIB * KIB) })).status,
    200,
  );
  for (const body of [padded(measured, KIB * KIB + 1), padded('{}', 256 * KIB + 1)]) {
    const problem = await service.refused('report', { ...at, body }, 'body_too_large');
    assert.equal(problem.status, 413);
  }
});

test('a body far over every limit is refused with 413 before it is read to its end', async () => {
  const body = ' '.repeat(8 * KIB * KIB);

  const { status } = await service.refused('createGroup', { body }, 'body_too_large');

  assert.equal(status, 413);
});

test('a path that does not exist is a 404', async () => {
  for (const path of [
    '/v1',
    '/index.html',
    '/groups',
    '/assets/main.js',
    '/assets/..%2Findex.html',
    '/v2/groups',
    '/v1/groups/',
    '/v1/trials',
    '/v1/groups/a/b/c/d',
  ]) {
    const { problem } = await service.request('GET', path);
    assert.equal(problem?.code, 'route_not_found');
  }
});

test('a group that nobody has is a 404, whatever its id looks like', async () => {
  for (const group of ['x', 'grp_', 'grp_0', `grp_${'u'.repeat(26)}`, '%', '..%2F..', 'preview']) {
    const { status } = await service.refused('readGroup', { group }, 'group_not_found');
    assert.equal(status, 404);
  }
});

const METHODS = [
  { method: 'PUT', path: '/v1/groups', allow: ['GET', 'POST'] },
  { method: 'DELETE', path: '/v1/groups', allow: ['GET', 'POST'] },
  { method: 'PATCH', path: '/v1/groups/grp_x', allow: ['DELETE', 'GET'] },
  { method: 'POST', path: '/v1/health', allow: ['GET'] },
  { method: 'POST', path: '/', allow: ['GET'] },
  { method: 'DELETE', path: '/groups/grp_x/experiments/1', allow: ['GET'] },
  { method: 'GET', path: '/v1/groups/grp_x/suggest', allow: ['POST'] },
  { method: 'GET', path: '/v1/groups/grp_x/stop', allow: ['POST'] },
  { method: 'DELETE', path: '/v1/groups/grp_x/experiments/1', allow: ['GET'] },
  { method: 'OPTIONS', path: '/v1/groups/grp_x/experiments', allow: ['GET', 'POST'] },
] as const;

for (const { method, path, allow } of METHODS) {
  test(`${method} ${path} is a 405 that names what is allowed`, async () => {
    const { status, headers, problem } = await service.request(method, path);

    assert.equal(status, 405);
    assert.equal(problem?.code, 'method_not_allowed');
    assert.deepEqual((headers.get('allow') ?? '').split(', ').toSorted(), allow);
  });
}

test('an Authorization header that is none is a 401', async () => {
  for (const authorization of ['Bearer', 'Basic YTpi', 'Bearer a b', 'token']) {
    const { status, headers } = await service.call('listGroups', { headers: { authorization } });
    assert.equal(status, 401);
    assert.equal(headers.get('www-authenticate'), 'Bearer');
  }
});

test('on loopback the Host must be a name of this machine', async () => {
  const port = host.split(':')[1] ?? '';
  for (const name of [
    host,
    `localhost:${port}`,
    `LOCALHOST:${port}`,
    `[::1]:${port}`,
    'a.localhost',
    'localhost',
  ]) {
    const answer = await sendBytes(
      service.url,
      requestText('GET /v1/health HTTP/1.1', { host: name }),
    );
    assert.equal(answer?.status, 200, name);
  }
  for (const name of [
    'evil.example',
    `evil.example:${port}`,
    'localhost.evil.example',
    '10.0.0.1',
    '127.0.0.1.evil.example',
  ]) {
    const text = requestText('GET /v1/health HTTP/1.1', { host: name });
    const answer = await sendBytes(service.url, text);
    assert.ok(answer !== null);
    const problem = service.contract.assertAnswer(answer);
    assert.equal(problem?.code, 'foreign_host');
    assert.equal(problem?.status, 403);
  }
});

test('a foreign Origin is refused, so that no web page can drive the service', async () => {
  for (const origin of ['https://evil.example', 'null', `https://${host}`, 'http://localhost:1']) {
    const { problem } = await service.request('POST', '/v1/groups', {
      json: DOCUMENT,
      headers: { origin },
    });
    assert.equal(problem?.code, 'foreign_origin');
    assert.equal(problem?.status, 403);
  }
  const own = await service.request('GET', '/v1/groups', { headers: { origin: service.url } });
  assert.equal(own.status, 200);
});

test('a request without a Host is refused with a problem', async () => {
  for (const version of [' HTTP/1.1', ' HTTP/1.0', '']) {
    const text = requestText(`GET /v1/health${version}`, {});

    const answer = await sendBytes(service.url, text);

    assert.ok(answer !== null);
    assert.ok(answer.status === 400 || answer.status === 403);
    assert.notEqual(service.contract.assertAnswer(answer), null);
  }
});

test('what is no HTTP is refused with a problem', async () => {
  for (const text of [
    'hello\r\n\r\n',
    'GET /v1/health HTTP/9.9\r\n\r\n',
    `GET /v1/health HTTP/1.1\r\nhost: ${host}\r\nbad header\r\n\r\n`,
    `POST /v1/groups HTTP/1.1\r\nhost: ${host}\r\ncontent-length: x\r\n\r\n`,
    `POST /v1/groups HTTP/1.1\r\nhost: ${host}\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n`,
    `GET /v1/health HTTP/1.1\r\nhost: ${host}\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
  ]) {
    const answer = await sendBytes(service.url, text);

    assert.ok(answer !== null, text.slice(0, 80));
    assert.equal(answer.status, 400);
    assert.equal(service.contract.assertAnswer(answer)?.code, 'malformed_body');
  }
});

test('an expectation that cannot be met is refused with a problem', async () => {
  const headers = { host, expect: 'miracles' };

  const answer = await sendBytes(service.url, requestText('GET /v1/health HTTP/1.1', headers));

  assert.ok(answer !== null);
  service.contract.assertAnswer(answer);
});

test('nothing that a document can name is a name of every object', async () => {
  for (const name of ['__proto__', 'constructor', 'prototype']) {
    const body = `{"version": 1, "kind": "group", "hptuning": {"matrix": {"${name}": {"values": [1]}}}}`;
    const { status } = await service.call('createGroup', { body });
    assert.equal(status, 422);
  }
});

test('a call that takes no fields says so', async () => {
  const group = await service.open({ matrix: THREE });

  const { errors } = await group.refused('stopGroup', { json: { now: true } }, 'invalid_request');

  assert.deepEqual(
    errors.map(({ path }) => path),
    ['now'],
  );
  assert.doesNotMatch(errors[0]?.message ?? '', /Allowed here: \./);
});

test('a detail names the one mistake there is', async () => {
  const group = await service.open({ matrix: THREE });

  const { detail } = await group.refused('suggest', { json: { count: 500 } }, 'invalid_request');

  assert.match(detail, /^count: It is 500: .*1 to 100/);
});
