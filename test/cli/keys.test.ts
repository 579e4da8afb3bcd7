import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { createCalls } from '../../lib/runtime/call.ts';
import { createKey, listKeys } from '../../lib/service/api-keys.ts';
import { createDynamoDbStore } from '../../lib/store/dynamodb.ts';
import { openSqliteStore } from '../../lib/store/sqlite.ts';
import { dynoxideMissing, startDynoxide } from '../helpers/dynoxide.ts';
import type { Ended } from './helpers.ts';
import {
  documentOf,
  planned,
  runCli,
  serve,
  temporaryFolder,
  training,
  writeDocument,
} from './helpers.ts';

const KEY = /^rw_[0-9a-hjkmnp-tv-z]{26}_[0-9a-f]{72}$/;

const idOf = (key: string): string => `key_${key.split('_')[1]}`;

/** The command line in a folder of its own, where `data` is the data folder. */
function commandLine(t: TestContext): {
  readonly folder: string;
  readonly cli: (...args: string[]) => Promise<Ended>;
} {
  const folder = temporaryFolder(t);
  return { folder, cli: (...args) => runCli(t, folder, args) };
}

/** Makes a key, which is all that the command prints on standard output. */
async function createdBy(creating: Promise<Ended>): Promise<string> {
  const { code, stdout, stderr } = await creating;
  assert.equal(code, 0, stderr);
  assert.match(stdout, KEY);
  return stdout;
}

describe('keys on a data folder that nobody serves', () => {
  test('are created, listed and revoked without a key', async (t) => {
    const { cli } = commandLine(t);
    const at = ['--data', 'data'] as const;

    const key = await createdBy(
      cli(
        'keys',
        'create',
        ...at,
        '--name',
        'trainer',
        '--scopes',
        'work, groups:read',
        '--expires',
        '90d',
      ),
    );
    const listed = await cli('keys', 'list', ...at);
    const json = await cli('keys', 'list', ...at, '--json');
    const revoked = await cli('keys', 'revoke', key, ...at);

    assert.match(listed.stdout, /^key +scopes +created +expires +last used +name$/m);
    assert.match(
      listed.stdout,
      new RegExp(
        `^${idOf(key)} +groups:read,work +\\d{4}-\\S+ \\S+ +\\d{4}-\\S+ \\S+ +never +trainer$`,
        'm',
      ),
    );
    const shown: unknown = JSON.parse(json.stdout);
    assert.ok(typeof shown === 'object' && shown !== null && 'id' in shown);
    assert.equal(shown.id, idOf(key));
    for (const { stdout, stderr } of [listed, json, revoked]) {
      assert.ok(!(stdout + stderr).includes(key.slice(40)), 'no secret is shown again');
    }
    assert.equal(revoked.stdout, `${idOf(key)} is revoked`);
    assert.equal((await cli('keys', 'list', ...at)).stdout, 'no key');
  });

  test('are printed as JSON for programs', async (t) => {
    const { cli } = commandLine(t);

    const { stdout } = await cli('keys', 'create', '--data', 'data', '--json');

    const created: unknown = JSON.parse(stdout);
    assert.ok(typeof created === 'object' && created !== null && 'key' in created);
    assert.match(String(created.key), KEY);
  });

  test('make every command on the folder need one', async (t) => {
    const { cli, folder } = commandLine(t);
    const key = await createdBy(cli('keys', 'create', '--data', 'data'));
    const file = writeDocument(folder, documentOf(training('steps', '1', '{{ lr }}'), planned(2)));

    const without = await cli('run', file, '--data', 'data');
    const withKey = await cli('run', file, '--data', 'data', '--key', key, '--json');
    const groups = await cli('groups', '--data', 'data');

    assert.equal(without.code, 1);
    assert.match(without.stderr, /without a key.*--key KEY, or from RUNGWISE_KEY\.$/m);
    assert.equal(withKey.code, 0, withKey.stderr);
    assert.ok(!(withKey.stdout + withKey.stderr).includes(key));
    assert.match(groups.stderr, /without a key/);
  });

  test('with mistakes are refused before anything is stored', async (t) => {
    const { cli } = commandLine(t);

    for (const [args, said] of [
      [['--scopes', 'groups:red'], /scopes\[0\]: It is "groups:red"/],
      [['--scopes', ''], /scopes\[0\]: /],
      [['--expires', 'soon'], /expires_at: It is "soon"/],
      [['--expires', '2020-01-31'], /expires_at: It has passed already/],
      [['--region', 'eu-central-1'], /--region goes with --table/],
    ] as const) {
      const { code, stdout, stderr } = await cli('keys', 'create', '--data', 'data', ...args);
      assert.equal(code, 1);
      assert.equal(stdout, '');
      assert.match(stderr, said);
    }
    const slip = await cli('keys', 'revoke', 'rw_a_b', '--data', 'data');
    assert.match(slip.stderr, /^rungwise: the key is mistyped or cut off/);
    assert.equal((await cli('keys', 'list', '--data', 'data')).stdout, 'no key');
  });
});

