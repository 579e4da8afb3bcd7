import type { Delivery, Webhook } from '../../domain/delivery.ts';
import {
  attempted,
  claimed,
  givenUp,
  isClaimed,
  isEnabled,
  isOnTrial,
  offTrial,
  onTrial,
} from '../../domain/delivery.ts';
import type { Sent } from '../../domain/webhook.ts';
import { afterDelivery, isDelivered, liveSecrets } from '../../domain/webhook.ts';
import type { Webhooks } from '../../events/webhooks/webhooks.ts';
import { deliveryKey, webhookKey } from '../../store/keys.ts';
import type { Item, Store } from '../../store/store.ts';
import { changeDelivery, changeWebhook, putDelivery, putWebhook } from './items.ts';
import type { DeliveryMessage, SendDeliveries } from './ports.ts';

/*
 * One attempt of one delivery. It knows the items of webhooks and deliveries and nothing else: whoever sends to addresses
 * that others have chosen may not read what groups hold.
 */

/** What an attempt needs of the world. */
export interface SenderPorts {
  readonly store: Store;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A number in [0, 1), by which retries spread out. */
  readonly random: () => number;
  readonly team: string;
  readonly deliver: Webhooks['deliver'];
  readonly send: SendDeliveries;
}

/** What came of a message. */
export interface Outcome {
  /**
   * `passed_over`: there was nothing to send, because it is done, not due yet, or nothing is sent to the webhook.
   * `retrying` and `dead` have failed, the one to be tried again.
   */
  readonly kind: 'passed_over' | 'delivered' | 'retrying' | 'dead';
  /** Why nothing is sent to the webhook any more, where this attempt has brought that about. */
  readonly disabledBy: 'gone' | 'failing' | null;
}

/** A message may come so much before the attempt is due: clocks differ, and queues count in seconds. */
const EARLY_MS = 2_000;
/** The longest that a queue delays a message: for longer the sweep sends it. */
const DELAY_SECONDS_MAX = 900;
/** When a delivery comes again whose endpoint fails and is being tried with another one, seconds; they spread out. */
const PUT_OFF_SECONDS = { least: 5, spread: 30 };
const PASSED_OVER: Outcome = { kind: 'passed_over', disabledBy: null };

/** Sends, and returns what came of it; a secret that cannot be read is a failure that its owner can see. */
async function sendOnce(
  ports: SenderPorts,
  webhook: Webhook,
  { event, payload }: Delivery,
): Promise<Sent> {
  const secrets = liveSecrets(webhook.secrets, ports.now()).map(({ sealed }) => sealed);
  const owner = { team: ports.team, webhook: webhook.id };
  try {
    return await ports.deliver({ owner, url: webhook.url, secrets, id: event.id, body: payload });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'SecretUnreadable') throw error;
    return { kind: 'refused', reason: 'the secret cannot be read any more: rotate it' };
  }
}

/** Puts the outcome into the webhook's health, where that changes; returns by what it was disabled, null where it was not. */
async function noteHealth(
  { store, now }: SenderPorts,
  id: string,
  sent: Sent,
): Promise<Outcome['disabledBy']> {
  let disabledBy: Outcome['disabledBy'] = null;
  await changeWebhook(store, id, (webhook) => {
    const health = afterDelivery(webhook.health, sent, now());
    const { health: old } = webhook;
    disabledBy = old.disabledBy === null ? health.disabledBy : null;
    const isSame = health.failingSince === old.failingSince && health.disabledBy === old.disabledBy;
    const rest = webhook.triedUntil === undefined ? webhook : offTrial(webhook);
    return isSame ? rest : { ...rest, health, updatedAt: now() };
  });
  return disabledBy;
}

/** How long after its time the sweep sends the message of an attempt, which no queue delays for so long. */
const lateMsOf = (delaySeconds: number): { readonly lateMs?: number } =>
  delaySeconds > DELAY_SECONDS_MAX ? { lateMs: 0 } : {};

