import { deliveryCursor, fromCursor, toCursor, webhookCursor } from '../lib/contract/cursor.ts';
import { checkEventPatterns } from '../lib/contract/event-patterns.ts';
import { refuse } from '../lib/contract/mistakes.ts';
import { ROUTES } from '../lib/contract/routes.ts';
import {
  createdWebhookToWire,
  deliveryToWire,
  recoveredToWire,
  webhookToWire,
} from '../lib/contract/webhook-wire.ts';
import type { Delivery } from '../lib/domain/delivery.ts';
import type { Fault } from '../lib/domain/faults.ts';
import type { Result } from '../lib/domain/result.ts';
import { err, ok } from '../lib/domain/result.ts';
import { cloudRuntime } from '../lib/runtime/cloud.ts';
import { endpoint, httpFunction } from '../lib/runtime/http.ts';
import type { Answer } from '../lib/runtime/problem.ts';
import { DELETED, jsonAnswer } from '../lib/runtime/problem.ts';
import { badCursor } from '../lib/runtime/views.ts';
import {
  listDeliveries,
  recover,
  redeliver,
  testWebhook,
} from '../lib/service/webhooks/deliveries.ts';
import type { WithSecret } from '../lib/service/webhooks/webhooks.ts';
import {
  createWebhook,
  deleteWebhook,
  listWebhooks,
  patchWebhook,
  readWebhook,
  rotateSecret,
} from '../lib/service/webhooks/webhooks.ts';

type Path = Readonly<Record<string, string>>;

const webhookIn = (path: Path): string => path['webhook'] ?? '';

/** The fault of patterns that no event can match, or null. */
function refusePatterns(events: readonly string[]): Fault | null {
  const mistakes = checkEventPatterns(events, 'events');
  return mistakes.length === 0 ? null : refuse('request', mistakes);
}

/** The answer that has the secret, and the one that is kept, which has not. */
function showSecret(
  status: number,
  { webhook, secret }: WithSecret,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    ...jsonAnswer(status, createdWebhookToWire(webhook, secret), headers),
    keptBody: JSON.stringify(createdWebhookToWire(webhook, null)),
  };
}

const showDelivery = (delivery: Result<Delivery, Fault>): Result<Answer, Fault> =>
  delivery.ok ? ok(jsonAnswer(202, deliveryToWire(delivery.value))) : delivery;

const page = (items: readonly unknown[], next: object | null): Result<Answer, Fault> =>
  ok(jsonAnswer(200, { items, next_cursor: toCursor(next) }));

/** Everything about webhooks but sending to them. */
export const create = httpFunction([
  endpoint(ROUTES.createWebhook, async (ports, { call, body }) => {
    const refused = refusePatterns(body.events);
    if (refused !== null) return err(refused);
    const created = await createWebhook(ports, call, body);
    if (!created.ok) return created;
    const location = `/v1/webhooks/${created.value.webhook.id}`;
    return ok(showSecret(201, created.value, { location }));
  }),
  endpoint(ROUTES.listWebhooks, async (ports, { query }) => {
    const cursor = fromCursor(webhookCursor, query.cursor);
    if (!cursor.ok) return err(badCursor(cursor.fault));
    const after = cursor.value?.w ?? null;
    const { webhooks, next } = await listWebhooks(ports, { limit: query.limit, after });
    return page(webhooks.map(webhookToWire), next === null ? null : { w: next });
  }),
  endpoint(ROUTES.readWebhook, async (ports, { path }) => {
    const read = await readWebhook(ports, webhookIn(path));
    return read.ok ? ok(jsonAnswer(200, webhookToWire(read.value))) : read;
  }),
  endpoint(ROUTES.patchWebhook, async (ports, { path, body }) => {
    const { url, events, groups, description, status } = body;
    const refused = refusePatterns(events ?? []);
    if (refused !== null) return err(refused);
    const changed = await patchWebhook(ports, webhookIn(path), {
      ...(url === null ? {} : { url }),
      ...(events === null ? {} : { events }),
      ...(groups === undefined ? {} : { groups }),
      ...(description === null ? {} : { description }),
      ...(status === null ? {} : { isPaused: status === 'disabled' }),
    });
    return changed.ok ? ok(jsonAnswer(200, webhookToWire(changed.value))) : changed;
  }),
  endpoint(ROUTES.deleteWebhook, async (ports, { path }) => {
    const deleted = await deleteWebhook(ports, webhookIn(path));
    return deleted.ok ? ok(DELETED) : deleted;
  }),
  endpoint(ROUTES.testWebhook, async (ports, { call, path }) =>
    showDelivery(await testWebhook(ports, call, webhookIn(path))),
  ),
  endpoint(ROUTES.rotateSecret, async (ports, { path }) => {
    const rotated = await rotateSecret(ports, webhookIn(path));
    return rotated.ok ? ok(showSecret(200, rotated.value)) : rotated;
  }),
  endpoint(ROUTES.recoverDeliveries, async (ports, { path, body }) => {
    const recovered = await recover(ports, webhookIn(path), body.since);
    return recovered.ok ? ok(jsonAnswer(202, recoveredToWire(recovered.value))) : recovered;
  }),
  endpoint(ROUTES.listDeliveries, async (ports, { path, query }) => {
    const cursor = fromCursor(deliveryCursor, query.cursor);
    if (!cursor.ok) return err(badCursor(cursor.fault));
    const after = cursor.value?.d ?? null;
    const listed = await listDeliveries(ports, webhookIn(path), { limit: query.limit, after });
    if (!listed.ok) return listed;
    const { deliveries, next } = listed.value;
    return page(deliveries.map(deliveryToWire), next === null ? null : { d: next });
  }),
  endpoint(ROUTES.redeliver, async (ports, { path }) =>
    showDelivery(
      await redeliver(ports, { webhook: webhookIn(path), delivery: path['delivery'] ?? '' }),
    ),
  ),
]);

export const handler = create.for(cloudRuntime);
