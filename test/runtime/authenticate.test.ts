import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { Scope } from '../../lib/domain/api-key.ts';
import { readKey, writeKey } from '../../lib/domain/api-key.ts';
import { LIMITS } from '../../lib/domain/limits.ts';
import { createAuthenticator, KEY_KEPT_MS } from '../../lib/runtime/authenticate.ts';
import { createCalls } from '../../lib/runtime/call.ts';
import type { Runtime } from '../../lib/runtime/runtime.ts';
import type { CreatedKey, KeyPorts } from '../../lib/service/api-keys.ts';
import { createKey, hasLiveKeys, listKeys, revokeKey } from '../../lib/service/api-keys.ts';
import type { Call } from '../../lib/service/ports.ts';
import { openSqliteStore } from '../../lib/store/sqlite.ts';
import { StoreUnavailable } from '../../lib/store/store.ts';

const START = Date.UTC(2026, 0, 31, 12);
const DAY_MS = 86_400_000;

interface World {
  readonly ports: KeyPorts;
  readonly call: () => Call;
  /** Time, ms. */
  now: number;
  /** Reads and writes of the store since the world began. */
  readonly used: { reads: number; writes: number };
  /** True while the store takes no writes. */
  isFull: boolean;
}

/** A real store in memory that counts how it is used, with a clock of its own. */
function createWorld(t: TestContext): World {
  const store = openSqliteStore(null);
  t.after(() => store.close());
  const used = { reads: 0, writes: 0 };
  const world: World = {
    now: START,
    call: createCalls(() => world.now),
    used,
    isFull: false,
    ports: {
      now: () => world.now,
      store: {
        ...store,
        get: (key) => {
          used.reads++;
          return store.get(key);
        },
        list: (key, range) => {
          used.reads++;
          return store.list(key, range);
        },
        async put(put) {
          used.writes++;
          if (world.isFull) throw new StoreUnavailable('full');
          return store.put(put);
        },
      },
    },
  };
  return world;
}

async function newKey(
  { ports, call }: World,
  scopes: readonly Scope[] = ['work'],
  expiresAt: number | null = null,
): Promise<CreatedKey> {
  const created = await createKey(ports, call(), { name: null, scopes, expiresAt });
  assert.ok(created.ok);
  return created.value;
}

/** The check as it is made in the cloud. */
const inCloud = ({ ports }: World): Runtime['authenticate'] =>
  createAuthenticator(ports, { demandsKeys: true, keptMs: KEY_KEPT_MS });

describe('in the cloud', () => {
  test('nobody comes in without a key, also while there is none', async (t) => {
    const world = createWorld(t);

    assert.equal(await inCloud(world)(null), null);
    assert.equal(await inCloud(world)('rw_a_b'), null);
  });

  test('what is mistyped or made up costs no read of the store', async (t) => {
    const world = createWorld(t);
    const { text } = await newKey(world);
    const authenticate = inCloud(world);
    const { reads } = world.used;

    for (const token of [null, '', 'x', text.slice(0, -1), `${text}0`, text.replace(/^rw/, 'RW')]) {
      assert.equal(await authenticate(token), null);
    }
    for (let at = 0; at < text.length; at++) {
      const other = text[at] === '7' ? '8' : '7';
      assert.equal(await authenticate(text.slice(0, at) + other + text.slice(at + 1)), null);
    }

    assert.equal(world.used.reads, reads);
  });

  test('a key is read once a minute, however often it is used', async (t) => {
    const world = createWorld(t);
    const { key, text } = await newKey(world, ['work', 'groups:read']);
    const authenticate = inCloud(world);
    const { reads } = world.used;

    for (let call = 0; call < 60; call++) {
      const principal = await authenticate(text);
      const scopes = new Set(['groups:read', 'work']);
      assert.deepEqual(principal, { kind: 'team', scopes, key: key.id });
      world.now += 1_000;
    }
    assert.equal(world.used.reads, reads + 1);
    await authenticate(text);
    assert.equal(world.used.reads, reads + 2);
  });

  test('a revoked key opens nothing after 60 seconds, wherever it was used before', async (t) => {
    const world = createWorld(t);
    const { key, text } = await newKey(world);
    const [here, there] = [inCloud(world), inCloud(world)];
    await here(text);

    assert.ok((await revokeKey(world.ports, key.id)).ok);

    assert.equal(await there(text), null);
    world.now += KEY_KEPT_MS;
    assert.equal(await here(text), null);
    assert.ok(KEY_KEPT_MS <= 60_000);
  });

  test('a clock that was set back makes no revoked key last longer', async (t) => {
    const world = createWorld(t);
    const { key, text } = await newKey(world);
    const authenticate = inCloud(world);
    await authenticate(text);
    await revokeKey(world.ports, key.id);

    world.now -= DAY_MS;

    assert.equal(await authenticate(text), null);
  });

  test('a key expires in time, also where it was read before', async (t) => {
    const world = createWorld(t);
    const { text } = await newKey(world, ['work'], START + 10_000);
    const authenticate = inCloud(world);
    assert.notEqual(await authenticate(text), null);

    world.now = START + 9_999;
    assert.notEqual(await authenticate(text), null);
    world.now = START + 10_000;
    assert.equal(await authenticate(text), null);
  });

  test('the id of a live key with another secret opens nothing, and costs no second read', async (t) => {
    const world = createWorld(t);
    const { key, text } = await newKey(world);
    const authenticate = inCloud(world);
    await authenticate(text);
    const { reads } = world.used;

    for (const digit of '0123456789abcdef') {
      const guess = writeKey({ id: key.id, secret: digit.repeat(64) });
      assert.equal(await authenticate(guess), null);
    }

    assert.equal(world.used.reads, reads);
  });

  test("a lease's token is passed on as such, unread", async (t) => {
    const world = createWorld(t);

    assert.deepEqual(await inCloud(world)('lse_1_x'), { kind: 'experiment', token: 'lse_1_x' });
    assert.equal(world.used.reads, 0);
  });
});

