import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { startLocalServer } from '../../cli/local-server.ts';
import { SCOPES, writeKey } from '../../lib/domain/api-key.ts';
import { createLocalRuntime } from '../../lib/runtime/local.ts';
import { listKeys } from '../../lib/service/api-keys.ts';
import type { CreatedKey, Operation } from '../helpers/contract.ts';
import type { Sent, Service } from '../helpers/service.ts';
import { LOSS, startService, THREE, tokenOf } from '../helpers/service.ts';

const DOCUMENT = {
  version: 1,
  kind: 'group',
  hptuning: { concurrency: 2, grid_search: { metric: LOSS }, matrix: THREE },
};
const NO_GROUP = 'grp_00000000000000000000000000';
const DAY_SECONDS = 86_400;

const bearer = (key: string | null): Sent => ({ headers: { authorization: `Bearer ${key}` } });

async function serviceFor(t: TestContext, folder: string | null = null): Promise<Service> {
  const service = await startService(folder);
  t.after(service.close);
  return service;
}

/** Creates a key that must have a secret. */
async function newKey(
  service: Service,
  json: object,
  by: Sent = {},
): Promise<CreatedKey & { readonly key: string }> {
  const created = await service.done('createKey', { ...by, json });
  const { key } = created;
  assert.ok(key !== null);
  return { ...created, key };
}

/** A service whose only key may do everything. */
async function closedService(t: TestContext): Promise<{ service: Service; admin: Sent }> {
  const service = await serviceFor(t);
  const { key } = await newKey(service, { scopes: SCOPES });
  return { service, admin: bearer(key) };
}

describe('a new key', () => {
  test('is answered once with its secret, and listed without it', async (t) => {
    const service = await serviceFor(t);

    const { headers, value } = await service.call('createKey', {
      json: { name: 'laptop', scopes: ['admin', 'work', 'admin'], expires_at: null },
    });
    assert.ok(value !== null);
    const { key, ...shown } = value;
    const list = await service.call('listKeys', bearer(key));

    assert.match(key ?? '', /^rw_[0-9a-hjkmnp-tv-z]{26}_[0-9a-f]{72}$/);
    assert.deepEqual(shown.scopes, ['work', 'admin']);
    assert.equal(shown.name, 'laptop');
    assert.equal(shown.expires_at, null);
    assert.equal(shown.last_used_on, null);
    assert.equal(headers.get('location'), `/v1/keys/${shown.id}`);
    const today = new Date(service.now()).toISOString().slice(0, 10);
    assert.deepEqual(list.value?.items, [{ ...shown, last_used_on: today }]);
    assert.ok(!list.text.includes((key ?? '').slice(40)), 'no secret in a list');
  });

  test('leaves nothing of its secret in the data folder', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'rungwise-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const service = await startService(folder);
    const { key } = await newKey(
      service,
      { scopes: SCOPES },
      { headers: { 'idempotency-key': 'k' } },
    );
    await service.close();

    const stored = readFileSync(join(folder, 'rungwise.sqlite'), 'latin1');

    assert.ok(stored.includes('"scopes"'), 'the file is that of the keys');
    assert.ok(!stored.includes(key.slice(-72, -8)));
  });

  test('repeated under its Idempotency-Key is the same key, without the secret', async (t) => {
    const { service, admin } = await closedService(t);
    const sent = {
      json: { scopes: ['work'] },
      headers: { ...admin.headers, 'idempotency-key': 'once' },
    };

    const first = await service.done('createKey', sent);
    const again = await service.call('createKey', sent);

    assert.equal(again.headers.get('idempotency-replayed'), 'true');
    assert.deepEqual(again.value, { ...first, key: null });
    assert.equal((await service.done('listKeys', admin)).items.length, 2);
  });

  const BAD = [
    { json: {}, path: 'scopes' },
    { json: { scopes: [] }, path: 'scopes' },
    { json: { scopes: 'work' }, path: 'scopes' },
    { json: { scopes: ['groups:red'] }, path: 'scopes[0]' },
    { json: { scopes: ['work'], name: '' }, path: 'name' },
    { json: { scopes: ['work'], name: 'x'.repeat(129) }, path: 'name' },
    { json: { scopes: ['work'], expires_at: 'tomorrow' }, path: 'expires_at' },
    { json: { scopes: ['work'], expires_at: '2030-02-30T00:00:00Z' }, path: 'expires_at' },
    { json: { scopes: ['work'], expires_at: '2030-01-31T00:00:00' }, path: 'expires_at' },
    { json: { scopes: ['work'], expires_at: '2020-01-31T00:00:00Z' }, path: 'expires_at' },
    { json: { scopes: ['work'], expires_at: 1 }, path: 'expires_at' },
    { json: { scopes: ['work'], secret: 'x' }, path: 'secret' },
  ] as const;

  test('with a mistake is refused at its path, and none is made', async (t) => {
    const service = await serviceFor(t);

    for (const { json, path } of BAD) {
      const { errors } = await service.refused('createKey', { json }, 'invalid_request');
      assert.deepEqual(
        errors.map((mistake) => mistake.path),
        [path],
        JSON.stringify(json),
      );
    }
    assert.deepEqual((await service.done('listKeys')).items, []);
  });

  test('can expire at a time with an offset', async (t) => {
    const service = await serviceFor(t);

    const json = { scopes: ['work'], expires_at: '2090-01-31T02:00:00+02:00' };
    const { expires_at: expiresAt } = await service.done('createKey', { json });

    assert.equal(expiresAt, '2090-01-31T00:00:00.000Z');
  });
});

