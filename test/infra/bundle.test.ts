import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { bundleFunction } from '../../infra/bundle.ts';
import { FUNCTION_NAMES } from '../../infra/functions.ts';
import { writeKey } from '../../lib/domain/api-key.ts';
import { dynoxideMissing, startDynoxide } from '../helpers/dynoxide.ts';

/** What a cold start reads: whoever adds a package sees here what it costs. */
const KILOBYTES_MAX = 465;

const fileOf = (folder: string): string =>
  JSON.stringify(pathToFileURL(join(folder, 'index.mjs')).href);

/** Loads the bundle in a process of its own, away from the project's packages, and says what it exports. */
const load = (folder: string): string =>
  execFileSync(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `console.log(typeof (await import(${fileOf(folder)})).handler)`,
    ],
    { cwd: folder, env: {}, encoding: 'utf8' },
  ).trim();

/** Calls the bundle as Lambda does, in a process that has nothing but this environment; returns the answer's status. */
async function call(folder: string, event: object, env: NodeJS.ProcessEnv): Promise<string> {
  const script = `
    const { handler } = await import(${fileOf(folder)});
    const { statusCode } = await handler(${JSON.stringify(event)}, { getRemainingTimeInMillis: () => 15_000 });
    process.stderr.write(String(statusCode), () => process.exit(0));`;
  const args = ['--input-type=module', '--eval', script];
  const { stderr } = await promisify(execFile)(process.execPath, args, { cwd: folder, env });
  return stderr;
}

describe('the bundle', () => {
  for (const name of FUNCTION_NAMES) {
    test(`of ${name} loads without any package beside it`, (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'rungwise-bundle-'));
      t.after(() => rmSync(folder, { recursive: true }));

      const { cold, total } = bundleFunction(name, folder);

      const files = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name: file }) => statSync(join(parentPath, file)).size);
      assert.equal(
        files.reduce((bytes, size) => bytes + size, 0),
        total,
      );
      const kilobytes = cold / 1024;
      t.diagnostic(`${Math.round(kilobytes)} KB of ${Math.round(total / 1024)} KB`);
      assert.ok(kilobytes <= KILOBYTES_MAX, `${kilobytes} KB`);
      assert.equal(load(folder), 'function');
    });
  }

  test('asks the table with the credentials of its environment', async (t) => {
    if (dynoxideMissing !== null) {
      t.skip(dynoxideMissing);
      return;
    }
    const folder = mkdtempSync(join(tmpdir(), 'rungwise-bundle-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const server = await startDynoxide();
    t.after(server.stop);
    bundleFunction('read', folder);
    const key = writeKey({ id: `key_${'0'.repeat(26)}`, secret: '0'.repeat(64) });

    const status = await call(
      folder,
      {
        version: '2.0',
        routeKey: 'GET /v1/groups',
        rawPath: '/v1/groups',
        headers: { authorization: `Bearer ${key}` },
        requestContext: { requestId: 'r', http: { method: 'GET', path: '/v1/groups' } },
        isBase64Encoded: false,
      },
      {
        RUNGWISE_TABLE: await server.createTable(),
        RUNGWISE_DYNAMODB_ENDPOINT: server.endpoint,
        AWS_REGION: 'eu-central-1',
        AWS_ACCESS_KEY_ID: 'id',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_SESSION_TOKEN: 'token',
      },
    );

    // The key has a checksum that holds, so that only the table could say that there is none of this id.
    assert.equal(status, '401');
  });
});
