import type { Delivery, Webhook } from '../domain/delivery.ts';
import { isEnabled } from '../domain/delivery.ts';
import { LIMITS } from '../domain/limits.ts';
import { time } from './wire.ts';

/*
 * Webhooks and their deliveries as the contract shows them.
 */

const timeOrNull = (milliseconds: number | null): string | null =>
  milliseconds === null ? null : time(milliseconds);

const REASONS = {
  gone: 'the endpoint has answered 410: it wants nothing more',
  failing: 'nothing has arrived for five days',
} as const;

function reasonOf({ isPaused, health }: Webhook): { code: string; detail: string } | null {
  if (isPaused) return { code: 'requested', detail: 'a caller has disabled it' };
  const { disabledBy } = health;
  return disabledBy === null ? null : { code: disabledBy, detail: REASONS[disabledBy] };
}

/** A webhook as the contract shows it: never its secrets. */
export const webhookToWire = (webhook: Webhook) => ({
  id: webhook.id,
  url: webhook.url,
  events: webhook.events,
  groups: webhook.groups,
  description: webhook.description,
  status: isEnabled(webhook) ? ('enabled' as const) : ('disabled' as const),
  status_reason: reasonOf(webhook),
  failing_since: timeOrNull(webhook.health.failingSince),
  created_at: time(webhook.createdAt),
  updated_at: time(webhook.updatedAt),
});

/** A webhook with the secret that was just made for it; null where that has been told already. */
export const createdWebhookToWire = (webhook: Webhook, secret: string | null) => ({
  ...webhookToWire(webhook),
  secret,
});

/** What was sent without the token of a lease, which is for the endpoint alone. */
const withoutLease = (payload: string): string =>
  payload.replace(/"token":"lse_[^"]*"/g, '"token":null');

/** A delivery as the contract shows it. */
export const deliveryToWire = (delivery: Delivery) => ({
  id: delivery.id,
  webhook: delivery.webhook,
  event: delivery.event,
  status: delivery.status,
  reason: delivery.reason,
  request: {
    bytes: Buffer.byteLength(delivery.payload),
    body: withoutLease(delivery.payload).slice(0, LIMITS.webhookAnswerCharacters),
  },
  attempt_count: delivery.attemptCount,
  attempts: delivery.attempts.map(({ at, status, reason, ms, answer }) => ({
    at: time(at),
    status,
    reason,
    duration_ms: ms,
    body: answer,
  })),
  next_attempt_at: timeOrNull(delivery.nextAt),
  created_at: time(delivery.createdAt),
});

/** What was sent again, as the contract shows it. */
export const recoveredToWire = (recovered: {
  readonly count: number;
  readonly nextSince: number | null;
}) => ({ count: recovered.count, next_since: timeOrNull(recovered.nextSince) });
