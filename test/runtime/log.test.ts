import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { startLocalServer } from '../../cli/local-server.ts';
import type { RouteName } from '../../lib/contract/routes.ts';
import { ROUTES } from '../../lib/contract/routes.ts';
import { advanceFunction } from '../../lib/runtime/advance.ts';
import { createLocalRuntime } from '../../lib/runtime/local.ts';
import type { LogLevel } from '../../lib/runtime/log.ts';
import { createLog } from '../../lib/runtime/log.ts';
import { createMeter } from '../../lib/runtime/meter.ts';
import { sweepFunction } from '../../lib/runtime/sweep.ts';
import type { Store } from '../../lib/store/store.ts';
import { StoreUnavailable } from '../../lib/store/store.ts';

/** Everything that callers send and that no line may repeat. */
const SECRET = {
  value: 0.314159265358979,
  word: 'recognisable-value',
  metric: 0.271828182845904,
  wrongMetric: 'recognisable-metric',
  message: 'recognisable-message',
  checkpoint: 's3://recognisable-checkpoint',
  idempotencyKey: 'recognisable-idempotency-key',
  worker: 'recognisable-worker',
  /** Short enough for a parser's message to quote it whole. */
  quoted: 'qx-7141',
} as const;

type Down = 'up' | 'unavailable' | 'broken';

/** How a store fails: it cannot answer, or what it holds cannot be read, which a parser tells with a quotation. */
const FAILURES: Readonly<Record<Down, () => void>> = {
  up() {},
  unavailable() {
    throw new StoreUnavailable('the store cannot answer now', { cause: new Error('ECONNRESET') });
  },
  broken() {
    JSON.parse(SECRET.quoted);
  },
};

const failing = (store: Store, state: { down: Down }): Store => {
  const first = async <R>(work: () => Promise<R>): Promise<R> => {
    FAILURES[state.down]();
    return work();
  };
  return {
    get: (key) => first(() => store.get(key)),
    getMany: (keys) => first(() => store.getMany(keys)),
    put: (put) => first(() => store.put(put)),
    remove: (key) => first(() => store.remove(key)),
    list: (of, range) => first(() => store.list(of, range)),
    due: (now, limit) => first(() => store.due(now, limit)),
    expire: (now, limit) => first(() => store.expire(now, limit)),
    durable: () => first(() => store.durable()),
    close: () => store.close(),
  };
};

const TRACE = 'Root=1-67f00000-0123456789abcdef01234567;Parent=53995c3f42cd8ad8;Sampled=1';

async function startLogged(t: TestContext, level: LogLevel = 'info') {
  const lines: string[] = [];
  const state: { down: Down } = { down: 'up' };
  const logger = createLog({ level, write: (line) => lines.push(line), trace: () => TRACE });
  const local = createLocalRuntime({ folder: null, logger });
  const store = failing(local.ports.store, state);
  const meter = createMeter({ team: 'vision', function: 'test' });
  const runtime = { ...local, logger, meter, ports: { ...local.ports, store } };
  const server = await startLocalServer({ runtime, host: '127.0.0.1', port: 0 });
  t.after(async () => {
    state.down = 'up';
    await server.close();
  });
  return { lines, state, runtime, url: server.url };
}

interface Sent {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly json?: object;
  readonly bearer?: string;
}

