import type { Delivery, Webhook } from '../../domain/delivery.ts';
import { isEnabled } from '../../domain/delivery.ts';
import { LIMITS } from '../../domain/limits.ts';
import { deliveryKey, END, webhookKey } from '../../store/keys.ts';
import type { Item, PutOutcome, Store } from '../../store/store.ts';
import { StoreUnavailable } from '../../store/store.ts';

/*
 * How webhooks and deliveries are stored. Nothing here knows groups: the function that sends may not read them.
 */

const START_OF_WEBHOOKS = 'whk_';
const DAY_MS = 86_400_000;
/** How long an attempt may take to be made before the sweep sends its message again, ms. */
const OVERDUE_MS = 60_000;

/** Webhooks newest first; `after` is the id of the last one seen. */
export const listedWebhooks = (
  store: Store,
  page: { readonly after: string | null; readonly limit: number },
): Promise<readonly Item<Webhook>[]> =>
  store.list(webhookKey(START_OF_WEBHOOKS), {
    from: START_OF_WEBHOOKS,
    to: page.after ?? START_OF_WEBHOOKS + END,
    limit: page.limit,
    reverse: true,
  });

/** The webhooks to which anything is sent. */
export async function enabledWebhooks(store: Store): Promise<readonly Webhook[]> {
  const items = await listedWebhooks(store, { after: null, limit: LIMITS.webhooks });
  return items.map(({ body }) => body).filter(isEnabled);
}

/** Writes a webhook if it has the expected revision; 0: if there is none. */
export const putWebhook = (
  store: Store,
  body: Webhook,
  expect: number,
): Promise<PutOutcome<Webhook>> =>
  store.put({ key: webhookKey(body.id), body, expect, due: body.catchUp?.dueAt ?? null });

/**
 * Changes a webhook; returns it as it is then, null where there is none. `decide` returns what it was given where
 * nothing changes.
 *
 * Throws `StoreUnavailable` when others are faster for too long.
 */
export async function changeWebhook(
  store: Store,
  id: string,
  decide: (webhook: Webhook) => Webhook,
): Promise<Webhook | null> {
  let item = await store.get(webhookKey(id));
  for (let round = 0; round < LIMITS.storeRounds; round++) {
    if (item === null) return null;
    const next = decide(item.body);
    if (next === item.body) return next;
    const outcome = await putWebhook(store, next, item.rev);
    if (outcome.kind === 'stored') return next;
    item = outcome.current;
  }
  throw new StoreUnavailable(`too many callers change the webhook ${id} at once`);
}

/**
 * Writes a delivery if it has the expected revision; 0: if there is none.
 *
 * @param lateMs - how long after the attempt is due somebody must look where no message has led to it; left out, as
 *   long as a message takes, and 0 where none is sent
 */
export const putDelivery = (
  store: Store,
  body: Delivery,
  { expect, lateMs = OVERDUE_MS }: { readonly expect: number; readonly lateMs?: number },
): Promise<PutOutcome<Delivery>> =>
  store.put({
    key: deliveryKey(body.webhook, body.id),
    body,
    expect,
    due: body.nextAt === null ? null : body.nextAt + lateMs,
    expires: body.createdAt + LIMITS.deliveryDays * DAY_MS,
  });

/**
 * Changes a stored delivery; returns it as it is then, null where there is none or `decide` returns null.
 *
 * Throws `StoreUnavailable` when others are faster for too long.
 */
export async function changeDelivery(
  store: Store,
  first: Item<Delivery>,
  decide: (delivery: Delivery) => { readonly body: Delivery; readonly lateMs?: number } | null,
): Promise<Delivery | null> {
  let item: Item<Delivery> | null = first;
  for (let round = 0; round < LIMITS.storeRounds; round++) {
    if (item === null) return null;
    const next = decide(item.body);
    if (next === null) return null;
    const { body, ...more } = next;
    const outcome: PutOutcome<Delivery> = await putDelivery(store, body, {
      expect: item.rev,
      ...more,
    });
    if (outcome.kind === 'stored') return body;
    item = outcome.current;
  }
  throw new StoreUnavailable(`too many callers change the delivery ${first.sk} at once`);
}