describe('keys of a service that runs', () => {
  test('are made without a key while there is none, then with one', async (t) => {
    const { cli, folder } = commandLine(t);
    mkdirSync(join(folder, 'data'));
    await serve(t, folder, ['--data', 'data']);
    const at = ['--data', 'data'] as const;

    const first = await createdBy(cli('keys', 'create', ...at));
    const refused = await cli('keys', 'create', ...at);
    const second = await createdBy(cli('keys', 'create', ...at, '--key', first));
    const revoked = await cli('keys', 'revoke', idOf(first), ...at, '--key', second);

    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /The call came without a key/);
    assert.equal(revoked.code, 0);
    const late = await cli('keys', 'list', ...at, '--key', first);
    assert.match(late.stderr, /not known, has expired or was revoked/);
  });
});

describe('serve on a host that other machines reach', () => {
  test('demands a key that is valid, and says how to make one', async (t) => {
    const { cli } = commandLine(t);

    const { code, stderr } = await cli('serve', '--host', '0.0.0.0', '--data', 'data');

    assert.equal(code, 1);
    assert.match(
      stderr,
      /^rungwise: 0\.0\.0\.0 can be reached from other machines, which demands a key, .*"rungwise keys create --data data"/,
    );
  });

  test('is not satisfied by a key that has expired', async (t) => {
    const { cli, folder } = commandLine(t);
    const store = openSqliteStore(join(folder, 'data'));
    const then = Date.now() - 60_000;
    const request = { name: null, scopes: ['admin'], expiresAt: then + 1_000 } as const;
    const now = (): number => then;
    assert.ok((await createKey({ store, now }, createCalls(now)(), request)).ok);
    await store.durable();
    await store.close();

    const { code, stderr } = await cli('serve', '--host', '0.0.0.0', '--data', 'data');

    assert.equal(code, 1);
    assert.match(stderr, /has none that is valid/);
  });

  test('stays closed when the last key is revoked', async (t) => {
    const { cli, folder } = commandLine(t);
    const key = await createdBy(cli('keys', 'create', '--data', 'data'));
    const { url } = await serve(t, folder, ['--host', '0.0.0.0', '--data', 'data']);
    const server = url.replace('0.0.0.0', '127.0.0.1');

    assert.equal((await cli('groups', '--server', server, '--key', key)).code, 0);
    assert.equal((await cli('keys', 'revoke', key, '--server', server, '--key', key)).code, 0);

    const { code, stderr } = await cli('groups', '--server', server);
    assert.equal(code, 1);
    assert.match(stderr, /without a key/);
  });
});

describe('keys in the table of a deployed service', { skip: dynoxideMissing ?? false }, () => {
  test('are written straight into it, with the credentials of who deploys', async (t) => {
    const { cli } = commandLine(t);
    const server = await startDynoxide();
    t.after(() => server.stop());
    const table = await server.createTable();
    const at = ['--table', table, '--region', 'eu-central-1'] as const;
    const env = {
      AWS_ENDPOINT_URL_DYNAMODB: server.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    };
    Object.assign(process.env, env);
    t.after(() => {
      for (const name of Object.keys(env)) delete process.env[name];
    });

    const key = await createdBy(cli('keys', 'create', ...at));
    const store = createDynamoDbStore(server.client(), table);
    const { keys } = await listKeys({ store, now: Date.now }, { limit: 10, after: null });
    await store.close();
    const listed = await cli('keys', 'list', ...at);
    const none = await cli('keys', 'list', '--table', 'nowhere', '--region', 'eu-central-1');
    const revoked = await cli('keys', 'revoke', idOf(key), ...at);

    assert.deepEqual(
      keys.map(({ id }) => id),
      [idOf(key)],
    );
    assert.ok(!JSON.stringify(keys).includes(key.slice(-72, -8)));
    assert.match(listed.stdout, new RegExp(`^${idOf(key)} `, 'm'));
    assert.equal(none.code, 1);
    assert.match(
      none.stderr,
      /^rungwise: the table nowhere in eu-central-1 cannot be used \(\w+: .*AWS/,
    );
    assert.equal(revoked.code, 0, revoked.stderr);
  });
});
