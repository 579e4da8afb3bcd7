import type { Laptop, LocalRuntime } from '../lib/runtime/local.ts';
import { createLocalRuntime } from '../lib/runtime/local.ts';
import type { Runtime } from '../lib/runtime/runtime.ts';
import { hasLiveKeys } from '../lib/service/api-keys.ts';
import type { Undelivered } from '../lib/service/webhooks/undelivered.ts';
import { undelivered } from '../lib/service/webhooks/undelivered.ts';
import { forgetAddress, writeAddress } from './address.ts';
import { Failure, reasonOf, systemCode } from './failure.ts';
import type { LocalServer } from './local-server.ts';
import { isLoopback, startLocalServer } from './local-server.ts';
import { say } from './show/screen.ts';

/** The data folder is held by another process, or cannot be used. */
export class FolderUnusable extends Failure {
  /** True where another process holds it: it may serve it, or be about to. */
  readonly isHeld: boolean;

  constructor(message: string, isHeld: boolean) {
    super(message);
    this.isHeld = isHeld;
  }
}

const shown = (more: Readonly<Record<string, unknown>>): string => {
  const { error, ...rest } = more;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error ?? '');
  return `${JSON.stringify(rest)} ${text}`.trim();
};

/** Troubles of the service go to standard error; a line for each request would bury them. */
const logger: Runtime['logger'] = {
  error: (message, more) => console.error(`rungwise: ${message} ${shown(more)}`),
  warn: (message, more) => console.error(`rungwise: ${message} ${shown(more)}`),
  info: () => {},
};

/**
 * Opens a data folder for this process alone.
 *
 * Throws `FolderUnusable` where that cannot be.
 */
export function openFolder(
  folder: string,
  {
    demandsKeys,
    allowPrivateWebhooks = false,
  }: Pick<Laptop, 'demandsKeys' | 'allowPrivateWebhooks'> = {},
): LocalRuntime {
  try {
    return createLocalRuntime({
      folder,
      logger,
      demandsKeys: demandsKeys ?? false,
      allowPrivateWebhooks,
    });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name === 'DataFolderUnusable') {
      const isHeld = error.message.startsWith('another rungwise process');
      throw new FolderUnusable(`${error.message}.`, isHeld);
    }
    if (systemCode(error) === null) throw error;
    throw new FolderUnusable(
      `the data folder ${folder} cannot be used (${reasonOf(error)}): choose another one with --data.`,
      false,
    );
  }
}

const ALLOW_PRIVATE = 'RUNGWISE_ALLOW_PRIVATE_WEBHOOKS';
const PRIVATE_WARNING =
  'WARNING: webhooks may go to http and to private addresses. Whoever may create one reaches what this machine reaches.';

const REFUSALS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process uses it; choose another one with --port',
  EACCES: 'this user may not use it; choose one above 1023 with --port',
  EADDRNOTAVAIL: 'this machine has no such address; leave out --host',
  ENOTFOUND: 'this machine knows no such name; leave out --host',
};

/** A data folder that this process serves. */
export interface ServedFolder extends LocalServer {
  /** What webhooks have yet to be told. */
  readonly undelivered: () => Promise<Undelivered>;
}

/**
 * Serves a data folder on this machine. Port 0 takes a free one.
 *
 * Throws a `Failure` where the folder or the address cannot be had, and where other machines could call without a key.
 */
export async function serveFolder(options: {
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  readonly allowPrivateWebhooks?: boolean | undefined;
  /** False where nothing is sent to webhooks; it is left for the next time. */
  readonly sends?: boolean;
}): Promise<ServedFolder> {
  const { folder, host, port, sends = true } = options;
  const demandsKeys = !isLoopback(host);
  const allowPrivateWebhooks =
    options.allowPrivateWebhooks === true || process.env[ALLOW_PRIVATE] === '1';
  const runtime = openFolder(folder, { demandsKeys, allowPrivateWebhooks });
  if (allowPrivateWebhooks && sends) say(PRIVATE_WARNING);
  try {
    if (demandsKeys && !(await hasLiveKeys(runtime.ports))) {
      throw new Failure(
        `${host} can be reached from other machines, which demands a key, and ${folder} has none that is valid: make one with "rungwise keys create --data ${folder}", or leave out --host.`,
        { code: 'no_key' },
      );
    }
    const server = await startLocalServer({ runtime, host, port, sends });
    writeAddress(folder, server.url);
    return {
      url: server.url,
      undelivered: () => undelivered(runtime.ports.store, runtime.ports.now()),
      async close() {
        forgetAddress(folder);
        await server.close();
      },
    };
  } catch (error) {
    await runtime.ports.store.close();
    if (error instanceof Failure) throw error;
    const code = systemCode(error);
    if (code === null) throw error;
    const why = REFUSALS[code] ?? reasonOf(error);
    throw new Failure(`${host} port ${port} cannot be served: ${why}.`);
  }
}
