import type { EventWire } from '../../contract/event-wire.ts';
import type { Webhook } from '../../domain/delivery.ts';
import { isOwed, newDelivery } from '../../domain/delivery.ts';
import type { GroupHead } from '../../domain/group.ts';
import { LIMITS } from '../../domain/limits.ts';
import { headKey } from '../../store/keys.ts';
import { checkedHead } from '../current.ts';
import { definitionOf } from '../definitions.ts';
import { describeEvents, lengthOf, readLog } from '../events.ts';
import { changeHead, dueOf } from '../head.ts';
import { deliveryId } from '../ids.ts';
import type { Ports } from '../ports.ts';
import { isPushed } from '../push.ts';
import { WRITER_MS } from '../reconcile.ts';
import { enabledWebhooks, putDelivery } from './items.ts';
import type { DeliveryMessage } from './ports.ts';

/** Events turned into deliveries before the mark in the head moves on. */
const EVENTS_AT_ONCE = 100;
/** Deliveries written at once. */
const WRITES_AT_ONCE = 25;
/** Looks at a hand-out whose item is not written yet, and the time between two of them, ms; then the sweep goes on. */
const HELD_LOOKS = 10;
const HELD_MS = 50;

interface Owed {
  readonly webhook: Webhook;
  readonly event: EventWire;
}

const timeOf = ({ timestamp }: EventWire): number => Date.parse(timestamp);

/** Writes the delivery unless it is there; returns the message that points at it, null where it needs none. */
async function deliver(ports: Ports, { webhook, event }: Owed): Promise<DeliveryMessage | null> {
  const { id, type, group } = event;
  const delivery = deliveryId(webhook.id, { id, at: timeOf(event) });
  const outcome = await putDelivery(
    ports.store,
    newDelivery(
      {
        id: delivery,
        webhook: webhook.id,
        event: { id, type, group },
        payload: JSON.stringify(event),
      },
      ports.now(),
    ),
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
  events: readonly EventWire[],
  webhooks: readonly Webhook[],
): Promise<void> {
  const owed = events.flatMap((event) =>
    webhooks
      .filter((webhook) => isOwed(webhook, event.group, { type: event.type, at: timeOf(event) }))
      .map((webhook) => ({ webhook, event })),
  );
  for (let first = 0; first < owed.length; first += WRITES_AT_ONCE) {
    const part = owed.slice(first, first + WRITES_AT_ONCE);
    const messages = await Promise.all(part.map((one) => deliver(ports, one)));
    await ports.webhooks.send(messages.flatMap((body) => (body === null ? [] : [{ body }])));
  }
}

const withoutUntold = ({ untold: _untold, ...head }: GroupHead): GroupHead => head;

/** The head once webhooks have been told of all events before `reached`. */
function toldUpTo(head: GroupHead, reached: number, now: number): GroupHead {
  if (head.untold === undefined || head.untold.from >= reached) return head;
  return reached >= lengthOf(head)
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
 * else, tells nothing twice; interrupted, the mark is still there, as it is where the item of a hand-out stays away.
 */
export async function tellGroup(ports: Ports, group: string): Promise<void> {
  const definition = await definitionOf(ports, group);
  if (definition === null) return;
  let looks = 0;
  while (looks < HELD_LOOKS) {
    const item = await ports.store.get(headKey(group));
    const from = item?.body.untold?.from;
    if (item === null || from === undefined) return;
    const log = await readLog(ports, group, item.body, { from, limit: EVENTS_AT_ONCE });
    const withLeases = isPushed(definition);
    const { events, held } = await describeEvents(ports, definition, log, { withLeases });
    await tellEvents(ports, events, await enabledWebhooks(ports.store));
    const isDeleted = item.body.deletedAt !== null;
    // Of a group that is gone the item will never come.
    const passed = events.length + (held !== null && isDeleted ? 1 : 0);
    const reached = log.length === 0 ? lengthOf(item.body) : from + passed;
    if (reached > from) await noteTold(ports, group, { isDeleted, reached });
    if (held === null || isDeleted) continue;
    looks++;
    // Whoever has handed it out is about to write it, or has died.
    if (held.at + WRITER_MS > ports.now()) await ports.sleep(HELD_MS);
    else await checkedHead(ports, definition);
  }
}
