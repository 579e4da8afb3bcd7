import assert from 'node:assert/strict';
import type { ExperimentState } from '../../lib/domain/experiment.ts';
import type { Sent } from '../../lib/domain/webhook.ts';
import { HEALTHY } from '../../lib/domain/webhook.ts';
import { createLocalQueue } from '../../lib/events/local-queue.ts';
import { eventId } from '../../lib/service/ids.ts';
import { catchUpFrom } from '../../lib/service/webhooks/catch-up.ts';
import type { SenderPorts } from '../../lib/service/webhooks/deliver.ts';
import { deliverOnce } from '../../lib/service/webhooks/deliver.ts';
import { putWebhook } from '../../lib/service/webhooks/items.ts';
import type { DeliveryMessage, SendDeliveries } from '../../lib/service/webhooks/ports.ts';
import type { Store } from '../../lib/store/store.ts';

/*
 * The other end of a group that pushes: a webhook, its queue, and a launcher that refuses requests, takes them and fails
 * to say so, and mostly, but not always, knows again what it has taken.
 */

/** What of an experiment its job needs. */
export type Job = Pick<ExperimentState, 'number' | 'attempt' | 'values'> & {
  readonly lease: { readonly token: string };
};

/** A launcher with the webhook that tells it of experiments. */
export interface Launcher {
  /** The port by which the use cases send; a message is lost, or comes twice, while faults last. */
  readonly send: SendDeliveries;
  /** Makes the webhook. */
  readonly subscribe: () => Promise<void>;
  /** Makes the attempts that messages ask for, as the function does that sends. */
  readonly deliver: (store: Store) => Promise<void>;
  /** Takes a job that nobody has taken; undefined where there is none. */
  readonly take: () => Job | undefined;
  /** Asserts that every event of the group so far has come in, among those from the one with this sequence number on. */
  readonly checkAll: (group: string, log: { readonly from: number; readonly to: number }) => void;
}

interface World {
  readonly store: Store;
  readonly now: () => number;
  readonly random: () => number;
  readonly faults: () => number;
  readonly note: (line: string) => void;
}

interface Told {
  readonly type: string;
  readonly data: { readonly experiment?: Job };
}

/** How often a launcher has forgotten that it knows an event. */
const FORGETS = 0.1;
const ENDPOINT = 'https://launcher.test/';
const OK: Sent = { kind: 'answered', status: 204, ms: 1, body: '' };

/** A launcher of a history. */
export function createLauncher(world: World): Launcher {
  const { store, now, random, faults, note } = world;
  const messages = createLocalQueue<DeliveryMessage>(store, {
    name: 'deliveries',
    now,
    maxReceives: 100,
  });
  const received = new Map<string, string>();
  const jobs: Job[] = [];

  const receive = (id: string, body: string): void => {
    assert.equal(received.get(id) ?? body, body, 'an event was sent with other bytes');
    if (received.has(id) && random() >= FORGETS) return;
    received.set(id, body);
    const { type, data }: Told = JSON.parse(body);
    // One whose lease has lapsed before it was told has nothing to start.
    if (type === 'experiment.dispatched' && data.experiment !== undefined) {
      jobs.push(data.experiment);
    }
  };

  const send: SendDeliveries = async (all) => {
    const lot = random();
    if (lot < faults()) return note('messages about deliveries are lost');
    await messages.send(lot < 0.3 ? [...all, ...all] : all);
  };
  const senderOf = (of: Store): SenderPorts => ({
    store: of,
    now,
    random,
    team: 'simulation',
    send,
    async deliver({ id, body }) {
      const lot = random();
      if (lot < faults()) return { kind: 'failed', reason: 'lost on the way' };
      receive(id, body);
      return lot < 2 * faults() ? { kind: 'failed', reason: 'the answer is lost' } : OK;
    },
  });
  return {
    send,
    async subscribe() {
      const at = now();
      const webhook = {
        ...{ id: `whk_${'0'.repeat(26)}`, url: ENDPOINT, events: ['*'], groups: null },
        ...{ description: '', isPaused: false, health: HEALTHY, secrets: [] },
        ...{ createdAt: at, updatedAt: at, since: at, catchUp: catchUpFrom(at, null) },
      };
      await putWebhook(store, webhook, 0);
    },
    async deliver(of) {
      const held = await messages.receive({ max: 10, visibilitySeconds: 30 });
      for (const { body, receipt } of held) {
        await deliverOnce(senderOf(of), body);
        if (random() >= faults()) await messages.remove([receipt]);
      }
    },
    take: () => jobs.shift(),
    checkAll(group, { from, to }) {
      for (let sequence = from; sequence < to; sequence++) {
        assert.ok(received.has(eventId(group, sequence)), `event ${sequence} was never delivered`);
      }
    },
  };
}
