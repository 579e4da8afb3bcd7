import type { ApiKey } from '../domain/api-key.ts';
import { isLive, readKey, SCOPES } from '../domain/api-key.ts';
import type { KeyPorts } from '../service/api-keys.ts';
import { findKey, hasKeys, noteUse, provesKey } from '../service/api-keys.ts';
import { LEASE_PREFIX } from '../service/lease.ts';
import { StoreUnavailable } from '../store/store.ts';
import type { Principal, Runtime } from './runtime.ts';

/** How long a key that was read may be taken as it was, ms: so long may a revoked one still open something. */
export const KEY_KEPT_MS = 60_000;
/** Keys kept in memory; more than a team has, so that dropping all of them at once is rare. */
const KEYS_KEPT = 1_000;

/** Who calls where no key is needed. */
const ANYBODY: Principal = { kind: 'team', scopes: new Set(SCOPES), key: null };

/** How strictly callers are asked who they are. */
export interface Strictness {
  /** True where nobody comes in without a key; else that holds from the first key on. */
  readonly demandsKeys: boolean;
  /** How long a key that was read is taken as it was, ms. */
  readonly keptMs: number;
}

interface Kept {
  readonly key: ApiKey;
  readonly readAt: number;
}

/**
 * Returns the check of bearer tokens: leases' tokens as such, keys by their hash. What is no key by its form or its
 * checksum costs no read of a key.
 */
export function createAuthenticator(
  ports: KeyPorts,
  { demandsKeys, keptMs }: Strictness,
): Runtime['authenticate'] {
  const kept = new Map<string, Kept>();

  const keptKey = (id: string, at: number): ApiKey | null => {
    const known = kept.get(id);
    // A clock that was set back must not make a key last longer.
    const isFresh = known !== undefined && known.readAt <= at && at < known.readAt + keptMs;
    return isFresh ? known.key : null;
  };

  async function holderOf(token: string): Promise<Principal | null> {
    const sent = readKey(token);
    if (sent === null) return null;
    const at = ports.now();
    const known = keptKey(sent.id, at);
    const item = known === null ? await findKey(ports, sent.id) : null;
    const key = known ?? item?.body ?? null;
    if (key === null) kept.delete(sent.id);
    if (key === null || !provesKey(key, sent) || !isLive(key, at)) return null;
    if (item !== null) {
      if (kept.size >= KEYS_KEPT) kept.clear();
      kept.set(key.id, { key, readAt: at });
      await noteUse(ports, item).catch((error: unknown) => {
        // The call itself may need no write: a note that can be made with the next one must not refuse it.
        if (!(error instanceof StoreUnavailable)) throw error;
      });
    }
    return { kind: 'team', scopes: new Set(key.scopes), key: key.id };
  }

  return async (token) => {
    if (token?.startsWith(LEASE_PREFIX) === true) return { kind: 'experiment', token };
    const holder = token === null ? null : await holderOf(token);
    if (holder !== null || demandsKeys) return holder;
    return (await hasKeys(ports)) ? null : ANYBODY;
  };
}