describe('the last use of a key', () => {
  const daysOf = async ({ ports }: World): Promise<readonly (string | null)[]> =>
    (await listKeys(ports, { limit: 10, after: null })).keys.map((key) => key.lastUsedOn);

  test('is noted by day: one write a day', async (t) => {
    const world = createWorld(t);
    const { text } = await newKey(world);
    const authenticate = inCloud(world);
    assert.deepEqual(await daysOf(world), [null]);
    const { writes } = world.used;

    for (let minute = 0; minute < 30; minute++) {
      await authenticate(text);
      world.now += 60_000;
    }
    assert.deepEqual(await daysOf(world), ['2026-01-31']);
    assert.equal(world.used.writes, writes + 1);

    world.now += DAY_MS;
    await authenticate(text);
    assert.deepEqual(await daysOf(world), ['2026-02-01']);
  });

  test('is not noted for a wrong secret', async (t) => {
    const world = createWorld(t);
    const { key } = await newKey(world);

    await inCloud(world)(writeKey({ id: key.id, secret: '0'.repeat(64) }));

    assert.deepEqual(await daysOf(world), [null]);
  });

  test('that cannot be noted refuses nobody', async (t) => {
    const world = createWorld(t);
    const { text } = await newKey(world);

    world.isFull = true;

    assert.notEqual(await inCloud(world)(text), null);
  });
});

describe('where no key is demanded', () => {
  const onLaptop = ({ ports }: World): Runtime['authenticate'] =>
    createAuthenticator(ports, { demandsKeys: false, keptMs: 0 });

  test('everybody may do everything until there is a key', async (t) => {
    const world = createWorld(t);

    const anybody = await onLaptop(world)(null);
    assert.ok(anybody?.kind === 'team' && anybody.scopes.has('admin'));
    await newKey(world);

    assert.equal(await onLaptop(world)(null), null);
    assert.equal(await onLaptop(world)('rw_a_b'), null);
  });

  test('a revoked key opens nothing at once', async (t) => {
    const world = createWorld(t);
    await newKey(world);
    const { key, text } = await newKey(world);
    const authenticate = onLaptop(world);
    assert.notEqual(await authenticate(text), null);

    await revokeKey(world.ports, key.id);

    assert.equal(await authenticate(text), null);
  });
});

describe('the keys of a team', () => {
  test(`are at most ${LIMITS.apiKeys}; a revoked one makes room`, async (t) => {
    const world = createWorld(t);
    const keys: CreatedKey[] = [];
    for (let n = 0; n < LIMITS.apiKeys; n++) keys.push(await newKey(world));
    const request = { name: null, scopes: ['work'], expiresAt: null } as const;

    const refused = await createKey(world.ports, world.call(), request);
    assert.ok(!refused.ok);
    assert.equal(refused.fault.code, 'too_many_keys');

    await revokeKey(world.ports, keys[0]?.key.id ?? '');
    assert.ok((await createKey(world.ports, world.call(), request)).ok);
  });

  test('get a new secret where the same call is done again: nobody has the old one', async (t) => {
    const world = createWorld(t);
    const call = world.call();
    const request = { name: null, scopes: ['work'], expiresAt: null } as const;

    const first = await createKey(world.ports, call, request);
    const again = await createKey(world.ports, call, request);

    assert.ok(first.ok && again.ok);
    assert.equal(again.value.key.id, first.value.key.id);
    assert.notEqual(readKey(again.value.text)?.secret, readKey(first.value.text)?.secret);
    assert.equal(await inCloud(world)(first.value.text), null);
    assert.notEqual(await inCloud(world)(again.value.text), null);
  });

  test('are live until the last one expires', async (t) => {
    const world = createWorld(t);
    assert.equal(await hasLiveKeys(world.ports), false);
    await newKey(world, ['work'], START + 1_000);

    assert.equal(await hasLiveKeys(world.ports), true);
    world.now = START + 1_000;
    assert.equal(await hasLiveKeys(world.ports), false);
  });
});
