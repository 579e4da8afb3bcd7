import { LIMITS } from './limits.ts';
import type { SealedSecret, Sent, WebhookEventType, WebhookHealth } from './webhook.ts';
import { isDelivered, matches, retryAt } from './webhook.ts';

/*
 * What is stored of webhooks and of what they are told: pure functions from state to state.
 */

/** Somebody has yet to look for events that processes did not know the webhook wants. */
export interface CatchUp {
  /** Events from this time on, ms. */
  readonly from: number;
  /** When every process knows the webhook as it is now, ms. */
  readonly dueAt: number;
  /** The group that was looked at last, from the newest to the oldest; null before the first. */
  readonly after: string | null;
}

/** An endpoint that is told of events. */
export interface Webhook {
  readonly id: string;
  readonly url: string;
  /** Patterns of the types that it is told of. */
  readonly events: readonly string[];
  /** Only these groups; null for all of the team. */
  readonly groups: readonly string[] | null;
  readonly description: string;
  /** True where somebody has disabled it. */
  readonly isPaused: boolean;
  readonly health: WebhookHealth;
  readonly secrets: readonly SealedSecret[];
  readonly createdAt: number;
  readonly updatedAt: number;
  /** It is told of events from this time on, ms: since it was created or last enabled. */
  readonly since: number;
  readonly catchUp: CatchUp | null;
  /** Until when somebody tries the endpoint, which fails: nobody else does meanwhile, ms. */
  readonly triedUntil?: number;
}

/** True where events are sent to the webhook. */
export const isEnabled = ({ isPaused, health }: Webhook): boolean =>
  !isPaused && health.disabledBy === null;

/** What of an event decides who is told of it. */
export interface TellableEvent {
  readonly type: WebhookEventType;
  /** When it happened, ms. */
  readonly at: number;
}

/** True where the webhook is to be told of a group's event. */
export const isOwed = (webhook: Webhook, group: string, { type, at }: TellableEvent): boolean =>
  isEnabled(webhook) &&
  at >= webhook.since &&
  (webhook.groups === null || webhook.groups.includes(group)) &&
  matches(webhook.events, type);

/** One attempt of a delivery. */
export interface Attempt {
  /** When it was begun, ms. */
  readonly at: number;
  /** Status of the answer; null where there was none. */
  readonly status: number | null;
  /** Why there was no answer; null where there was one. */
  readonly reason: string | null;
  /** How long the answer took; null where there was none. */
  readonly ms: number | null;
  /** The beginning of the answer's body. */
  readonly answer: string;
}

/** One event on its way to one webhook. */
export interface Delivery {
  readonly id: string;
  readonly webhook: string;
  readonly event: {
    readonly id: string;
    readonly type: WebhookEventType;
    /** Null for the event of a test. */
    readonly group: string | null;
  };
  /** The body that is sent, the same at every attempt. */
  readonly payload: string;
  /** `failed`: a dead letter, which is sent again only when somebody asks for it. */
  readonly status: 'pending' | 'delivered' | 'failed';
  /** Why it was given up; null while it was not. */
  readonly reason: string | null;
  /** The newest attempts, the last one at the end. */
  readonly attempts: readonly Attempt[];
  readonly attemptCount: number;
  /** Attempts since the event came or somebody last asked for it: they decide when the next one is due. */
  readonly round: number;
  /** When the next attempt is due, ms; null where there is none. */
  readonly nextAt: number | null;
  /** Until when somebody makes the attempt: nobody else does meanwhile, ms. */
  readonly claimedUntil?: number;
  readonly createdAt: number;
}

/** The delivery of an event that is to be sent at once. */
export const newDelivery = (
  of: Pick<Delivery, 'id' | 'webhook' | 'event' | 'payload'>,
  now: number,
): Delivery => ({
  ...of,
  status: 'pending',
  reason: null,
  attempts: [],
  attemptCount: 0,
  round: 0,
  nextAt: now,
  createdAt: now,
});

const attemptOf = (sent: Sent, at: number): Attempt =>
  sent.kind === 'answered'
    ? {
        at,
        status: sent.status,
        reason: null,
        ms: sent.ms,
        answer: sent.body.slice(0, LIMITS.webhookAnswerCharacters),
      }
    : { at, status: null, reason: sent.reason, ms: null, answer: '' };

/** Longer than an attempt and its two writes take, ms. */
const ATTEMPT_MS = 20_000;

/** The delivery while somebody makes an attempt. */
export const claimed = (delivery: Delivery, now: number): Delivery => ({
  ...delivery,
  claimedUntil: now + ATTEMPT_MS,
});

/** True while somebody makes an attempt, who may have died. */
export const isClaimed = ({ claimedUntil = 0 }: Delivery, now: number): boolean =>
  claimedUntil > now;

const unclaimed = ({ claimedUntil: _claimedUntil, ...delivery }: Delivery): Delivery => delivery;

/** The webhook while somebody tries its endpoint, which fails. */
export const onTrial = (webhook: Webhook, now: number): Webhook => ({
  ...webhook,
  triedUntil: now + ATTEMPT_MS,
});

/** True while somebody tries the endpoint, who may have died. */
export const isOnTrial = ({ triedUntil = 0 }: Webhook, now: number): boolean => triedUntil > now;

/** The webhook once the trial has ended. */
export const offTrial = ({ triedUntil: _triedUntil, ...webhook }: Webhook): Webhook => webhook;

/** The delivery without a further attempt. */
export const givenUp = (delivery: Delivery, reason: string): Delivery => ({
  ...delivery,
  status: 'failed',
  reason,
  nextAt: null,
});

/** The delivery as somebody has asked for it once more: tried now, and by the whole schedule from there. */
export const renewed = (delivery: Delivery, now: number): Delivery => ({
  ...unclaimed(delivery),
  status: 'pending',
  reason: null,
  round: 0,
  nextAt: now,
});

/**
 * The delivery after an attempt: delivered, due again by the schedule, or a dead letter.
 *
 * @param random - from 0 to below 1; spreads the retries
 */
export function attempted(
  delivery: Delivery,
  tried: { readonly sent: Sent; readonly at: number; readonly now: number },
  random: number,
): Delivery {
  const { sent, at, now } = tried;
  const round = delivery.round + 1;
  const noted: Delivery = {
    ...unclaimed(delivery),
    attempts: [...delivery.attempts, attemptOf(sent, at)].slice(-LIMITS.webhookAttemptsKept),
    attemptCount: delivery.attemptCount + 1,
    round,
  };
  if (isDelivered(sent)) return { ...noted, status: 'delivered', reason: null, nextAt: null };
  const nextAt = retryAt(round, now, random);
  return nextAt === null
    ? givenUp(noted, `it has failed ${round} times, as often as it is tried`)
    : { ...noted, nextAt };
}
