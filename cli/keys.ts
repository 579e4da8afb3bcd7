import { readFields } from '../lib/contract/fields.ts';
import { keyRequest } from '../lib/contract/requests.ts';
import { createdKeyToWire, keyToWire } from '../lib/contract/wire.ts';
import type { Fault } from '../lib/domain/faults.ts';
import type { Result } from '../lib/domain/result.ts';
import type { KeyPorts } from '../lib/service/api-keys.ts';
import { createKey, listKeys, revokeKey } from '../lib/service/api-keys.ts';
import type { Call } from '../lib/service/ports.ts';
import type { CreatedKey, Key } from './answers.ts';
import type { Service } from './client.ts';
import { expectAnswer } from './client.ts';
import { Failure } from './failure.ts';
import { eachKey, PAGE_ITEMS } from './pages.ts';

/** How long a passing trouble is waited out, ms. */
const PATIENCE_MS = 10_000;

/** Where keys are made and revoked: a service, or the store behind one. Failing, each throws a `Failure`. */
export interface KeyDesk {
  /** Creates a key from the body of the contract's call. */
  create(body: object): Promise<CreatedKey>;
  /** Every key, newest first. */
  list(): Promise<readonly Key[]>;
  revoke(id: string): Promise<void>;
  close(): Promise<void>;
}

/** Keys by way of a service, which asks for a key itself. */
export const deskOfService = (service: Service): KeyDesk => ({
  // Never tried again by itself: if the answer was lost, a repeat could not have the secret.
  create: async (body) => expectAnswer(await service.call('createKey', { body })),
  list: () => Array.fromAsync(eachKey(service)),
  async revoke(keyId) {
    expectAnswer(await service.call('revokeKey', { keyId, patienceMs: PATIENCE_MS }));
  },
  async close() {},
});

function expectDone<T>(result: Result<T, Fault>): T {
  if (result.ok) return result.value;
  const { code, detail, errors = [] } = result.fault;
  throw new Failure(detail, { code, mistakes: errors });
}

/** Keys in a store that this process has opened: whoever may do that needs no key. */
export function deskOfStore({
  ports,
  call,
}: {
  readonly ports: KeyPorts;
  readonly call: () => Call;
}): KeyDesk {
  return {
    async create(body) {
      const { value, mistakes } = readFields(keyRequest(), body, '');
      if (value === null) throw new Failure('the key cannot be made', { mistakes });
      const { name, scopes, expires_at: expiresAt } = value;
      const { key, text } = expectDone(await createKey(ports, call(), { name, scopes, expiresAt }));
      await ports.store.durable();
      return createdKeyToWire(key, text);
    },
    async list() {
      const all: Key[] = [];
      let after: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof listKeys>> = await listKeys(ports, {
          limit: PAGE_ITEMS,
          after,
        });
        all.push(...page.keys.map(keyToWire));
        after = page.next;
      } while (after !== null);
      return all;
    },
    async revoke(id) {
      expectDone(await revokeKey(ports, id));
      await ports.store.durable();
    },
    close: () => ports.store.close(),
  };
}
