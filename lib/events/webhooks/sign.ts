import { createHmac, randomBytes } from 'node:crypto';

/*
 * The symmetric signatures of Standard Webhooks: HMAC-SHA256 over id, time and body, so that none of them can be changed
 * or sent again later. Source: the specification at standardwebhooks.com, version 1.0.0.
 */

const PREFIX = 'whsec_';
const SCHEME = 'v1';
const NEW_BYTES = 32;
/** The specification's bounds of a secret. */
const BYTES_MIN = 24;
const BYTES_MAX = 64;

/** A new secret as its holder gets it: `whsec_` and 32 random bytes in base64. */
export const createSecret = (): string => PREFIX + randomBytes(NEW_BYTES).toString('base64');

/** Returns the bytes of a secret, or null where the text is none: no prefix, no base64, not 24 to 64 bytes. */
export function readSecret(text: string): Buffer | null {
  if (!text.startsWith(PREFIX)) return null;
  const base64 = text.slice(PREFIX.length);
  const bytes = Buffer.from(base64, 'base64');
  const isRead = bytes.toString('base64') === base64;
  return isRead && bytes.length >= BYTES_MIN && bytes.length <= BYTES_MAX ? bytes : null;
}

/** One delivery, as it is signed. */
export interface Signed {
  /** The same at every attempt, so that the endpoint knows what it has already. It has no dot. */
  readonly id: string;
  /** When this attempt is made, milliseconds since the epoch. */
  readonly at: number;
  /** The bytes that are sent, as UTF-8. */
  readonly body: string;
}

/** The headers that prove a delivery, one signature for each secret. */
export type SignatureHeaders = Readonly<
  Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>
>;

/**
 * Returns the headers that prove a delivery. Whoever holds any of the secrets can verify it.
 *
 * *Asserts* that there is a secret, and that all of them are some.
 */
export function signatureHeaders(
  { id, at, body }: Signed,
  secrets: readonly string[],
): SignatureHeaders {
  const seconds = Math.floor(at / 1_000);
  const signatures = secrets.map((secret) => {
    const key = readSecret(secret);
    if (key === null) throw new Error('a webhook is signed with what is no secret');
    const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`);
    return `${SCHEME},${signature.digest('base64')}`;
  });
  if (signatures.length === 0) throw new Error('a webhook is signed without any secret');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatures.join(' '),
  };
}
