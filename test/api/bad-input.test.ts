import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import * as fc from 'fast-check';
import type { Problem } from '../helpers/contract.ts';
import { LOSS, startService, THREE, tokenOf } from '../helpers/service.ts';
import { requestText, sendBytes } from '../helpers/socket.ts';

/*
 * Thousands of requests that nobody should send. None may be answered with a 5xx, every refusal is a problem document
 * that helps (the client asserts both), and the service goes on as if nothing had been.
 */

const SEED = Number(process.env['RUNGWISE_SEED'] ?? 20_260_101);

const service = await startService();
after(service.close);

const { host } = new URL(service.url);

const group = await service.open({
  concurrency: 100,
  lease_seconds: 604_800,
  random_search: { n_experiments: 1_000, metric: LOSS },
  matrix: { lr: { uniform: [0, 1] }, units: { values: [16, 32] } },
});
const token = tokenOf(await group.next());

let sentRequests = 0;

/** Checks a property for many inputs; a failure prints the seed, the path and the shrunk input. */
const check = async <T extends unknown[]>(
  numRuns: number,
  property: fc.IAsyncProperty<T>,
): Promise<void> => {
  await fc.assert(property, { numRuns, seed: SEED });
};

const send: typeof service.request = (...request) => {
  sentRequests += 1;
  return service.request(...request);
};

const at = (path: string): string => path.replace('{group}', group.id).replace('{number}', '1');

/** A number that JSON or JavaScript has trouble with, as text. */
const NUMBERS = [
  'NaN',
  'Infinity',
  '-Infinity',
  '1e999',
  '-1e999',
  '1e-999',
  '-0',
  '9007199254740993',
  '123456789012345678901234567890',
  '0.1e1',
  '1E400',
  '4.9e-324',
  '1.7976931348623157e308',
  '-1',
] as const;

/** Text that something between here and the store could take for more than text. */
const TEXTS = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\u202e',
  '😀'.repeat(200),
  'x'.repeat(5_000),
  '__proto__',
  'constructor',
  'toString',
  '{{ lr }}',
  '{{ constructor.constructor("return process")() }}',
  '{% for a in b %}',
  '{{ lr.__proto__ }}',
  '{{',
  '{{ lr | evil }}',
  '$\u007bprocess.exit(1)}',
  '$(reboot)',
  "'; DROP TABLE items; --",
  '../../etc/passwd',
  'null',
  'true',
  '1e3',
  '0:1:0.1',
  '0:1',
  '1:0:0',
  'a:b:c',
  '1:2:1e-300',
  '0:1e308:1',
] as const;

const scalar: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NUMBERS),
  fc.constantFrom(...TEXTS).map((text) => JSON.stringify(text)),
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
  fc.double().map(String),
  fc.constantFrom('null', 'true', 'false', '[]', '{}', '[[]]', '[null]', '{"":1}'),
);

/** Values as JSON text: what JSON cannot say can be in them all the same. */
const value: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { weight: 3, arbitrary: scalar },
    {
      weight: 1,
      arbitrary: fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.tuple(fc.oneof(fc.constantFrom(...TEXTS), fc.string()), tie('value')), {
          maxLength: 4,
        })
        .map(
          (pairs) => `{${pairs.map(([key, each]) => `${JSON.stringify(key)}:${each}`).join(',')}}`,
        ),
    },
  ),
})).value;

const MATRICES = [
  { lr: { values: [0.1, 0.2] } },
  {
    lr: {
      pvalues: [
        ['a', 0.5],
        ['b', 0.5],
      ],
    },
    b: { range: '0:1:0.1' },
  },
  {
    lr: { linspace: { start: 0, stop: 1, num: 5 } },
    c: { logspace: [-3, -1, 3] },
    d: { geomspace: '1:8:4' },
  },
  {
    lr: { uniform: [0, 1] },
    q: { quniform: '0:1:0.1' },
    n: { normal: [0, 1] },
    l: { qlognormal: '0:1:0.5' },
  },
] as const;

