import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { BoxKey } from '../../../lib/events/webhooks/secret-box.ts';
import { createSecretBox, SecretUnreadable } from '../../../lib/events/webhooks/secret-box.ts';

const key = (name: string): BoxKey => ({ name, bytes: randomBytes(32) });
const OWNER = { team: 'vision', webhook: 'whk_1' };
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

describe('a secret in its box', () => {
  const k1 = key('k1');
  const box = createSecretBox([k1]);

  test('comes out as it went in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.string(), async (secret, webhook) => {
        const owner = { team: 'vision', webhook };

        assert.equal(await box.decrypt(await box.encrypt(secret, owner), owner), secret);
      }),
    );
  });

  test('tells version and key, and looks different every time', async () => {
    const [one, two] = [await box.encrypt(SECRET, OWNER), await box.encrypt(SECRET, OWNER)];

    assert.match(one, /^v1\.k1\.[A-Za-z0-9_-]+$/);
    assert.notEqual(one, two);
    assert.ok(!Buffer.from(one.slice('v1.k1.'.length), 'base64url').includes(SECRET));
  });

  for (const owner of [
    { team: 'speech', webhook: 'whk_1' },
    { team: 'vision', webhook: 'whk_2' },
    { team: 'vision","whk_1', webhook: '' },
  ]) {
    test(`is not readable as one of ${JSON.stringify(owner)}`, async () => {
      const sealed = await box.encrypt(SECRET, OWNER);

      await assert.rejects(box.decrypt(sealed, owner), SecretUnreadable);
    });
  }

  test('is not readable once any character of it was changed or cut off', async () => {
    const sealed = await box.encrypt(SECRET, OWNER);
    const start = 'v1.k1.'.length;
    // The last character carries two bits that are none of the bytes'.
    for (let at = start; at < sealed.length - 1; at++) {
      const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
      await assert.rejects(box.decrypt(changed, OWNER), SecretUnreadable);
    }
    for (let length = 0; length < sealed.length; length++) {
      await assert.rejects(box.decrypt(sealed.slice(0, length), OWNER), SecretUnreadable);
    }
  });

  test('is not readable in another version or with something behind it', async () => {
    const sealed = await box.encrypt(SECRET, OWNER);

    await assert.rejects(box.decrypt(sealed.replace('v1', 'v2'), OWNER), /not in a form/);
    await assert.rejects(box.decrypt(`${sealed}.x`, OWNER), /not in a form/);
  });

  test('survives a rotation of the keys until its own is taken away', async () => {
    const k2 = key('k2');
    const sealed = await box.encrypt(SECRET, OWNER);
    const both = createSecretBox([k2, k1]);

    assert.equal(await both.decrypt(sealed, OWNER), SECRET);
    const again = await both.encrypt(SECRET, OWNER);
    assert.match(again, /^v1\.k2\./);
    assert.equal(await createSecretBox([k2]).decrypt(again, OWNER), SECRET);
    await assert.rejects(
      createSecretBox([k2]).decrypt(sealed, OWNER),
      /the key k1, which is not there/,
    );
  });

  test('is not readable with another key of the same name', async () => {
    const sealed = await box.encrypt(SECRET, OWNER);

    await assert.rejects(createSecretBox([key('k1')]).decrypt(sealed, OWNER), SecretUnreadable);
    await assert.rejects(
      createSecretBox([{ ...k1, name: 'k9' }]).decrypt(sealed.replace('k1', 'k9'), OWNER),
      SecretUnreadable,
    );
  });
});

test('a box takes keys of 32 bytes only, each with a name of its own', () => {
  const short = { name: 'k1', bytes: randomBytes(31) };
  for (const keys of [[], [short], [key('')], [key('a.b')], [key('k1'), key('k1')]]) {
    assert.throws(() => createSecretBox(keys), /a name of its own/);
  }
});
