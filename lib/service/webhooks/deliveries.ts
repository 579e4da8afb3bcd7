import { time } from '../../contract/wire.ts';
import type { Delivery, Webhook } from '../../domain/delivery.ts';
import { isEnabled, newDelivery, renewed } from '../../domain/delivery.ts';
import type { Fault } from '../../domain/faults.ts';
import { fault } from '../../domain/faults.ts';
import { LIMITS } from '../../domain/limits.ts';
import type { Result } from '../../domain/result.ts';
import { err, ok } from '../../domain/result.ts';
import { deliveryKey, END } from '../../store/keys.ts';
import type { Item } from '../../store/store.ts';
import { deliveryId, eventTimeOf, firstDeliveryId, isDeliveryId, testEventId } from '../ids.ts';
import type { Call, Ports } from '../ports.ts';
import { changeDelivery, putDelivery } from './items.ts';
import { readWebhook } from './webhooks.ts';

const START_OF_DELIVERIES = 'dlv_';
/** Deliveries looked at together, and sent again at once. */
const RECOVER_STEP = 25;
/** Deliveries that one call looks at. */
const RECOVER_LOOKS = 10_000;

/** The webhook, which must be one that is sent to. */
async function enabledWebhook(ports: Ports, id: string): Promise<Result<Webhook, Fault>> {
  const found = await readWebhook(ports, id);
  if (!found.ok || isEnabled(found.value)) return found;
  return err(fault('webhook_disabled', `Nothing is sent to the webhook ${id}: it is disabled.`));
}

/**
 * Sends a webhook an event of the type `webhook.test`, whatever it is told of else. The same call again, after a crash,
 * sends the same event.
 *
 * *Faults* `webhook_not_found`, `webhook_disabled`
 */
export async function testWebhook(
  ports: Ports,
  call: Call,
  id: string,
): Promise<Result<Delivery, Fault>> {
  const found = await enabledWebhook(ports, id);
  if (!found.ok) return found;
  const event = { id: testEventId(call), type: 'webhook.test', group: null } as const;
  const { type, group } = event;
  const wire = { id: event.id, type, timestamp: time(call.at), group, data: { webhook: id } };
  const name = deliveryId(id, { id: event.id, at: call.at });
  const fresh = newDelivery(
    { id: name, webhook: id, event, payload: JSON.stringify(wire) },
    ports.now(),
  );
  const outcome = await putDelivery(ports.store, fresh, { expect: 0 });
  await ports.webhooks.send([{ body: { webhook: id, delivery: name } }]);
  return ok(outcome.kind === 'stored' ? fresh : (outcome.current?.body ?? fresh));
}

/**
 * Deliveries of a webhook, those of the newest events first; `after` is the id of the last one seen.
 *
 * *Faults* `webhook_not_found`
 */
export async function listDeliveries(
  ports: Ports,
  id: string,
  { after, limit }: { readonly limit: number; readonly after: string | null },
): Promise<
  Result<{ readonly deliveries: readonly Delivery[]; readonly next: string | null }, Fault>
> {
  const found = await readWebhook(ports, id);
  if (!found.ok) return found;
  const items = await ports.store.list(deliveryKey(id, START_OF_DELIVERIES), {
    from: START_OF_DELIVERIES,
    to: after ?? START_OF_DELIVERIES + END,
    // One for the last one seen, one to know whether there are more.
    limit: limit + 2,
    reverse: true,
  });
  const rest = items.filter(({ sk }) => sk !== after).map(({ body }) => body);
  const deliveries = rest.slice(0, limit);
  const next = rest.length > limit ? (deliveries.at(-1)?.id ?? null) : null;
  return ok({ deliveries, next });
}

/**
 * Sends a delivery once more, now, whatever became of it.
 *
 * *Faults* `webhook_not_found`, `webhook_disabled`, `delivery_not_found`
 */
export async function redeliver(
  ports: Ports,
  of: { readonly webhook: string; readonly delivery: string },
): Promise<Result<Delivery, Fault>> {
  const { webhook, delivery } = of;
  const found = await enabledWebhook(ports, webhook);
  if (!found.ok) return found;
  const item = isDeliveryId(delivery)
    ? await ports.store.get(deliveryKey(webhook, delivery))
    : null;
  const again =
    item === null
      ? null
      : await changeDelivery(ports.store, item, (known) => ({
          body: renewed(known, ports.now()),
        }));
  if (again === null) {
    const shown = isDeliveryId(delivery) ? `"${delivery}"` : 'of this id';
    const detail = `The webhook ${webhook} has no delivery ${shown}; it may have been removed.`;
    return err(fault('delivery_not_found', detail));
  }
  await ports.webhooks.send([{ body: { webhook, delivery } }]);
  return ok(again);
}

/** What was sent again. */
export interface Recovered {
  readonly count: number;
  /** Where there may be more: the time from which on another call finds it, ms; else null. */
  readonly nextSince: number | null;
}

/** True for what has not arrived and is not about to be sent. */
const isMissing = ({ status, nextAt }: Delivery, now: number): boolean =>
  status === 'failed' || (status === 'pending' && (nextAt ?? 0) > now);

/** Sends what has not arrived of some deliveries once more; returns how many those are. */
async function recoverSome(ports: Ports, items: readonly Item<Delivery>[]): Promise<number> {
  const again = await Promise.all(
    items.map((item) =>
      changeDelivery(ports.store, item, (known) =>
        isMissing(known, ports.now()) ? { body: renewed(known, ports.now()) } : null,
      ),
    ),
  );
  const messages = again.flatMap((one) =>
    one === null ? [] : [{ body: { webhook: one.webhook, delivery: one.id } }],
  );
  await ports.webhooks.send(messages);
  return messages.length;
}

/**
 * Sends everything once more that happened at a time or later and has not arrived: dead letters, and what waits for its
 * next attempt. The oldest first, as much as one call can.
 *
 * *Faults* `webhook_not_found`, `webhook_disabled`
 */
export async function recover(
  ports: Ports,
  id: string,
  since: number,
): Promise<Result<Recovered, Fault>> {
  const found = await enabledWebhook(ports, id);
  if (!found.ok) return found;
  let from = firstDeliveryId(since);
  let count = 0;
  for (let looked = 0; ; looked += RECOVER_STEP) {
    const items = await ports.store.list(deliveryKey(id, from), {
      from,
      to: START_OF_DELIVERIES + END,
      limit: RECOVER_STEP,
    });
    const [first] = items;
    if (first === undefined) return ok({ count, nextSince: null });
    if (count >= LIMITS.recoverDeliveries || looked >= RECOVER_LOOKS) {
      return ok({ count, nextSince: eventTimeOf(first.sk) });
    }
    count += await recoverSome(ports, items);
    from = `${items.at(-1)?.sk ?? from}${END}`;
  }
}
