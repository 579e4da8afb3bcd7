import type { EventType } from './group.ts';
import { EVENT_TYPES } from './group.ts';
import { LIMITS } from './limits.ts';

/*
 * What a webhook is told of, when a delivery is tried again, and what the outcome says about the webhook.
 */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** What a webhook can be told of: the events of groups, and the test that somebody asks for. */
export const WEBHOOK_EVENT_TYPES = [...EVENT_TYPES, 'webhook.test'] as const;
export type WebhookEventType = EventType | 'webhook.test';

const ALL = '*';
const REST = '.*';

/** What a webhook may ask for: every type, `group.*` and its like, and `*`. */
export const EVENT_PATTERNS: readonly string[] = [
  ALL,
  ...new Set(WEBHOOK_EVENT_TYPES.map((type) => type.slice(0, type.indexOf('.')) + REST)),
  ...WEBHOOK_EVENT_TYPES,
];

/** True where one of a webhook's patterns stands for the type: its name, `group.*`, or `*`. */
export const matches = (patterns: readonly string[], type: WebhookEventType): boolean =>
  patterns.some(
    (pattern) =>
      pattern === ALL ||
      pattern === type ||
      (pattern.endsWith(REST) && type.startsWith(pattern.slice(0, -1))),
  );

/** Time from each attempt that failed to the next one, before jitter. */
const RETRY_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
] as const;
/** The share by which a retry comes sooner or later, so that what failed together does not come again together. */
const JITTER = 0.1;

/**
 * Returns when a delivery is tried again, in whole milliseconds since the epoch; null where it has been tried often
 * enough and becomes a dead letter.
 *
 * @param attempt - how often it has been tried: 1 after the first time
 * @param now - milliseconds since the epoch
 * @param random - from 0 to below 1; spreads the retries over ± 10 % of the delay
 */
export function retryAt(attempt: number, now: number, random: number): number | null {
  const delayMs = RETRY_MS[attempt - 1];
  return delayMs === undefined ? null : Math.round(now + delayMs * (1 + JITTER * (2 * random - 1)));
}

/** What came of sending a webhook once. */
export type Sent =
  /** It was answered, well or not; `body` is the beginning of the answer. */
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** From the beginning of the attempt, DNS included. */
      readonly ms: number;
      readonly body: string;
    }
  /** Nothing was sent: the URL or every address of its host is one to which nothing may be sent. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Nobody can say whether it arrived. */
  | { readonly kind: 'failed'; readonly reason: string };

/** True where the endpoint has taken the delivery: any 2xx. */
export const isDelivered = (sent: Sent): boolean =>
  sent.kind === 'answered' && sent.status >= 200 && sent.status <= 299;

/** What deliveries have told of a webhook. */
export interface WebhookHealth {
  /** Since when every delivery has failed, ms; null where the newest one arrived or there was none. */
  readonly failingSince: number | null;
  /** Why nothing is sent any more: the endpoint answered 410, or nothing has arrived for days. Null while it is sent to. */
  readonly disabledBy: 'gone' | 'failing' | null;
}

/** The health of a new webhook, and of one that somebody enables again. */
export const HEALTHY: WebhookHealth = { failingSince: null, disabledBy: null };

const GONE = 410;
/** So long nothing but failures disable a webhook. */
const FAILING_MS = 5 * 24 * HOUR_MS;

/**
 * Returns a webhook's health after one attempt of a delivery. What comes in late for a webhook that is disabled changes
 * nothing: only somebody who enables it does.
 *
 * @param now - milliseconds since the epoch
 */
export function afterDelivery(health: WebhookHealth, sent: Sent, now: number): WebhookHealth {
  if (health.disabledBy !== null) return health;
  if (isDelivered(sent)) return HEALTHY;
  const failingSince = health.failingSince ?? now;
  if (sent.kind === 'answered' && sent.status === GONE) return { failingSince, disabledBy: 'gone' };
  return { failingSince, disabledBy: now - failingSince >= FAILING_MS ? 'failing' : null };
}

/** A webhook's secret as it is stored. */
export interface SealedSecret {
  /** What the secret box made of it. */
  readonly sealed: string;
  /** Until when it signs, ms; null for the newest one, which signs until a rotation. */
  readonly until: number | null;
}

/** How long the secret before signs beside the new one, so that endpoints can change over. */
const OVERLAP_MS = 24 * HOUR_MS;

/** The secrets that sign at a time, the newest first. */
export const liveSecrets = (
  secrets: readonly SealedSecret[],
  now: number,
): readonly SealedSecret[] => secrets.filter(({ until }) => until === null || now < until);

/** The secrets after a rotation: the new one, and those that sign for a while yet, of many the latest. */
export const rotated = (
  secrets: readonly SealedSecret[],
  sealed: string,
  now: number,
): readonly SealedSecret[] => [
  { sealed, until: null },
  ...liveSecrets(secrets, now)
    .slice(0, LIMITS.webhookSecrets - 1)
    .map((secret) => ({ ...secret, until: secret.until ?? now + OVERLAP_MS })),
];
