import { randomUUID } from 'node:crypto';
import { LIMITS } from '../domain/limits.ts';
import { LEASE_PREFIX } from '../service/lease.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { createCalls } from './call.ts';
import type { Logger, Principal, Runtime } from './runtime.ts';
import { createLocalSignals } from './signals.ts';

/** Who calls a service on loopback, where no key is needed. */
const ANYBODY: Principal = {
  kind: 'team',
  scopes: new Set(['groups:read', 'groups:write', 'work', 'admin']),
};

export interface Laptop {
  /** Folder of the data; null keeps them in memory. */
  readonly folder: string | null;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * The runtime of a laptop, on the embedded store in `folder` (null: in memory).
 *
 * Throws `DataFolderUnusable` when another process holds the folder.
 */
export const createLocalRuntime = ({ folder, logger, now = Date.now }: Laptop): Runtime => ({
  ports: {
    store: openSqliteStore(folder),
    now,
    signals: createLocalSignals(),
    maxWaitSeconds: LIMITS.waitSecondsLocal,
    definitions: new Map(),
  },
  logger,
  authenticate: async (token) =>
    token?.startsWith(LEASE_PREFIX) === true ? { kind: 'experiment', token } : ANYBODY,
  instance: randomUUID(),
  call: createCalls(now),
});