/** Notes the attempt in the delivery, and has it tried again where it is to be. */
async function record(
  ports: SenderPorts,
  item: Item<Delivery>,
  tried: { readonly sent: Sent; readonly at: number },
): Promise<Outcome['kind']> {
  const now = ports.now();
  const delayOf = ({ nextAt }: Delivery): number => Math.ceil(((nextAt ?? now) - now) / 1_000);
  const noted = await changeDelivery(ports.store, item, (known) => {
    if (known.status !== 'pending') return null;
    const body = attempted(known, { ...tried, now }, ports.random());
    return { body, ...lateMsOf(delayOf(body)) };
  });
  if (noted === null) return isDelivered(tried.sent) ? 'delivered' : 'passed_over';
  if (noted.status !== 'pending') return noted.status === 'delivered' ? 'delivered' : 'dead';
  const delaySeconds = delayOf(noted);
  if (delaySeconds <= DELAY_SECONDS_MAX) {
    const body: DeliveryMessage = { webhook: noted.webhook, delivery: noted.id };
    await ports.send([{ body, delaySeconds }]);
  }
  return 'retrying';
}

/** Claims the delivery for one attempt; null where somebody else makes it, or where it has changed. */
async function claim(
  { store, now }: SenderPorts,
  { rev, body }: Item<Delivery>,
): Promise<Item<Delivery> | null> {
  if (isClaimed(body, now())) return null;
  const mine = claimed(body, now());
  const { webhook, id } = mine;
  const outcome = await putDelivery(store, mine, { expect: rev });
  return outcome.kind === 'stored'
    ? { ...deliveryKey(webhook, id), rev: outcome.rev, body: mine }
    : null;
}

/** Claims an endpoint that fails for one attempt; false where somebody else tries it. */
async function claimEndpoint(
  { store, now }: SenderPorts,
  { rev, body }: Item<Webhook>,
): Promise<boolean> {
  if (isOnTrial(body, now())) return false;
  return (await putWebhook(store, onTrial(body, now()), rev)).kind === 'stored';
}

/** Sends a message in the place of one whose attempt cannot be made now. */
function putOff({ random, send }: SenderPorts, body: DeliveryMessage): Promise<void> {
  const { least, spread } = PUT_OFF_SECONDS;
  return send([{ body, delaySeconds: least + Math.floor(random() * spread) }]);
}

/**
 * Makes the attempt that a message points at, if it is due. The same message again finds it done, or claimed. Of an
 * endpoint that fails only one attempt is under way, in all processes: that of a dead one lasts, and while it does, the
 * process may hold up others.
 */
export async function deliverOnce(
  ports: SenderPorts,
  { webhook, delivery }: DeliveryMessage,
): Promise<Outcome> {
  const { store, now } = ports;
  const [owner, item] = await Promise.all([
    store.get(webhookKey(webhook)),
    store.get(deliveryKey(webhook, delivery)),
  ]);
  if (item === null || item.body.status !== 'pending') return PASSED_OVER;
  if (owner === null) {
    await store.remove(item);
    return PASSED_OVER;
  }
  if ((item.body.nextAt ?? 0) > now() + EARLY_MS) return PASSED_OVER;
  if (!isEnabled(owner.body)) {
    await changeDelivery(store, item, (known) =>
      known.status === 'pending' ? { body: givenUp(known, 'the webhook is disabled') } : null,
    );
    return PASSED_OVER;
  }
  const isFailing = owner.body.health.failingSince !== null;
  if (isFailing && !(await claimEndpoint(ports, owner))) {
    await putOff(ports, { webhook, delivery });
    return PASSED_OVER;
  }
  // Whoever has the endpoint has its deliveries.
  const mine = isFailing ? item : await claim(ports, item);
  if (mine === null) return PASSED_OVER;
  const at = now();
  const sent = await sendOnce(ports, owner.body, mine.body);
  const kind = await record(ports, mine, { sent, at });
  return { kind, disabledBy: await noteHealth(ports, webhook, sent) };
}