describe('on loopback', () => {
  test('no key is needed while there is none, whatever is sent as one', async (t) => {
    const service = await serviceFor(t);

    await service.done('listGroups');
    await service.done('listGroups', bearer('rw_left_over'));
  });

  test('every call needs a key once there is one, and none after the last was revoked', async (t) => {
    const service = await serviceFor(t);
    const { id, key } = await newKey(service, { scopes: ['admin'] });

    await service.refused('listGroups', {}, 'unauthorized');
    await service.done('revokeKey', { keyId: id, ...bearer(key) });
    await service.done('listGroups');
  });

  test('an expired key opens nothing, and still keeps the service closed', async (t) => {
    const service = await serviceFor(t);
    const expiresAt = new Date(service.now() + DAY_SECONDS * 1000).toISOString();
    const { key } = await newKey(service, { scopes: SCOPES, expires_at: expiresAt });
    await service.done('listGroups', bearer(key));

    service.pass(DAY_SECONDS + 1);

    await service.refused('listGroups', bearer(key), 'unauthorized');
    await service.refused('listGroups', {}, 'unauthorized');
  });

  test('health and the contract need no key, and ask about none that is sent', async (t) => {
    const { service } = await closedService(t);

    for (const sent of [{}, bearer('rw_a_b')]) {
      await service.done('health', sent);
      assert.equal((await service.request('GET', '/v1/openapi.json', sent)).status, 200);
    }
  });
});

describe('a call with a key that is not right', () => {
  test('is a 401 that says what is wrong and never repeats the key', async (t) => {
    const service = await serviceFor(t);
    const { id, key } = await newKey(service, { scopes: SCOPES });
    const other = writeKey({ id: 'key_00000000000000000000000000', secret: 'a'.repeat(64) });
    const wrong = writeKey({ id, secret: 'a'.repeat(64) });
    const slip = key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');

    for (const [token, said] of [
      [other, /not known, has expired or was revoked/],
      [wrong, /not known, has expired or was revoked/],
      [slip, /mistyped or cut off/],
      [key.slice(0, 60), /mistyped or cut off/],
      ['rw_a_b', /mistyped or cut off/],
    ] as const) {
      const { problem, headers, text } = await service.call('listGroups', bearer(token));
      assert.equal(problem?.code, 'unauthorized');
      assert.match(problem?.detail ?? '', said);
      assert.equal(headers.get('www-authenticate'), 'Bearer');
      assert.ok(!text.includes(token));
    }
  });

  test('takes the scheme in any case', async (t) => {
    const service = await serviceFor(t);
    const { key } = await newKey(service, { scopes: SCOPES });

    await service.done('listGroups', { headers: { authorization: `bearer ${key}` } });
  });
});

/** One call for each scope, which gets past the check of scopes with it. */
const CALLS: { readonly [scope: string]: { readonly operation: Operation; readonly sent: Sent } } =
  {
    'groups:read': { operation: 'listGroups', sent: {} },
    'groups:write': { operation: 'createGroup', sent: { json: DOCUMENT } },
    work: { operation: 'suggest', sent: { group: NO_GROUP, json: {} } },
    admin: { operation: 'listKeys', sent: {} },
  };

describe('a scope', () => {
  test('opens its own calls and no others; the refusal names the one that is missing', async (t) => {
    const { service, admin } = await closedService(t);

    for (const held of SCOPES) {
      const { key } = await newKey(service, { scopes: [held] }, admin);
      for (const [scope, { operation, sent }] of Object.entries(CALLS)) {
        const { problem } = await service.call(operation, { ...sent, ...bearer(key) });
        if (scope === held) {
          assert.notEqual(problem?.status, 401);
          assert.notEqual(problem?.status, 403);
        } else {
          assert.equal(problem?.code, 'forbidden', `${held} ${operation}`);
          assert.ok(problem.detail.includes(`"${scope}"`));
        }
      }
    }
  });

  test('that does not let a caller work hides the tokens of leases from it', async (t) => {
    const { service, admin } = await closedService(t);
    const { id: group } = await service.done('createGroup', { json: DOCUMENT, ...admin });
    await service.done('suggest', { group, json: {}, ...admin });
    const reader = bearer((await newKey(service, { scopes: ['groups:read'] }, admin)).key);

    const { lease } = await service.done('readExperiment', { group, number: 1, ...reader });

    assert.equal(lease?.token, null);
  });
});

