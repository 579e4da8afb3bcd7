import assert from 'node:assert/strict';
import type { EventWire } from '../../../lib/contract/event-wire.ts';
import type { Delivery, Webhook } from '../../../lib/domain/delivery.ts';
import { isOwed } from '../../../lib/domain/delivery.ts';
import type { Sent } from '../../../lib/domain/webhook.ts';
import { createLocalQueue } from '../../../lib/events/local-queue.ts';
import type { Message } from '../../../lib/events/queue.ts';
import { createLocalRuntime } from '../../../lib/runtime/local.ts';
import { listEvents } from '../../../lib/service/events.ts';
import { createGroup } from '../../../lib/service/groups.ts';
import type { Poke, Ports } from '../../../lib/service/ports.ts';
import { sweep } from '../../../lib/service/sweep.ts';
import { createAudience } from '../../../lib/service/webhooks/audience.ts';
import type { SenderPorts } from '../../../lib/service/webhooks/deliver.ts';
import { deliverOnce } from '../../../lib/service/webhooks/deliver.ts';
import type { DeliveryMessage } from '../../../lib/service/webhooks/ports.ts';
import { tellGroup } from '../../../lib/service/webhooks/tell.ts';
import { createWebhook } from '../../../lib/service/webhooks/webhooks.ts';
import { deliveryKey, END } from '../../../lib/store/keys.ts';
import { openSqliteStore } from '../../../lib/store/sqlite.ts';
import type { Store } from '../../../lib/store/store.ts';

/*
 * Webhooks on a clock that only a test moves: the real use cases, store and queues, and an endpoint that is a function.
 */

/** One request to an endpoint. */
export interface SentRequest {
  readonly url: string;
  readonly id: string;
  readonly body: string;
  /** On the clock of the world, ms. */
  readonly at: number;
}

export interface World {
  readonly ports: Ports;
  readonly store: Store;
  readonly sender: SenderPorts;
  readonly sent: readonly SentRequest[];
  readonly pass: (ms: number) => void;
  /** Sets what every endpoint answers from now on. */
  readonly answer: (how: (request: SentRequest) => Sent) => void;
  /** Another process: what it has read of the webhooks is its own. */
  readonly another: () => Ports;
  readonly create: (events: readonly string[]) => Promise<Webhook>;
  readonly open: (ports?: Ports) => Promise<string>;
  /** Does what pokes and messages point at until none can be received; returns how many messages there were. */
  readonly settle: () => Promise<number>;
  readonly sweep: () => Promise<void>;
  readonly deliveries: (webhook: string) => Promise<readonly Delivery[]>;
  /** The events of a group that a webhook is owed. */
  readonly owed: (group: string, webhook: Webhook) => Promise<readonly EventWire[]>;
}

const START_MS = Date.parse('2026-01-31T12:00:00Z');
const RECEIVE = { max: 10, visibilitySeconds: 60 } as const;

export const answered = (status: number): Sent => ({ kind: 'answered', status, ms: 1, body: '' });

const DOCUMENT = {
  version: 1,
  kind: 'group',
  hptuning: {
    seed: 1,
    concurrency: 4,
    random_search: { n_experiments: 6 },
    matrix: { x: { uniform: [0, 1] } },
  },
};

/** A world without webhooks. `storeFor` may put something between the use cases and the store. */
export function createWorld(storeFor: (store: Store) => Store = (store) => store): World {
  let now = START_MS;
  const inner = openSqliteStore(null);
  const store = storeFor(inner);
  const logger = { error: assert.fail, warn() {}, info() {} };
  const runtime = createLocalRuntime({ folder: null, logger, now: () => now });
  const options = { now: () => now, maxReceives: 5 };
  const pokes = createLocalQueue<Poke>(inner, { ...options, name: 'pokes' });
  const messages = createLocalQueue<DeliveryMessage>(inner, { ...options, name: 'deliveries' });
  const sent: SentRequest[] = [];
  let respond = (_request: SentRequest): Sent => answered(204);

  const portsOf = (): Ports => ({
    ...runtime.ports,
    store,
    definitions: new Map(),
    sleep: async () => {},
    poke: (body) => pokes.send([{ body }]),
    webhooks: {
      ...runtime.ports.webhooks,
      audience: createAudience(store, () => now),
      send: messages.send,
      desk: async () => ({
        checkUrl: async (url) => ({ ok: true, value: url }),
        createSecret: async () => ({ text: 'whsec_', sealed: 'sealed' }),
      }),
    },
  });
  const ports = portsOf();
  const sender: SenderPorts = {
    store,
    now: () => now,
    random: () => 0.5,
    team: 'local',
    send: messages.send,
    deliver: async ({ url, id, body }) => {
      const request = { url, id, body, at: now };
      sent.push(request);
      return respond(request);
    },
  };

  async function take(
    held: readonly Message<Poke | DeliveryMessage>[],
    remove: (receipts: readonly string[]) => Promise<void>,
  ): Promise<void> {
    for (const { body, receipt } of held) {
      if ('delivery' in body) await deliverOnce(sender, body);
      else await tellGroup(ports, body.group);
      await remove([receipt]);
    }
  }

  return {
    ports,
    store,
    sender,
    sent,
    pass: (ms) => {
      now += ms;
    },
    answer: (how) => {
      respond = how;
    },
    another: portsOf,
    async create(events) {
      now += 1;
      const request = { url: 'https://a.test/', events, groups: null, description: '' };
      const created = await createWebhook(ports, runtime.call(), request);
      assert.ok(created.ok);
      return created.value.webhook;
    },
    async open(by = ports) {
      now += 1;
      const created = await createGroup(by, runtime.call(), DOCUMENT);
      assert.ok(created.ok);
      return created.value.definition.config.id;
    },
    async settle() {
      let count = 0;
      for (;;) {
        const poked = await pokes.receive(RECEIVE);
        const due = await messages.receive(RECEIVE);
        if (poked.length + due.length === 0) return count;
        await take(poked, pokes.remove);
        await take(due, messages.remove);
        count += due.length;
      }
    },
    async sweep() {
      const { failures } = await sweep(ports);
      assert.deepEqual(failures, []);
    },
    async deliveries(webhook) {
      const range = { from: 'dlv_', to: `dlv_${END}`, limit: 10_000 };
      return (await inner.list(deliveryKey(webhook, ''), range)).map(({ body }) => body);
    },
    async owed(group, webhook) {
      const page = await listEvents(ports, group, { sort: 'oldest', at: null, limit: 10_000 });
      assert.ok(page.ok);
      return page.value.events.filter(({ type, timestamp }) =>
        isOwed(webhook, group, { type, at: Date.parse(timestamp) }),
      );
    },
  };
}
