import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { KeyFileUnusable, openKeyFile } from '../../../lib/events/webhooks/key-file.ts';
import { createSecretBox } from '../../../lib/events/webhooks/secret-box.ts';
import { temporaryFolder } from '../../cli/helpers.ts';

const OWNER = { team: 'local', webhook: 'whk_1' };
const hasModes = process.platform !== 'win32';

const fileIn = (folder: string): string => join(folder, 'webhook-keys');

function written(t: TestContext, text: string): string {
  const folder = temporaryFolder(t);
  writeFileSync(fileIn(folder), text, { mode: 0o600 });
  return folder;
}

test('the first start makes a key that only its owner may read, later ones find it', async (t) => {
  const folder = join(temporaryFolder(t), 'data');

  const sealed = await createSecretBox(openKeyFile(folder)).encrypt('whsec_x', OWNER);

  assert.deepEqual(readdirSync(folder), ['webhook-keys']);
  if (hasModes) assert.equal(statSync(fileIn(folder)).mode & 0o777, 0o600);
  assert.equal(await createSecretBox(openKeyFile(folder)).decrypt(sealed, OWNER), 'whsec_x');
});

test('a key in front of the others encrypts from then on', async (t) => {
  const folder = temporaryFolder(t);
  const older = await createSecretBox(openKeyFile(folder)).encrypt('whsec_x', OWNER);
  const line = `k2 ${Buffer.alloc(32, 2).toString('base64')}\n`;
  writeFileSync(fileIn(folder), line + readFileSync(fileIn(folder), 'utf8'));

  const box = createSecretBox(openKeyFile(folder));

  assert.equal(await box.decrypt(older, OWNER), 'whsec_x');
  assert.match(await box.encrypt('whsec_x', OWNER), /^v1\.k2\./);
});

test('without a folder every start has a key of its own', () => {
  const [one, two] = [openKeyFile(null), openKeyFile(null)];

  assert.equal(one.length, 1);
  assert.notDeepEqual(one, two);
});

test('a file that others may read is not used', { skip: !hasModes }, (t) => {
  const folder = temporaryFolder(t);
  openKeyFile(folder);
  for (const mode of [0o640, 0o604, 0o620]) {
    chmodSync(fileIn(folder), mode);

    assert.throws(() => openKeyFile(folder), { name: 'KeyFileUnusable', message: /chmod 600/ });
  }
});

for (const [what, text] of [
  ['no key', '\n'],
  ['a key that is too short', 'k1 AAAA\n'],
  ['a name that is none', `k.1 ${Buffer.alloc(32).toString('base64')}\n`],
  ['three words in a line', `k1 ${Buffer.alloc(32).toString('base64')} x\n`],
] as const) {
  test(`a file with ${what} is not used, and left as it is`, (t) => {
    const folder = written(t, text);

    assert.throws(() => openKeyFile(folder), KeyFileUnusable);
    assert.equal(readFileSync(fileIn(folder), 'utf8'), text);
  });
}