test("a lease's token reports on its experiment and opens nothing else", async (t) => {
  const { service, admin } = await closedService(t);
  const { id: group } = await service.done('createGroup', { json: DOCUMENT, ...admin });
  const { experiments } = await service.done('suggest', { group, json: { count: 2 }, ...admin });
  const [first] = experiments;
  assert.ok(first !== undefined);
  const lease = bearer(tokenOf(first));

  await service.done('report', { group, number: 1, json: { metrics: { loss: 1 } }, ...lease });

  await service.refused('report', { group, number: 2, json: {}, ...lease }, 'forbidden');
  for (const operation of ['readGroup', 'suggest', 'listKeys', 'createKey'] as const) {
    await service.refused(operation, { group, ...lease }, 'forbidden');
  }
});

test('no line of the log has a key or its hash', async (t) => {
  const lines: unknown[] = [];
  const note = (...said: readonly unknown[]): void => {
    lines.push(said);
  };
  const runtime = createLocalRuntime({
    folder: null,
    logger: { error: note, warn: note, info: note },
  });
  const server = await startLocalServer({ runtime, host: '127.0.0.1', port: 0 });
  t.after(server.close);
  const post = (path: string, by: Sent = {}): Promise<Response> =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { ...by.headers, 'content-type': 'application/json' },
      body: JSON.stringify({ scopes: ['admin'] }),
    });
  const created: unknown = await (await post('/v1/keys')).json();
  assert.ok(typeof created === 'object' && created !== null && 'key' in created);
  const key = String(created.key);

  await post('/v1/keys', bearer(key));
  await post('/v1/groups', bearer(key));
  await post(`/v1/groups/${key}/suggest`, bearer(key));
  await fetch(`${server.url}/v1/keys/${key}`, {
    method: 'DELETE',
    ...bearer(key),
  });

  const stored = await listKeys(runtime.ports, { limit: 10, after: null });
  const text = JSON.stringify(lines);
  assert.equal(lines.length, 5);
  assert.ok(!text.includes(key.slice(40)));
  for (const { hash } of stored.keys) assert.ok(!text.includes(hash));
});

describe('keys', () => {
  test('are listed newest first, page by page', async (t) => {
    const { service, admin } = await closedService(t);
    for (const name of ['b', 'c', 'd', 'e'])
      await newKey(service, { name, scopes: ['work'] }, admin);

    const names: (string | null)[] = [];
    let cursor: string | null = null;
    do {
      const query: Record<string, string> =
        cursor === null ? { limit: '2' } : { limit: '2', cursor };
      const page = await service.done('listKeys', { query, ...admin });
      names.push(...page.items.map(({ name }) => name));
      cursor = page.next_cursor;
    } while (cursor !== null);

    assert.deepEqual(names, ['e', 'd', 'c', 'b', null]);
  });

  test('change over without a gap: the new one works before the old one is revoked', async (t) => {
    const service = await serviceFor(t);
    const old = await newKey(service, { scopes: SCOPES });
    const fresh = await newKey(service, { scopes: SCOPES }, bearer(old.key));

    await service.done('listGroups', bearer(old.key));
    await service.done('listGroups', bearer(fresh.key));
    await service.done('revokeKey', { keyId: old.id, ...bearer(fresh.key) });

    await service.refused('listGroups', bearer(old.key), 'unauthorized');
    await service.done('listGroups', bearer(fresh.key));
  });

  test('that are revoked already, or none at all, are not found and not repeated', async (t) => {
    const { service, admin } = await closedService(t);
    const { id, key } = await newKey(service, { scopes: ['work'] }, admin);
    await service.done('revokeKey', { keyId: id, ...admin });

    for (const keyId of [id, 'key_x', key]) {
      const { detail } = await service.refused('revokeKey', { keyId, ...admin }, 'key_not_found');
      assert.ok(!detail.includes(key));
    }
  });

  test('survive a restart', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'rungwise-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const before = await startService(folder);
    const { key } = await newKey(before, { scopes: SCOPES });
    await before.close();

    const after = await serviceFor(t, folder);

    await after.refused('listGroups', {}, 'unauthorized');
    await after.done('listGroups', bearer(key));
  });
});
