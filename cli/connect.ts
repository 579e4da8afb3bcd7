import { setTimeout as sleep } from 'node:timers/promises';
import type { Undelivered } from '../lib/service/webhooks/undelivered.ts';
import { addressIn } from './address.ts';
import type { Outages, Service } from './client.ts';
import { createService } from './client.ts';
import { Failure } from './failure.ts';

/** Where a service on this machine is looked for first. */
export const DEFAULT_URL = 'http://127.0.0.1:8080';
export const DEFAULT_FOLDER = '.rungwise';
/** How long a service on this machine may take to say that it is there, ms. */
const HEALTH_MS = 2_000;
/** Looks for the address of the process that holds a folder: it may be starting. */
const ADDRESS_LOOKS = 10;
const ADDRESS_PAUSE_MS = 200;

/** Options by which a command finds its service. */
export interface ServiceOptions {
  readonly server?: string;
  readonly key?: string;
  readonly data?: string;
  /** Where this process serves the folder: its webhooks may go to http and to private addresses. */
  readonly allowPrivateWebhooks?: boolean;
}

/** A service that a command works with. */
export interface Connection {
  readonly service: Service;
  /** True where this process itself serves it: nobody else does once it ends. */
  readonly isEmbedded: boolean;
  /** The data folder of this machine, also where the service is elsewhere. */
  readonly folder: string;
  /** What webhooks have yet to be told; null where another process tells them. */
  readonly undelivered: (() => Promise<Undelivered>) | null;
  close(): Promise<void>;
}

interface Wiring {
  readonly options: ServiceOptions;
  /** Told in one line which service is used. */
  readonly say: (line: string) => void;
  readonly outages?: Outages;
  /** True where this process, if it serves the folder, sends webhooks too: one that only reads leaves that to others. */
  readonly sends?: boolean;
}

function baseOf(server: string): string {
  const url = URL.parse(server);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Failure(`"${server}" is no address of a service: it looks like ${DEFAULT_URL}.`);
  }
  return server.replace(/\/+$/, '');
}

/** The address that the options name, or null. Throws a `Failure` where it is none. */
export const serviceAddress = ({ server }: ServiceOptions): string | null =>
  server === undefined ? null : baseOf(server);

/** The service at an address, called with the key of the options. */
export const serviceAt = ({ options, outages }: Wiring, url: string): Service =>
  createService({ url, key: options.key ?? null, ...(outages === undefined ? {} : { outages }) });

/** Tells whether a service of ours answers at an address. */
async function answers(url: string): Promise<boolean> {
  const health = await createService({ url, key: null }).call('health', { tryMs: HEALTH_MS });
  return health.ok && health.value.status === 'ok';
}

/** The service of the process that serves a data folder, where one does. */
async function holderOf(folder: string): Promise<string | null> {
  const url = addressIn(folder);
  return url !== null && (await answers(url)) ? url : null;
}

function remote(wiring: Wiring, url: string): Connection {
  return {
    service: serviceAt(wiring, url),
    isEmbedded: false,
    folder: wiring.options.data ?? DEFAULT_FOLDER,
    undelivered: null,
    async close() {},
  };
}

/** Serves a data folder in this process, for one command. */
async function embedded(wiring: Wiring, folder: string): Promise<Connection> {
  const { serveFolder } = await import('./embedded.ts');
  const { allowPrivateWebhooks } = wiring.options;
  const { url, undelivered, close } = await serveFolder({
    folder,
    host: '127.0.0.1',
    port: 0,
    allowPrivateWebhooks,
    sends: wiring.sends ?? false,
  });
  wiring.say(`using the data folder ${folder} (${url})`);
  return { service: serviceAt(wiring, url), isEmbedded: true, folder, undelivered, close };
}

/** What a command does with what it finds. */
export interface Ways<R> {
  /** A service answers at the address. */
  readonly through: (url: string) => R;
  /** Nobody serves the folder: it is opened in this process. Throws `FolderUnusable` where somebody else was faster. */
  readonly here: (folder: string) => Promise<R>;
}

async function findFolder<R>(
  { say }: Wiring,
  folder: string,
  { through, here }: Ways<R>,
): Promise<R> {
  for (let looks = 1; ; looks++) {
    const holder = await holderOf(folder);
    if (holder !== null) {
      say(`using ${holder}, which serves ${folder}`);
      return through(holder);
    }
    const { FolderUnusable } = await import('./embedded.ts');
    try {
      return await here(folder);
    } catch (error) {
      const isHeld = error instanceof FolderUnusable && error.isHeld;
      if (!isHeld || looks === ADDRESS_LOOKS) throw error;
      await sleep(ADDRESS_PAUSE_MS);
    }
  }
}

/**
 * Finds the service that the options name; without one the service on this machine's default port, else the data folder:
 * through the process that serves it, or in this process. A folder that was named is looked at first.
 *
 * Throws a `Failure` where there is none to be had.
 */
export async function find<R>(wiring: Wiring, ways: Ways<R>): Promise<R> {
  const { server, data } = wiring.options;
  if (server !== undefined) return ways.through(baseOf(server));
  if (data === undefined && (await answers(DEFAULT_URL))) {
    wiring.say(`using ${DEFAULT_URL}`);
    return ways.through(DEFAULT_URL);
  }
  return findFolder(wiring, data ?? DEFAULT_FOLDER, ways);
}

const connections = (wiring: Wiring): Ways<Connection> => ({
  through: (url) => remote(wiring, url),
  here: (folder) => embedded(wiring, folder),
});

/** Connects to the service that the options lead to; what nobody serves is served in this process. */
export const connect = (wiring: Wiring): Promise<Connection> => find(wiring, connections(wiring));

/** Connects as `run` does: to the service that is named, else to the data folder, whatever the default port has. */
export async function connectToRun(wiring: Wiring): Promise<Connection> {
  const { server, data } = wiring.options;
  return server === undefined
    ? findFolder(wiring, data ?? DEFAULT_FOLDER, connections(wiring))
    : remote(wiring, baseOf(server));
}

/** Runs a command's work on its service and closes it afterwards, whatever happened. */
export async function withService<R>(
  connecting: Promise<Connection>,
  work: (connection: Connection) => Promise<R>,
): Promise<R> {
  const connection = await connecting;
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