const DOCUMENTS = MATRICES.flatMap((matrix, index) =>
  [
    { random_search: { n_experiments: 5, metric: LOSS } },
    index < 3 ? { grid_search: { n_experiments: 3 } } : {},
  ].map((algorithm) => ({
    version: 1,
    kind: 'group',
    name: 'n',
    tags: ['bad-input'],
    declarations: { a: 1, lrs: [1, 2] },
    hptuning: {
      concurrency: 2,
      seed: 3,
      lease_seconds: 60,
      max_attempts: 2,
      retry_failed: true,
      max_failures: 4,
      early_stopping: [{ metric: 'loss', value: 0.1, optimization: 'minimize' }],
      ...algorithm,
      matrix,
    },
    build: { build_steps: ['pip install x'] },
    run: { cmd: 'train {{ lr }} {{ a | default(1) }}' },
  })),
);

const REPORTS = [
  { metrics: { loss: 0.5 }, step: 1, message: 'm', checkpoint: 'c', lease_token: token },
  { measurements: [{ step: 2, metrics: { loss: 1 } }, { metrics: { acc: 1 } }], status: 'running' },
] as const;

const EXPERIMENTS = [
  { values: { lr: 0.5, units: 16 }, status: 'failed', message: 'm' },
  { values: { lr: 0.5, units: 16 }, status: 'succeeded', metrics: { loss: 1 } },
] as const;

const SUGGESTS = [{ count: 1, worker: 'w', wait_seconds: 0 }] as const;

/** Every call that takes a body, with bodies that it understands. */
const ROUTES: readonly { readonly path: string; readonly bodies: readonly unknown[] }[] = [
  { path: '/v1/groups', bodies: DOCUMENTS },
  { path: '/v1/groups/preview', bodies: DOCUMENTS },
  { path: '/v1/groups/{group}/suggest', bodies: SUGGESTS },
  { path: '/v1/groups/{group}/stop', bodies: [{}] },
  { path: '/v1/groups/{group}/resume', bodies: [{}] },
  { path: '/v1/groups/{group}/experiments', bodies: EXPERIMENTS },
  { path: '/v1/groups/{group}/experiments/{number}/report', bodies: REPORTS },
  { path: '/v1/groups/{group}/experiments/{number}/release', bodies: [{ lease_token: 'lse_1_x' }] },
];

const route = fc.constantFrom(...ROUTES);

/** The body as JSON text with one place changed: replaced, left out, or with a key beside it. */
function mutated(body: unknown, choice: number, instead: string): string {
  const places: (readonly (string | number)[])[] = [];
  const walk = (node: unknown, path: readonly (string | number)[]): void => {
    places.push(path);
    if (typeof node !== 'object' || node === null) return;
    for (const [key, child] of Object.entries(node)) {
      walk(child, [...path, Array.isArray(node) ? Number(key) : key]);
    }
  };
  walk(body, []);
  const target = places[choice % places.length];
  const mode = Math.floor(choice / places.length) % 3;
  const write = (node: unknown, path: readonly (string | number)[]): string | null => {
    const isHere = path.length === target?.length && path.every((key, i) => key === target[i]);
    if (isHere && mode === 0) return instead;
    if (isHere && mode === 1) return null;
    const extra = isHere ? [instead] : [];
    if (Array.isArray(node)) {
      const items = node.map((child, i) => write(child, [...path, i]));
      return `[${[...items.filter((item) => item !== null), ...extra].join(',')}]`;
    }
    if (typeof node !== 'object' || node === null) return JSON.stringify(node);
    const pairs = Object.entries(node).flatMap(([key, child]) => {
      const text = write(child, [...path, key]);
      return text === null ? [] : [`${JSON.stringify(key)}:${text}`];
    });
    return `{${[...pairs, ...extra.map((text) => `"surprise":${text}`)].join(',')}}`;
  };
  return write(body, []) ?? '';
}

test('anything that is JSON, and what only looks like it, is answered by every call', async () => {
  await check(
    900,
    fc.asyncProperty(route, value, async ({ path }, body) => {
      await send('POST', at(path), { body });
    }),
  );
});

