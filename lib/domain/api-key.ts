/*
 * Keys of the team. As a caller sends one it is `rw_ID_SECRET`: the id by which it is looked up, then 256 random bits and
 * a checksum over all before it, both in hex.
 */

/** What a key can allow. Each stands for itself: `admin` opens keys and webhooks, not the groups. */
export const SCOPES = ['groups:read', 'groups:write', 'work', 'admin'] as const;

export type Scope = (typeof SCOPES)[number];

/** A key as it is stored: all but its secret. */
export interface ApiKey {
  /** `key_` and 26 characters that sort by time. */
  readonly id: string;
  readonly name: string | null;
  readonly scopes: readonly Scope[];
  /** SHA-256 of the secret, in hex. */
  readonly hash: string;
  /** Milliseconds since the epoch, as all times here. */
  readonly createdAt: number;
  /** From when on it opens nothing any more; null where it holds until it is revoked. */
  readonly expiresAt: number | null;
  /** Day of the last use in UTC, such as `2026-01-31`; null before the first. */
  readonly lastUsedOn: string | null;
}

/** The parts of a key that its holder sends. */
export interface KeyText {
  readonly id: string;
  /** 64 lower-case hex digits. */
  readonly secret: string;
}

const PREFIX = 'rw_';
const ID_PREFIX = 'key_';
const KEY_ID = /^key_[0-9a-hjkmnp-tv-z]{26}$/;
const KEY_TEXT = /^rw_([0-9a-hjkmnp-tv-z]{26})_([0-9a-f]{64})([0-9a-f]{8})$/;

/** The reversed polynomial of CRC-32 (ISO 3309). */
const POLYNOMIAL = 0xedb88320;

/**
 * CRC-32 of ASCII text as eight hex digits. It is no secret and proves nothing: it finds every slip of one character
 * and every two neighbours that changed places, so that what was mistyped is known as such before anything is read.
 */
function checksum(text: string): string {
  let crc = 0xffffffff;
  for (let i = 0; i < text.length; i++) {
    crc ^= text.charCodeAt(i);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
  }
  return ((crc ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0');
}

/** Returns a key as its holder sends it. */
export function writeKey({ id, secret }: KeyText): string {
  const text = `${PREFIX}${id.slice(ID_PREFIX.length)}_${secret}`;
  return text + checksum(text);
}

/** Returns the parts of a key, or null where the text is none: mistyped, cut off, or something else. */
export function readKey(text: string): KeyText | null {
  const [, id, secret, sum] = KEY_TEXT.exec(text) ?? [];
  if (id === undefined || secret === undefined || sum === undefined) return null;
  if (checksum(text.slice(0, -sum.length)) !== sum) return null;
  return { id: ID_PREFIX + id, secret };
}

/** True for text that could be a key's id. */
export const isKeyId = (text: string): boolean => KEY_ID.test(text);

/** True while a key opens anything, at a time in ms. */
export const isLive = ({ expiresAt }: Pick<ApiKey, 'expiresAt'>, at: number): boolean =>
  expiresAt === null || at < expiresAt;
