import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/*
 * Secrets at rest. They have to be readable, because they sign, so they are encrypted rather than hashed:
 *
 *   v1.KEY.base64url(nonce 12 bytes | ciphertext | tag 16 bytes)
 *
 * AES-256-GCM, with the version, the key's name and whose secret it is as associated data: what is copied into another
 * webhook's item, or given another key's name, is not readable there.
 */

/** Whose secret it is. */
export interface SecretOwner {
  readonly team: string;
  /** `whk_…` */
  readonly webhook: string;
}

/** Keeps secrets. Both are asynchronous because the key may live elsewhere. */
export interface SecretBox {
  readonly encrypt: (secret: string, owner: SecretOwner) => Promise<string>;
  /** Throws `SecretUnreadable`. */
  readonly decrypt: (sealed: string, owner: SecretOwner) => Promise<string>;
}

/** What was stored cannot be read: its key is not there, it is another webhook's, or it was changed. */
export class SecretUnreadable extends Error {
  override readonly name = 'SecretUnreadable';
}

/** A key of the box. */
export interface BoxKey {
  /** Stands in what it encrypts: 1 to 32 letters, digits, `-` and `_`. */
  readonly name: string;
  /** 32 bytes. */
  readonly bytes: Uint8Array;
}

const VERSION = 'v1';
const CIPHER = 'aes-256-gcm';
export const KEY_BYTES = 32;
export const KEY_NAME = /^[A-Za-z0-9_-]{1,32}$/;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const associatedData = (key: string, { team, webhook }: SecretOwner): Buffer =>
  Buffer.from(JSON.stringify([VERSION, key, team, webhook]));

/**
 * Keeps secrets under keys of this process: the first one encrypts, any of them decrypts. To rotate, put a new key in
 * front, and take the old one away once nothing stored has its name.
 *
 * *Asserts* at least one key, names that differ, and 32 bytes each.
 */
export function createSecretBox(keys: readonly BoxKey[]): SecretBox {
  const [current] = keys;
  const byName = new Map(keys.map(({ name, bytes }) => [name, bytes]));
  const isSound = keys.every(
    ({ name, bytes }) => KEY_NAME.test(name) && bytes.length === KEY_BYTES,
  );
  if (current === undefined || !isSound || byName.size !== keys.length) {
    throw new Error(`a secret box needs keys of ${KEY_BYTES} bytes, each with a name of its own`);
  }

  return {
    async encrypt(secret, owner) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, current.bytes, nonce);
      cipher.setAAD(associatedData(current.name, owner));
      const parts = [nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()];
      return [VERSION, current.name, Buffer.concat(parts).toString('base64url')].join('.');
    },

    async decrypt(sealed, owner) {
      const [version, name = '', text = '', ...more] = sealed.split('.');
      const bytes = byName.get(name);
      if (version !== VERSION || more.length > 0) {
        throw new SecretUnreadable('the secret is not in a form that this version can read');
      }
      if (bytes === undefined) {
        throw new SecretUnreadable(
          `the secret is encrypted with the key ${name}, which is not there`,
        );
      }
      const packed = Buffer.from(text, 'base64url');
      try {
        const decipher = createDecipheriv(CIPHER, bytes, packed.subarray(0, NONCE_BYTES), {
          authTagLength: TAG_BYTES,
        });
        decipher.setAAD(associatedData(name, owner));
        decipher.setAuthTag(packed.subarray(-TAG_BYTES));
        const plain = decipher.update(packed.subarray(NONCE_BYTES, -TAG_BYTES));
        return Buffer.concat([plain, decipher.final()]).toString('utf8');
      } catch (error) {
        throw new SecretUnreadable(
          `the secret of ${owner.webhook} was changed, or it is not this webhook's, or not of this key ${name}`,
          { cause: error },
        );
      }
    },
  };
}
