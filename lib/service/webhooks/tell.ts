import { eventToWire } from '../../contract/wire.ts';
import type { Webhook } from '../../domain/delivery.ts';
import { isOwed, newDelivery } from '../../domain/delivery.ts';
import { eventsIn } from '../../domain/event-log.ts';
import type { GroupHead } from '../../domain/group.ts';
import { LIMITS } from '../../domain/limits.ts';
import { headKey } from '../../store/keys.ts';
import type { SequencedEvent } from '../events.ts';
import { eventsFrom } from '../events.ts';
import { changeHead, dueOf } from '../head.ts';
import { deliveryId, eventId } from '../ids.ts';
import type { Ports } from '../ports.ts';
import { enabledWebhooks, putDelivery } from './items.ts';
import type { DeliveryMessage } from './ports.ts';

/** Events turned into deliveries before the mark in the head moves on. */
const EVENTS_AT_ONCE = 100;
/** Deliveries written at once. */
const WRITES_AT_ONCE = 25;
/** Rounds before a poke is done: more events than any group has between two of them. */
const ROUNDS = 1_000;

interface Owed {
  readonly webhook: Webhook;
  readonly event: SequencedEvent;
}

/** Writes the delivery unless it is there; returns the message that points at it, null where it needs none. */
async function deliver(
  ports: Ports,
  group: string,
  { webhook, event }: Owed,
): Promise<DeliveryMessage | null> {
  const id = eventId(group, event.sequence);
  const delivery = deliveryId(webhook.id, { id, at: event.at });
  const payload = JSON.stringify(eventToWire(group, id, event));
  const told = { id, type: event.type, group };
  const outcome = await putDelivery(
    ports.store,
    newDelivery({ id: delivery, webhook: webhook.id, event: told, payload }, ports.now()),
    { expect: 0 },
  );
  const message = { webhook: webhook.id, delivery };
  if (outcome.kind === 'stored') return message;
  // Whoever wrote it may have died before the message was sent; one too many changes nothing.
  const known = outcome.current?.body;
  return known?.status === 'pending' && known.attemptCount === 0 ? message : null;
}

/**
 * Gives every webhook the events that it is owed. Deliveries have the ids of their events, so doing it again changes
 * nothing.
 */
export async function tellEvents(
  ports: Ports,
  group: string,
  to: { readonly events: readonly SequencedEvent[]; readonly webhooks: readonly Webhook[] },
): Promise<void> {
  const owed = to.events.flatMap((event) =>
    to.webhooks
      .filter((webhook) => isOwed(webhook, group, event))
      .map((webhook) => ({ webhook, event })),
  );
  for (let first = 0; first < owed.length; first += WRITES_AT_ONCE) {
    const part = owed.slice(first, first + WRITES_AT_ONCE);
    const messages = await Promise.all(part.map((one) => deliver(ports, group, one)));
    await ports.webhooks.send(messages.flatMap((body) => (body === null ? [] : [{ body }])));
  }
}

const withoutUntold = ({ untold: _untold, ...head }: GroupHead): GroupHead => head;

/** Number of events in the group's log. */
export const logLength = ({ eventsFlushed, events }: GroupHead): number =>
  events.reduce((sum, event) => sum + eventsIn(event), eventsFlushed);

/** The head once webhooks have been told of all events before `reached`. */
function toldUpTo(head: GroupHead, reached: number, now: number): GroupHead {
  if (head.untold === undefined || head.untold.from >= reached) return head;
  return reached >= logLength(head)
    ? withoutUntold(head)
    : { ...head, untold: { from: reached, at: now } };
}

/** Notes in the head what has been told; a group that is being deleted has nobody else who changes it. */
async function noteTold(
  ports: Ports,
  group: string,
  { isDeleted, reached }: { readonly isDeleted: boolean; readonly reached: number },
): Promise<void> {
  if (!isDeleted) {
    await changeHead(ports, group, (head) => {
      const next = toldUpTo(head, reached, ports.now());
      return next === head ? { result: null } : { head: next, result: null };
    });
    return;
  }
  let item = await ports.store.get(headKey(group));
  for (let round = 0; item !== null && round < LIMITS.storeRounds; round++) {
    const body = toldUpTo(item.body, reached, ports.now());
    if (body === item.body) return;
    const put = { key: headKey(group), body, expect: item.rev, due: dueOf(body) };
    const outcome = await ports.store.put(put);
    if (outcome.kind === 'stored') return;
    item = outcome.current;
  }
}

/**
 * Tells webhooks of every event that the group's head is marked for. Doing it twice, or at the same time as somebody
 * else, tells nothing twice; interrupted, the mark is still there.
 */
export async function tellGroup(ports: Ports, group: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const item = await ports.store.get(headKey(group));
    const from = item?.body.untold?.from;
    if (item === null || from === undefined) return;
    const events = await eventsFrom(ports, group, item.body, { from, limit: EVENTS_AT_ONCE });
    await tellEvents(ports, group, { events, webhooks: await enabledWebhooks(ports.store) });
    const isDeleted = item.body.deletedAt !== null;
    const reached = events.length === 0 ? logLength(item.body) : from + events.length;
    await noteTold(ports, group, { isDeleted, reached });
  }
}