const isNamed = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** A part of an answer. */
const part = (answer: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>((value, key) => (isNamed(value) ? value[key] : undefined), answer);

async function send(url: string, name: RouteName, sent: Sent) {
  const { method, path } = ROUTES[name];
  const filled = path.replace(/\{(\w+)\}/g, (_, key: string) =>
    encodeURIComponent(sent.path?.[key] ?? ''),
  );
  const response = await fetch(`${url}${filled}${sent.query ?? ''}`, {
    method,
    headers: {
      ...(sent.json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(sent.bearer === undefined ? {} : { authorization: `Bearer ${sent.bearer}` }),
    },
    ...(sent.json === undefined ? {} : { body: JSON.stringify(sent.json) }),
  });
  const text = await response.text();
  const body: unknown = text === '' ? null : JSON.parse(text);
  return { status: response.status, body };
}

const DOCUMENT = {
  version: 1,
  kind: 'group',
  hptuning: {
    concurrency: 3,
    matrix: { lr: { values: [SECRET.value, 0.5] }, kind: { values: [SECRET.word, 'b'] } },
    random_search: { n_experiments: 4 },
  },
};

/** Each route with a call that is done and one that is refused; `{token}` and the like come from the calls before. */
interface Case {
  readonly name: RouteName;
  readonly good: Sent;
  readonly bad: Sent | null;
}

function casesOf(known: {
  readonly group: string;
  readonly other: string;
  readonly keyId: string;
  readonly webhook: string;
  readonly delivery: string;
  readonly bearer: string;
  readonly token: string;
}): readonly Case[] {
  const { bearer, token } = known;
  const group = { group: known.group };
  const first = { ...group, number: '1' };
  const strange = { group: bearer, number: SECRET.word };
  const query = `?cursor=${SECRET.word}`;
  const lost = { path: strange, bearer };
  const wrong = { ...DOCUMENT, hptuning: { matrix: { lr: { values: SECRET.word } } } };
  const reported = {
    metrics: { loss: SECRET.metric },
    message: SECRET.message,
    checkpoint: SECRET.checkpoint,
    lease_token: token,
  };
  const unfit = { metrics: { loss: SECRET.wrongMetric }, lease_token: token };
  const name = SECRET.word;
  return [
    { name: 'health', good: {}, bad: null },
    { name: 'openapi', good: {}, bad: null },
    { name: 'documentSchema', good: {}, bad: null },
    {
      name: 'createGroup',
      good: { bearer, json: DOCUMENT },
      bad: { bearer, json: wrong },
    },
    {
      name: 'previewGroup',
      good: { bearer, json: DOCUMENT },
      bad: { bearer, json: wrong },
    },
    { name: 'listGroups', good: { bearer }, bad: { bearer, query } },
    { name: 'readGroup', good: { bearer, path: group }, bad: lost },
    {
      name: 'suggest',
      good: { bearer, path: group, json: { worker: SECRET.worker } },
      bad: { bearer, path: group, json: { count: SECRET.word } },
    },
    {
      name: 'report',
      good: { bearer, path: first, json: reported },
      bad: { bearer, path: first, json: unfit },
    },
    {
      name: 'release',
      good: { bearer, path: first, json: { lease_token: token } },
      bad: { bearer, path: first, json: { lease_token: `${token}0` } },
    },
    {
      name: 'addExperiment',
      good: {
        bearer,
        path: group,
        json: {
          values: { lr: SECRET.value, kind: SECRET.word },
          metrics: { loss: SECRET.metric },
          status: 'succeeded',
        },
      },
      bad: { bearer, path: group, json: { values: { lr: SECRET.word, kind: SECRET.value } } },
    },
    { name: 'listExperiments', good: { bearer, path: group }, bad: { bearer, path: group, query } },
    { name: 'readExperiment', good: { bearer, path: first }, bad: lost },
    {
      name: 'listMeasurements',
      good: { bearer, path: first },
      bad: { bearer, path: first, query },
    },
    { name: 'explain', good: { bearer, path: first }, bad: lost },
    { name: 'listEvents', good: { bearer, path: group }, bad: { bearer, path: group, query } },
    ...(['columns', 'curves'] as const).map((one) => ({
      ...{ name: one, good: { bearer, path: group }, bad: { bearer, path: group, query } },
    })),
    { name: 'rungs', good: { bearer, path: group }, bad: lost },
    { name: 'importance', good: { bearer, path: group }, bad: lost },
    {
      name: 'contour',
      good: { bearer, path: group, query: '?x=lr&y=kind' },
      bad: { bearer, path: group, query: `?x=${SECRET.word}&y=kind` },
    },
    { name: 'stopGroup', good: { bearer, path: group, json: {} }, bad: { ...lost, json: {} } },
    { name: 'resumeGroup', good: { bearer, path: group, json: {} }, bad: { ...lost, json: {} } },
    {
      name: 'createKey',
      good: { bearer, json: { name, scopes: ['work'] } },
      bad: { bearer, json: { name, scopes: [SECRET.word] } },
    },
    { name: 'listKeys', good: { bearer }, bad: { bearer: `${bearer.slice(0, -1)}!` } },
    {
      name: 'revokeKey',
      good: { bearer, path: { key: known.keyId } },
      bad: { bearer, path: { key: bearer } },
    },
    { name: 'deleteGroup', good: { bearer, path: { group: known.other } }, bad: lost },
    ...webhookCases(known),
  ];
}

/** The URL of a webhook may have a secret in its path. */
const HOOK = { url: `https://127.0.0.1.nip.invalid/${SECRET.word}`, description: SECRET.message };

function webhookCases(known: {
  readonly webhook: string;
  readonly delivery: string;
  readonly bearer: string;
}): readonly Case[] {
  const { bearer, delivery } = known;
  const path = { webhook: known.webhook };
  const lost = { bearer, path: { webhook: bearer, delivery: SECRET.word } };
  const since = '2026-01-01T00:00:00Z';
  const events = [SECRET.word];
  return [
    {
      name: 'createWebhook',
      good: { bearer, json: { ...HOOK, events: ['group.done'] } },
      bad: { bearer, json: { ...HOOK, events } },
    },
    { name: 'listWebhooks', good: { bearer }, bad: { bearer, query: `?cursor=${SECRET.word}` } },
    { name: 'readWebhook', good: { bearer, path }, bad: lost },
    {
      name: 'patchWebhook',
      good: { bearer, path, json: HOOK },
      bad: { bearer, path, json: { events } },
    },
    { name: 'testWebhook', good: { bearer, path, json: {} }, bad: { ...lost, json: {} } },
    { name: 'rotateSecret', good: { bearer, path, json: {} }, bad: { ...lost, json: {} } },
    {
      name: 'recoverDeliveries',
      good: { bearer, path, json: { since } },
      bad: { bearer, path, json: { since: SECRET.word } },
    },
    { name: 'listDeliveries', good: { bearer, path }, bad: lost },
    {
      name: 'redeliver',
      good: { bearer, path: { ...path, delivery }, json: {} },
      bad: { bearer, path: { ...path, delivery: SECRET.word }, json: {} },
    },
    { name: 'deleteWebhook', good: { bearer, path }, bad: lost },
  ];
}

describe('the log', () => {
  test('has one line for each call, and nothing that callers keep to themselves', async (t) => {
    const { lines, state, url } = await startLogged(t);
    const scopes = ['groups:read', 'groups:write', 'work', 'admin'];
    const admin = await send(url, 'createKey', { json: { scopes } });
    const bearer = String(part(admin.body, 'key'));
    const spare = await send(url, 'createKey', { bearer, json: { scopes } });
    const created = await send(url, 'createGroup', { bearer, json: DOCUMENT });
    const other = await send(url, 'createGroup', { bearer, json: DOCUMENT });
    const group = String(part(created.body, 'id'));
    const suggested = await send(url, 'suggest', { bearer, path: { group }, json: {} });
    const token = String(part(suggested.body, 'experiments', '0', 'lease', 'token'));
    const hook = await send(url, 'createWebhook', {
      bearer,
      json: { ...HOOK, events: ['group.done'] },
    });
    const webhook = String(part(hook.body, 'id'));
    const tested = await send(url, 'testWebhook', { bearer, path: { webhook }, json: {} });
    const cases = casesOf({
      webhook,
      delivery: String(part(tested.body, 'id')),
      group,
      other: String(part(other.body, 'id')),
      keyId: String(part(spare.body, 'id')),
      bearer,
      token,
    });
    assert.deepEqual(cases.map(({ name }) => name).sort(), Object.keys(ROUTES).sort());
    const from = lines.length;
    const expected: (readonly [RouteName, number])[] = [];

    for (const { name, good, bad } of cases) {
      const done = await send(url, name, good);
      assert.equal(done.status, ROUTES[name].success, `${name}: ${JSON.stringify(done.body)}`);
      expected.push([name, done.status]);
      const refused = bad === null ? null : await send(url, name, bad);
      if (refused !== null) {
        assert.ok(refused.status >= 400 && refused.status < 500, `${name}: ${refused.status}`);
        expected.push([name, refused.status]);
      }
      for (const down of ['unavailable', 'broken'] as const) {
        state.down = down;
        const failed = await send(url, name, good);
        state.down = 'up';
        expected.push([name, failed.status]);
        assert.equal(failed.status, down === 'broken' ? 500 : 503, name);
      }
    }

    const text = lines.join('\n');
    const hidden = [
      bearer,
      bearer.slice(-32),
      String(part(spare.body, 'key')),
      token,
      String(part(hook.body, 'secret')),
    ];
    for (const secret of [...Object.values(SECRET), ...hidden]) {
      assert.ok(!text.includes(String(secret)), `the log tells ${secret}`);
    }
    const written = lines
      .slice(from)
      .map((line): unknown => JSON.parse(line))
      // The queues have lines of their own.
      .filter((line) => part(line, 'route') !== undefined);
    assert.deepEqual(
      written.map((line) => [part(line, 'route'), part(line, 'status')]),
      expected.map(([name, status]) => [`${ROUTES[name].method} ${ROUTES[name].path}`, status]),
    );
    for (const line of written) {
      assert.equal(part(line, 'xray_trace_id'), '1-67f00000-0123456789abcdef01234567');
      assert.equal(typeof part(line, 'request_id'), 'string');
      assert.equal(typeof part(line, 'ms'), 'number');
    }
  });

  test('tells of a call which group, experiment and key it was about, and why it was refused', async (t) => {
    const { lines, url } = await startLogged(t);
    const admin = await send(url, 'createKey', {
      json: { scopes: ['groups:read', 'groups:write', 'work'] },
    });
    const bearer = String(part(admin.body, 'key'));
    const created = await send(url, 'createGroup', { bearer, json: DOCUMENT });
    const group = String(part(created.body, 'id'));

    await send(url, 'report', {
      bearer,
      path: { group, number: '1' },
      json: { metrics: { loss: 1 } },
    });

    const line: unknown = JSON.parse(lines.at(-1) ?? '');
    assert.deepEqual(
      ['level', 'group', 'number', 'key', 'code'].map((field) => part(line, field)),
      ['INFO', group, 1, part(admin.body, 'id'), 'experiment_not_found'],
    );
  });

  test('tells nothing of pokes and groups but ids, when they fail', async (t) => {
    const { lines, state, runtime, url } = await startLogged(t);
    const created = await send(url, 'createGroup', { json: DOCUMENT });
    const group = String(part(created.body, 'id'));
    state.down = 'broken';
    const record = (body: string) => ({
      messageId: 'm',
      receiptHandle: '',
      body,
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '0',
        SenderId: '',
        ApproximateFirstReceiveTimestamp: '0',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: '',
      eventSourceARN: '',
      awsRegion: '',
    });
    runtime.ports.definitions.clear();
    const quiet = { ...runtime.ports.store, durable: async () => {} };
    const ready = async () => ({ ...runtime, ports: { ...runtime.ports, store: quiet } });

    await advanceFunction(ready)({
      Records: [record(SECRET.word), record(JSON.stringify({ group }))],
    });
    await assert.rejects(sweepFunction(ready)(), SyntaxError);

    const text = lines.join('\n');
    assert.match(text, /"message":"pokes unreadable"/);
    assert.match(text, new RegExp(`"message":"advance failed".*"group":"${group}"`));
    for (const secret of Object.values(SECRET)) assert.ok(!text.includes(String(secret)));
  });

  test('leaves out what is less important than its level, but no metrics', async (t) => {
    const { lines, url } = await startLogged(t, 'error');

    await send(url, 'health', {});

    const [line = '', ...more] = lines;
    assert.deepEqual(more, []);
    assert.equal(part(JSON.parse(line), 'Calls2xx'), 1);
    const silent: string[] = [];
    createLog({ level: 'error', write: (text) => silent.push(text) }).warn('poke not sent', {});
    assert.deepEqual(silent, []);
  });
});
