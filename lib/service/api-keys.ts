import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ApiKey, KeyText, Scope } from '../domain/api-key.ts';
import { isKeyId, isLive, writeKey } from '../domain/api-key.ts';
import type { Fault } from '../domain/faults.ts';
import { fault } from '../domain/faults.ts';
import { LIMITS } from '../domain/limits.ts';
import type { Result } from '../domain/result.ts';
import { err, ok } from '../domain/result.ts';
import { apiKeyKey, END } from '../store/keys.ts';
import type { Item } from '../store/store.ts';
import { keyId } from './ids.ts';
import type { Call, Ports } from './ports.ts';

const SECRET_BYTES = 32;
const START_OF_KEYS = 'key_';
const DATE_CHARACTERS = '2026-01-31'.length;

/** What keys need of the world. */
export type KeyPorts = Pick<Ports, 'store' | 'now'>;

/**
 * What is stored of a secret. It has 256 random bits: nobody can go through them, so there is nothing that a slow hash
 * or a salt, which protect what people think up, would add; and every call has to compute this one.
 */
const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** What a new key is to be. */
export interface KeyRequest {
  readonly name: string | null;
  readonly scopes: readonly Scope[];
  /** Milliseconds since the epoch; null for a key that holds until it is revoked. */
  readonly expiresAt: number | null;
}

/** A key that was just made. */
export interface CreatedKey {
  readonly key: ApiKey;
  /** The key as its holder sends it; it is kept nowhere. */
  readonly text: string;
}

const listed = (
  { store }: KeyPorts,
  page: { readonly after: string | null; readonly limit: number },
): Promise<readonly Item<ApiKey>[]> =>
  store.list(apiKeyKey(START_OF_KEYS), {
    from: START_OF_KEYS,
    to: page.after ?? START_OF_KEYS + END,
    limit: page.limit,
    reverse: true,
  });

/**
 * Creates a key. The same call again, after a crash, makes the same key with a new secret: nobody has got the old one.
 *
 * *Faults* `invalid_request`, `too_many_keys`, `in_progress`
 */
export async function createKey(
  ports: KeyPorts,
  call: Call,
  request: KeyRequest,
): Promise<Result<CreatedKey, Fault>> {
  const { name, scopes, expiresAt } = request;
  if (!isLive(request, call.at)) {
    const message = 'It has passed already: a key that expires must do so in the future.';
    const errors = [{ path: 'expires_at', message }];
    return err(fault('invalid_request', `expires_at: ${message}`, { errors }));
  }
  const id = keyId(call);
  const keys = await listed(ports, { after: null, limit: LIMITS.apiKeys });
  const unfinished = keys.find(({ sk }) => sk === id);
  if (unfinished === undefined && keys.length === LIMITS.apiKeys) {
    const detail = `There are ${LIMITS.apiKeys} keys, which is the limit.`;
    return err(fault('too_many_keys', detail));
  }
  const secret = randomBytes(SECRET_BYTES).toString('hex');
  const key: ApiKey = {
    id,
    name,
    scopes,
    hash: hashOf(secret).toString('hex'),
    createdAt: call.at,
    expiresAt,
    lastUsedOn: null,
  };
  const expect = unfinished?.rev ?? 0;
  const outcome = await ports.store.put({ key: apiKeyKey(id), body: key, expect });
  if (outcome.kind === 'stored') return ok({ key, text: writeKey({ id, secret }) });
  const detail = 'The same request is being worked on by somebody else.';
  return err(fault('in_progress', detail, { retryAfterSeconds: 1 }));
}

/** Keys newest first, expired ones among them; `after` is the id of the last one seen. */
export async function listKeys(
  ports: KeyPorts,
  page: { readonly limit: number; readonly after: string | null },
): Promise<{ readonly keys: readonly ApiKey[]; readonly next: string | null }> {
  const { after, limit } = page;
  // One for the last one seen, one to know whether there are more.
  const items = await listed(ports, { after, limit: limit + 2 });
  const rest = items.filter(({ sk }) => sk !== after).map(({ body }) => body);
  const keys = rest.slice(0, limit);
  return { keys, next: rest.length > limit ? (keys.at(-1)?.id ?? null) : null };
}

/**
 * Revokes a key: its item is removed. Whoever has verified the key lately may go on to accept it for up to 60 seconds.
 *
 * *Faults* `key_not_found`
 */
export async function revokeKey({ store }: KeyPorts, id: string): Promise<Result<null, Fault>> {
  const item = isKeyId(id) ? await store.get(apiKeyKey(id)) : null;
  if (item === null) {
    // What was sent may be the key itself, which no answer repeats.
    const shown = isKeyId(id) ? `"${id}"` : 'of this id';
    return err(fault('key_not_found', `There is no key ${shown}; it may have been revoked.`));
  }
  await store.remove(apiKeyKey(id));
  return ok(null);
}

/** True where there is any key; one that has expired counts as well, so that time alone opens nothing. */
export const hasKeys = async (ports: KeyPorts): Promise<boolean> =>
  (await listed(ports, { after: null, limit: 1 })).length > 0;

/** True where somebody could call with a key now. */
export async function hasLiveKeys(ports: KeyPorts): Promise<boolean> {
  const items = await listed(ports, { after: null, limit: LIMITS.apiKeys });
  return items.some(({ body }) => isLive(body, ports.now()));
}

/** The stored key with an id, or null. */
export const findKey = async ({ store }: KeyPorts, id: string): Promise<Item<ApiKey> | null> =>
  store.get(apiKeyKey(id));

/** Tells whether a key's holder has sent its secret; how long that takes says nothing of it. */
export const provesKey = (key: ApiKey, { secret }: KeyText): boolean =>
  timingSafeEqual(hashOf(secret), Buffer.from(key.hash, 'hex'));

/** Notes the day on which a key was used, once a day. A key that was changed or revoked meanwhile is left alone. */
export async function noteUse({ store, now }: KeyPorts, item: Item<ApiKey>): Promise<void> {
  const today = new Date(now()).toISOString().slice(0, DATE_CHARACTERS);
  if (item.body.lastUsedOn === today) return;
  await store.put({
    key: apiKeyKey(item.body.id),
    body: { ...item.body, lastUsedOn: today },
    expect: item.rev,
  });
}