test('bodies that are right but for one place are answered by every call', async () => {
  const mutation = route.chain(({ path, bodies }) =>
    fc.record({
      path: fc.constant(path),
      body: fc.constantFrom(...bodies),
      choice: fc.nat(10_000),
      instead: value,
    }),
  );
  await check(
    2_400,
    fc.asyncProperty(mutation, async ({ path, body, choice, instead }) => {
      await send('POST', at(path), { body: mutated(body, choice, instead) });
    }),
  );
});

test('a document that was accepted is handed out, whatever is in it', async () => {
  const mutation = fc.record({
    body: fc.constantFrom(...DOCUMENTS),
    choice: fc.nat(10_000),
    instead: value,
  });
  await check(
    400,
    fc.asyncProperty(mutation, async ({ body, choice, instead }) => {
      const { status, text } = await send('POST', '/v1/groups', {
        body: mutated(body, choice, instead),
      });
      if (status !== 201) return;
      const { id }: { id: string } = JSON.parse(text);
      const { experiments } = await service.of(id).suggest({ count: 3 });
      for (const { number } of experiments) {
        await service.of(id).report(number, { metrics: { loss: 1 }, status: 'failed' });
      }
      await service.of(id).delete();
    }),
  );
});

test('any text is answered as a body of any type', async () => {
  const yamlish = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          'a',
          '1',
          ': ',
          '- ',
          '\n',
          '\n  ',
          '{',
          '}',
          '[',
          ']',
          ',',
          '&a ',
          '*a',
          '!!str ',
          '|',
          '>',
          '"',
          "'",
          '#',
          '? ',
          '---\n',
          '...',
          '%YAML 1.1\n',
          '<<: ',
          'version: 1',
          'hptuning:',
          '\t',
          '\u0000',
          '\u2028',
          '=',
          '0x1f',
          '1:30',
          '~',
          '.inf',
          '.nan',
          '2001-01-01',
        ),
        fc.string({ unit: 'binary' }),
      ),
      { maxLength: 40 },
    )
    .map((parts) => parts.join(''));
  const types = fc.constantFrom(
    'application/yaml',
    'text/yaml',
    'application/json',
    'text/plain',
    'application/x-yaml;charset=latin1',
  );
  await check(
    500,
    fc.asyncProperty(
      route,
      fc.oneof(yamlish, fc.string({ unit: 'binary' })),
      types,
      async ({ path }, body, type) => {
        await send('POST', at(path), { body, type });
      },
    ),
  );
});

test('any bytes are answered as a body', async () => {
  await check(
    200,
    fc.asyncProperty(route, fc.uint8Array({ maxLength: 200 }), async ({ path }, bytes) => {
      const body = Uint8Array.from([0x7b, ...bytes, 0x7d]);
      await send('POST', at(path), { body });
    }),
  );
});

test('bodies that break off anywhere are answered', async () => {
  await check(
    200,
    fc.asyncProperty(route, fc.nat(10_000), async ({ path, bodies }, cut) => {
      const body = JSON.stringify(bodies[cut % bodies.length]);
      await send('POST', at(path), { body: body.slice(0, cut % (body.length + 1)) });
    }),
  );
});

/** A path that goes through fetch and the like as it is. */
const segment = fc.oneof(
  fc.constantFrom(
    'v1',
    'groups',
    'experiments',
    'suggest',
    'report',
    'preview',
    group.id,
    '1',
    '0',
    '-1',
    '%00',
    '%2F',
    '%2e%2e',
    '%',
    '%ff',
    '%zz',
    '*',
    'ü',
    'a'.repeat(3_000),
    '{group}',
    '__proto__',
    'grp_',
    '💥',
    '1e3',
    '01',
    '９',
  ),
  fc.string(),
);

