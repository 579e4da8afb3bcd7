import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isKeyId, isLive, readKey, writeKey } from '../../lib/domain/api-key.ts';

const ID_CHARACTERS = '0123456789abcdefghjkmnpqrstvwxyz';
const HEX = '0123456789abcdef';

const textOf = (characters: string, length: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom(...characters),
    minLength: length,
    maxLength: length,
  });

const parts = fc
  .tuple(textOf(ID_CHARACTERS, 26), textOf(HEX, 64))
  .map(([id, secret]) => ({ id: `key_${id}`, secret }));

describe('a key as text', () => {
  test('reads as the parts that it was written from', () => {
    fc.assert(
      fc.property(parts, (key) => {
        assert.deepEqual(readKey(writeKey(key)), key);
        assert.ok(isKeyId(key.id));
      }),
    );
  });

  test('with any one character changed is no key', () => {
    const slip = fc.tuple(parts, fc.nat(101), fc.constantFrom(...ID_CHARACTERS, '_', 'A', ' '));
    fc.assert(
      fc.property(slip, ([key, at, character]) => {
        const text = writeKey(key);
        fc.pre(text[at] !== character);

        assert.equal(readKey(text.slice(0, at) + character + text.slice(at + 1)), null);
      }),
      { numRuns: 1_000 },
    );
  });

  test('with two neighbours that changed places is no key', () => {
    fc.assert(
      fc.property(parts, fc.nat(100), (key, at) => {
        const text = writeKey(key);
        const [left = '', right = ''] = text.slice(at, at + 2);
        fc.pre(left !== right);

        assert.equal(readKey(text.slice(0, at) + right + left + text.slice(at + 2)), null);
      }),
      { numRuns: 500 },
    );
  });

  test('that was cut off, or has anything before or after it, is no key', () => {
    fc.assert(
      fc.property(parts, fc.nat(101), (key, length) => {
        const text = writeKey(key);

        assert.equal(readKey(text.slice(0, length)), null);
        for (const more of [`${text}0`, `${text}\n`, ` ${text}`, text.toUpperCase()]) {
          assert.equal(readKey(more), null);
        }
      }),
    );
  });

  test('ends in the CRC-32 of all before it', () => {
    const key = { id: 'key_00000000000000000000000000', secret: '0'.repeat(64) };

    assert.equal(writeKey(key), `rw_00000000000000000000000000_${'0'.repeat(64)}c28ea817`);
  });

  test('is none whatever else the text may be', () => {
    fc.assert(fc.property(fc.string(), (text) => assert.equal(readKey(text), null)));
  });
});

test('a key lives until the moment at which it expires, or for ever', () => {
  assert.equal(isLive({ expiresAt: 1_000 }, 999), true);
  assert.equal(isLive({ expiresAt: 1_000 }, 1_000), false);
  assert.equal(isLive({ expiresAt: null }, Number.MAX_SAFE_INTEGER), true);
});
