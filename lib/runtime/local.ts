import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { onceDone } from '../contract/once.ts';
import { LIMITS } from '../domain/limits.ts';
import type { LocalQueue, Pump } from '../events/local-queue.ts';
import { createLocalQueue, startPump, startWidePump } from '../events/local-queue.ts';
import type { Handler } from '../events/queue.ts';
import { openKeyFile } from '../events/webhooks/key-file.ts';
import { systemResolver } from '../events/webhooks/resolve.ts';
import { createSecretBox } from '../events/webhooks/secret-box.ts';
import type { Webhooks } from '../events/webhooks/webhooks.ts';
import { createWebhooks } from '../events/webhooks/webhooks.ts';
import type { Poke } from '../service/ports.ts';
import { createAudience } from '../service/webhooks/audience.ts';
import type { DeliveryMessage } from '../service/webhooks/ports.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import { createAuthenticator } from './authenticate.ts';
import { createCalls } from './call.ts';
import type { SenderRuntime } from './deliver.ts';
import { NO_METER } from './meter.ts';
import type { Logger, Runtime } from './runtime.ts';
import { createLocalSignals } from './signals.ts';
import { createThread } from './thread.ts';
import { createTurns } from './turns.ts';

/** Deliveries of a poke before it becomes a dead letter. */
const MAX_RECEIVES = 5;

/** The runtime of a laptop with the queues that its server pumps. */
export interface LocalRuntime extends Runtime {
  readonly pokes: LocalQueue<Poke>;
  readonly deliveries: LocalQueue<DeliveryMessage>;
  readonly sender: SenderRuntime;
  /** Breaks off the attempts under way, so that they keep no process alive once its store is closed. */
  readonly stopSending: () => void;
}

export interface Laptop {
  /** Folder of the data; null keeps them in memory. */
  readonly folder: string | null;
  readonly logger: Logger;
  /** True where other machines can call: then nobody comes in without a key, else from the first key on. */
  readonly demandsKeys?: boolean;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** True where webhooks may go to http, any port and private addresses. */
  readonly allowPrivateWebhooks?: boolean;
}

/** There is one team on a laptop. */
const TEAM = 'local';

/** The port of webhooks, opened when it is first needed: the folder gets a key only where there is a webhook. */
const openWebhooks = (
  laptop: Laptop,
  { now, signal }: { readonly now: () => number; readonly signal: AbortSignal },
): (() => Promise<Webhooks>) =>
  onceDone(async () =>
    createWebhooks({
      policy: { allowPrivate: laptop.allowPrivateWebhooks ?? false },
      resolver: systemResolver,
      box: createSecretBox(openKeyFile(laptop.folder)),
      now,
      signal,
    }),
  );

/**
 * The runtime of a laptop, on the embedded store in `folder` (null: in memory).
 *
 * Throws `DataFolderUnusable` when another process holds the folder.
 */
export function createLocalRuntime(laptop: Laptop): LocalRuntime {
  const { folder, logger, demandsKeys = false, now = Date.now } = laptop;
  const store = openSqliteStore(folder);
  const pokes = createLocalQueue<Poke>(store, { name: 'advance', now, maxReceives: MAX_RECEIVES });
  const deliveries = createLocalQueue<DeliveryMessage>(store, {
    name: 'deliveries',
    now,
    maxReceives: MAX_RECEIVES,
  });
  const sending = new AbortController();
  const webhooks = openWebhooks(laptop, { now, signal: sending.signal });
  const suggesting = createThread();
  const send = (messages: Parameters<typeof deliveries.send>[0]): Promise<void> =>
    deliveries.send(messages);
  return {
    pokes,
    deliveries,
    stopSending: () => sending.abort(),
    sender: {
      ports: {
        store,
        now,
        random: Math.random,
        team: TEAM,
        deliver: async (delivery) => (await webhooks()).deliver(delivery),
        send,
      },
      logger,
      meter: NO_METER,
    },
    ports: {
      store,
      now,
      sleep,
      random: Math.random,
      inTurn: createTurns(),
      poke: (body, delaySeconds = 0) => pokes.send([{ body, delaySeconds }]),
      signals: createLocalSignals(),
      propose: (hptuning, view) => suggesting('propose', { hptuning, view }),
      // A thread of its own: no suggestion waits for a plot.
      compute: createThread(),
      webhooks: { audience: createAudience(store, now), send, desk: webhooks, team: TEAM },
      maxWaitSeconds: LIMITS.waitSecondsLocal,
      definitions: new Map(),
    },
    logger,
    meter: NO_METER,
    // Reading the file costs nothing worth keeping: a revoked key opens nothing at once.
    authenticate: createAuthenticator({ store, now }, { demandsKeys, keptMs: 0 }),
    instance: randomUUID(),
    call: createCalls(now),
  };
}

/** How often the queue is looked at where nothing was sent in this process, ms. */
const PUMP_INTERVAL_MS = 1_000;
/** Batches under way at once: a suggestion that is being computed holds up no rung of another group. */
const LANES = 4;
/** Longer than a handler takes for a batch, seconds. */
const VISIBILITY_SECONDS = 60;

export type { Pump };

/** Hands the queue's messages to a handler until it is stopped. */
export function pump(runtime: LocalRuntime, handler: Handler<Poke>): Pump {
  const lanes = Array.from({ length: LANES }, () =>
    startPump(runtime.pokes, handler, {
      intervalMs: PUMP_INTERVAL_MS,
      visibilitySeconds: VISIBILITY_SECONDS,
      wake: runtime.pokes.onSend,
      onError: (error) => runtime.logger.error('queue', { error }),
    }),
  );
  return {
    async stop() {
      await Promise.all(lanes.map((lane) => lane.stop()));
    },
  };
}

/** Attempts under way at once: each is a connection that mostly waits. */
const ATTEMPTS = 256;

/** Hands the messages about deliveries to a handler until it is stopped, each for itself: none waits for another's answer. */
export const pumpWide = (runtime: LocalRuntime, handler: Handler<DeliveryMessage>): Pump =>
  startWidePump(runtime.deliveries, handler, {
    atOnce: ATTEMPTS,
    intervalMs: PUMP_INTERVAL_MS,
    visibilitySeconds: VISIBILITY_SECONDS,
    wake: runtime.deliveries.onSend,
    onError: (error) => runtime.logger.error('queue', { error }),
  });