test('any path and query string is answered', async () => {
  const query = fc.oneof(
    fc.constantFrom(
      '',
      '?',
      '?limit',
      '?limit=',
      '?limit=5&limit=5',
      '?limit=1e3',
      '?limit=%00',
      '?cursor=%ff',
      '?__proto__=1',
      '?constructor=1',
      '?status[]=done',
      '?sort=objective&cursor=e30',
      '?%',
      '?a=b=c&&&',
      '?limit=+5',
      `?tag=${'x'.repeat(5_000)}`,
    ),
    fc.string().map((text) => `?${encodeURIComponent(text)}=1`),
    fc
      .tuple(
        fc.constantFrom('limit', 'cursor', 'status', 'sort', 'tag'),
        fc.string({ unit: 'binary' }),
      )
      .map(([name, text]) => `?${name}=${encodeURIComponent(text.toWellFormed())}`),
  );
  const method = fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'OPTIONS');
  const starts = fc.constantFrom(
    '/',
    '/v1/',
    '/v1/groups/',
    `/v1/groups/${group.id}x/`,
    at('/v1/groups/{group}/experiments/'),
    '//',
  );
  await check(
    500,
    fc.asyncProperty(
      method,
      starts,
      fc.array(segment, { maxLength: 5 }),
      query,
      async (verb, start, segments, search) => {
        const path = start + segments.map((part) => part.replaceAll(/[?#]/g, '')).join('/');
        // The group itself is needed to the end.
        const { pathname } = new URL(service.url + path);
        if (verb === 'DELETE' && pathname === at('/v1/groups/{group}')) return;
        await send(verb, path + search);
      },
    ),
  );
});

const LISTS = [
  '/v1/groups',
  '/v1/groups/{group}/experiments',
  '/v1/groups/{group}/events',
  '/v1/groups/{group}/experiments/{number}/measurements',
] as const;

test('any cursor is answered by every list', async () => {
  const cursor = fc.oneof(
    fc.record({ p: fc.oneof(fc.integer(), fc.double(), fc.maxSafeInteger()) }),
    fc.record({ g: fc.string() }),
    fc.record({
      n: fc.oneof(fc.integer(), fc.maxSafeNat()),
      o: fc.oneof(fc.double(), fc.constantFrom(null, 'NaN', 'Infinity', '-Infinity', 'x')),
      s: fc.constantFrom('number', 'objective', 'x'),
    }),
    fc.jsonValue(),
  );
  await check(
    200,
    fc.asyncProperty(
      fc.constantFrom(...LISTS),
      cursor,
      fc.boolean(),
      async (path, content, byObjective) => {
        const query = new URLSearchParams({
          cursor: Buffer.from(JSON.stringify(content)).toString('base64url'),
          ...(byObjective && path.endsWith('experiments') ? { sort: 'objective' } : {}),
        });
        await send('GET', `${at(path)}?${query}`);
      },
    ),
  );
});

test('headers of any content are answered', async () => {
  const name = fc.constantFrom(
    'idempotency-key',
    'authorization',
    'content-type',
    'origin',
    'x-request-id',
    'accept',
    'x-forwarded-for',
    'x-http-method-override',
    'cookie',
    'range',
    'if-match',
    'accept-encoding',
  );
  const text = fc.oneof(
    fc.constantFrom(
      '',
      'Bearer',
      'Bearer ',
      'Bearer lse_',
      'Bearer lse_1_',
      `Bearer ${token}x`,
      'Bearer lse_999999_aaaaaaaaaaaaaaaaaaaaaa',
      'Bearer rw_x_y',
      'null',
      'k'.repeat(256),
      'application/json;',
      'application/json; charset=utf-16',
      ', ,',
      'http://localhost',
      'gzip;q=0',
    ),
    fc.string({ unit: 'grapheme-ascii', maxLength: 60 }),
  );
  await check(
    400,
    fc.asyncProperty(route, name, text, async ({ path, bodies }, header, content) => {
      await send('POST', at(path), {
        json: bodies[0],
        headers: { [header]: content.trim() },
      });
    }),
  );
});

test('what no HTTP client would write is answered, or hung up on', async () => {
  const line = fc.oneof(
    fc.constantFrom(
      'GET /v1/health HTTP/1.1',
      'GET  /v1/health  HTTP/1.1',
      'get /v1/health HTTP/1.1',
      'GET http://evil.example/v1/groups HTTP/1.1',
      'GET * HTTP/1.1',
      'OPTIONS * HTTP/1.1',
      'CONNECT evil.example:443 HTTP/1.1',
      'TRACE / HTTP/1.1',
      'HEAD /v1/groups HTTP/1.1',
      'GET /v1/\u0000 HTTP/1.1',
      'GET /v1/ü HTTP/1.1',
      'POST /v1/groups HTTP/1.0',
      'GET /v1/groups?limit=\u0001 HTTP/1.1',
      'PRI * HTTP/2.0',
      `GET /${'a'.repeat(20_000)} HTTP/1.1`,
      'GET /v1/groups HTTP/1.1 HTTP/1.1',
      'BREW /coffee HTTP/1.1',
      'PROPFIND /v1/groups HTTP/1.1',
    ),
    fc.string({ unit: 'binary', maxLength: 100 }),
  );
  const header = fc.constantFrom<Readonly<Record<string, string>>>(
    {},
    { 'content-length': '5' },
    { 'content-length': '-1' },
    { 'content-length': '99999999999999999999' },
    { 'content-length': '5', 'transfer-encoding': 'chunked' },
    { 'transfer-encoding': 'gzip, chunked' },
    { 'transfer-encoding': 'chunked' },
    { expect: '100-continue' },
    { upgrade: 'websocket', connection: 'upgrade' },
    { 'content-type': 'application/json\u0000' },
    { origin: '\u00ff' },
    { ' folded': 'x' },
    { host: 'evil.example' },
  );
  const body = fc.oneof(
    fc.constantFrom('', '{}', '5\r\nhello\r\n0\r\n\r\n', '0\r\n\r\n', 'zz\r\n', '{"count": 1}'),
    fc.string({ unit: 'binary', maxLength: 50 }),
  );
  await check(
    300,
    fc.asyncProperty(line, header, body, async (first, more, rest) => {
      sentRequests += 1;
      const answer = await sendBytes(service.url, requestText(first, { host, ...more }, rest));
      // A HEAD is answered without a body, which could not be looked at.
      if (answer === null || first.startsWith('HEAD')) return;
      service.contract.assertAnswer(answer);
    }),
  );
});

const refusedAs = async (path: string, sent: Parameters<typeof send>[2]): Promise<Problem> => {
  const { problem, status, text } = await send('POST', at(path), sent);
  assert.ok(problem !== null, `${status} ${text.slice(0, 200)}`);
  return problem;
};

const many = (count: number, item: string): string =>
  Array.from({ length: count }, () => item).join(',');

const documentWith = (hptuning: string): string =>
  `{"version": 1, "kind": "group", "hptuning": ${hptuning}}`;

/** Larger than anybody would send: each was too much for something once, or could have been. */
const TOO_MUCH = [
  { what: 'a matrix without parameters', body: documentWith('{"matrix": {}}') },
  { what: 'an empty list of values', body: documentWith('{"matrix": {"a": {"values": []}}}') },
  {
    what: 'a list of 100,000 values',
    body: documentWith(`{"matrix": {"a": {"values": [${many(100_000, '1')}]}}}`),
  },
  {
    what: 'a list of 100,000 wrong values',
    body: documentWith(`{"matrix": {"a": {"values": [${many(50_000, 'null')}]}}}`),
  },
  {
    what: 'a list of 40,000 infinite values',
    body: documentWith(`{"matrix": {"a": {"values": [${many(40_000, '1e999')}]}}}`),
  },
  {
    what: '20,000 unknown keys',
    body: `{${Array.from({ length: 20_000 }, (_, i) => `"k${i}":1`).join(',')}}`,
  },
  {
    what: '20,000 parameters',
    body: documentWith(
      `{"matrix": {${Array.from({ length: 9_000 }, (_, i) => `"k${i}":{"values":[1]}`).join(',')}}}`,
    ),
  },
  { what: 'nesting 100,000 deep', body: '['.repeat(100_000) + ']'.repeat(100_000) },
  { what: 'maps nested 20,000 deep', body: `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}` },
  {
    what: 'a range of more values than can be counted',
    body: documentWith('{"matrix": {"a": {"range": [0, 1e308, 1e-308]}}}'),
  },
  {
    what: 'a linspace of 10^12 values',
    body: documentWith('{"matrix": {"a": {"linspace": [0, 1, 1e12]}}}'),
  },
  {
    what: 'a grid of more than 2^53 points',
    body: documentWith(
      `{"matrix": {${Array.from({ length: 20 }, (_, i) => `"k${i}":{"range":[0,100,1]}`).join(',')}}}`,
    ),
  },
  {
    what: '10^9 random experiments',
    body: documentWith(
      '{"random_search": {"n_experiments": 1e9}, "matrix": {"a": {"uniform": [0, 1]}}}',
    ),
  },
  {
    what: 'a long word where a known one belongs',
    body: documentWith(`{"${'concurrency'.repeat(10_000)}": 1, "matrix": {"a": {"values": [1]}}}`),
  },
  {
    what: 'a command of 10,000 undefined names',
    body: `{"version": 1, "kind": "group", "hptuning": {"matrix": {"a": {"values": [1]}}}, "run": {"cmd": "${'{{ b }} '.repeat(10_000)}"}}`,
  },
  {
    what: 'a command that opens 100,000 placeholders',
    body: `{"version": 1, "kind": "group", "hptuning": {"matrix": {"a": {"values": [1]}}}, "run": {"cmd": "${'{{'.repeat(100_000)}"}}`,
  },
] as const;

for (const { what, body } of TOO_MUCH) {
  test(`${what} in a document is refused with an answer that can be read`, async () => {
    const { status, errors } = await refusedAs('/v1/groups', { body });

    assert.equal(status, 422);
    assert.ok(errors.length <= 1_001, `${errors.length} mistakes`);
    assert.ok(JSON.stringify(errors).length < 1_000_000);
  });
}

const TOO_MUCH_REPORTED = [
  { what: '400,000 measurements that are none', body: `{"measurements": [${many(400_000, '1')}]}` },
  {
    what: '500 measurements of 200 metrics',
    body: `{"measurements": [${many(500, `{"metrics":{${Array.from({ length: 200 }, (_, i) => `"${i}":1`).join(',')}}}`)}]}`,
  },
  {
    what: '20,000 metrics',
    body: `{"metrics": {${Array.from({ length: 20_000 }, (_, i) => `"${i}":1`).join(',')}}}`,
  },
  {
    what: '100,000 wrong metrics',
    body: `{"measurements": [{"metrics": {${Array.from({ length: 80_000 }, (_, i) => `"${i}":[]`).join(',')}}}]}`,
  },
  { what: '150,000 infinite numbers', body: `{"measurements": [${many(150_000, '1e999')}]}` },
  {
    what: 'a value of 200,000 characters',
    body: `{"metrics": {"loss": "${'9'.repeat(200_000)}"}}`,
  },
  { what: 'a status of 200,000 characters', body: `{"status": "${'x'.repeat(200_000)}"}` },
] as const;

for (const { what, body } of TOO_MUCH_REPORTED) {
  test(`${what} in a report are refused with an answer that can be read`, async () => {
    const { status, errors } = await refusedAs('/v1/groups/{group}/experiments/{number}/report', {
      body,
    });

    assert.equal(status, 422);
    assert.ok(errors.length <= 1_001, `${errors.length} mistakes`);
    assert.ok(JSON.stringify(errors).length < 1_000_000);
  });
}

test('20,000 unknown parameters of a matrix with long names are refused shortly', async () => {
  const matrix = Object.fromEntries(
    Array.from({ length: 100 }, (_, i) => [`p${i}_${'x'.repeat(50)}`, { uniform: [0, 1] }]),
  );
  const { id } = await service.open({ random_search: { n_experiments: 5 }, matrix });
  const body = `{"values": {${Array.from({ length: 20_000 }, (_, i) => `"k${i}":1`).join(',')}}}`;

  const { errors } = await refusedAs(`/v1/groups/${id}/experiments`, { body });

  assert.ok(errors.length <= 101);
  assert.ok(JSON.stringify(errors).length < 1_000_000);
});

const BOMB = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...Array.from({ length: 9 }, (_, i) => {
    const [name, before] = ['bcdefghij'[i], 'abcdefghi'[i]];
    return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(', ')}]`;
  }),
].join('\n');

const YAML_BOMBS = [
  { what: 'a billion laughs', body: BOMB },
  { what: 'an alias of itself', body: 'a: &a [*a]' },
  { what: 'a key that is a map', body: '? {a: 1}\n: 2' },
  { what: '100,000 brackets', body: '['.repeat(100_000) },
  {
    what: '100,000 anchors',
    body: Array.from({ length: 20_000 }, (_, i) => `- &a${i} 1`).join('\n'),
  },
  { what: 'a tag for code', body: 'a: !!js/function "function () {}"' },
  { what: 'a python tag', body: 'a: !!python/object/apply:os.system ["reboot"]' },
  { what: 'a __proto__ key', body: '__proto__: {polluted: true}' },
  { what: 'a line of 200,000 characters', body: `a: ${'x'.repeat(200_000)}` },
  {
    what: '100,000 indents',
    body: Array.from({ length: 400 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
  },
] as const;

for (const { what, body } of YAML_BOMBS) {
  test(`${what} in YAML is refused`, async () => {
    const { status } = await refusedAs('/v1/groups', { body, type: 'application/yaml' });

    assert.ok(status === 400 || status === 422);
    assert.equal(Reflect.get({}, 'polluted'), undefined);
  });
}

const TEMPLATES = [
  '{{ lr.constructor.constructor("return process.exit(1)")() }}',
  '{{ constructor }}',
  '{{ [].map }}',
  '{{ lr() }}',
  '{{ lr["x"] }}',
  '{{ range(10**9) }}',
  '{% for i in range(10) %}x{% endfor %}',
  '{# a comment #}',
  '{{ lr | attr("x") }}',
  '{{ lr | default(lr.constructor) }}',
  '{{ "x" * 1000000 }}',
  '{{ lr if lr else 0 }}',
  '{{ lr',
  '{{}}',
  '{{ __proto__ }}',
] as const;

for (const cmd of TEMPLATES) {
  test(`the command ${cmd} is refused, and runs nothing`, async () => {
    const json = { ...DOCUMENTS[0], run: { cmd } };

    const { code, errors } = await refusedAs('/v1/groups', { json });

    assert.equal(code, 'invalid_document');
    assert.ok(errors.every(({ path }) => path === 'run.cmd'));
  });
}

test('requests that never end keep nobody waiting, and the service still closes', async () => {
  const { hostname, port } = new URL(service.url);
  const open = [
    '',
    'G',
    'GET /v1/hea',
    `POST /v1/groups HTTP/1.1\r\nhost: ${host}\r\n`,
    `POST /v1/groups HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"version"`,
  ];
  const sockets = Array.from({ length: 50 }, (_, i) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('error', () => {});
    socket.write(open[i % open.length] ?? '');
    return socket;
  });

  const { status } = await send('GET', '/v1/health');

  assert.equal(status, 200);
  for (const socket of sockets) socket.destroy();
});

test('callers that hang up in the middle leave no trace', async () => {
  const text = requestText('POST /v1/groups HTTP/1.1', {
    host,
    'content-type': 'application/json',
    'content-length': '1000',
  });
  for (let i = 0; i < 20; i++) {
    const { hostname, port } = new URL(service.url);
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('error', () => {});
    await new Promise((resolve) => socket.write(`${text}{"version"`, resolve));
    socket.resetAndDestroy();
  }

  assert.equal((await send('GET', '/v1/health')).status, 200);
});

test('after all that the service is alive, and does what it always does', async (context) => {
  context.diagnostic(`seed ${SEED}, ${sentRequests} requests`);
  assert.ok(sentRequests > 5_000, `${sentRequests} requests were sent`);
  const after = await service.open({ matrix: THREE });
  const { number } = await after.next();
  await after.report(number, { status: 'succeeded' });
  assert.equal((await after.read()).progress.succeeded, 1);
  assert.equal((await group.read()).id, group.id);
  assert.notEqual((await group.events()).length, 0);
  await group.experiments();
});
