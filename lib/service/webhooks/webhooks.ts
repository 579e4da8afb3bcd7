import type { Webhook } from '../../domain/delivery.ts';
import { isEnabled } from '../../domain/delivery.ts';
import type { Fault } from '../../domain/faults.ts';
import { fault } from '../../domain/faults.ts';
import { LIMITS } from '../../domain/limits.ts';
import type { Result } from '../../domain/result.ts';
import { err, ok } from '../../domain/result.ts';
import { HEALTHY, rotated } from '../../domain/webhook.ts';
import { goneKey, webhookKey } from '../../store/keys.ts';
import { isWebhookId, webhookId } from '../ids.ts';
import type { Call, Ports } from '../ports.ts';
import { catchUpFrom } from './catch-up.ts';
import { changeWebhook, listedWebhooks, putWebhook } from './items.ts';

/** What a webhook is to be. */
export interface WebhookRequest {
  readonly url: string;
  readonly events: readonly string[];
  readonly groups: readonly string[] | null;
  readonly description: string;
}

/** What is to be changed of a webhook; what is left out stays. */
export type WebhookPatch = Partial<WebhookRequest> & { readonly isPaused?: boolean };

/** A webhook with the secret that was just made for it, which is kept nowhere in this form. */
export interface WithSecret {
  readonly webhook: Webhook;
  /** `whsec_…` */
  readonly secret: string;
}

/** Fault for a webhook that does not exist, or no longer. */
export const webhookNotFound = (id: string): Fault =>
  fault(
    'webhook_not_found',
    `There is no webhook ${isWebhookId(id) ? `"${id}"` : 'of this id'}; it may have been deleted.`,
  );

async function checkedUrl(ports: Ports, url: string): Promise<Result<string, Fault>> {
  const checked = await (await ports.webhooks.desk()).checkUrl(url);
  if (checked.ok) return checked;
  const errors = [{ path: 'url', message: checked.fault }];
  return err(fault('invalid_request', `url: ${checked.fault}`, { errors }));
}

async function newSecret(ports: Ports, webhook: string): Promise<{ text: string; sealed: string }> {
  const desk = await ports.webhooks.desk();
  return desk.createSecret({ team: ports.webhooks.team, webhook });
}

/**
 * Creates a webhook. The same call again, after a crash, makes the same webhook with a new secret: nobody has got the
 * old one.
 *
 * *Faults* `invalid_request`, `too_many_webhooks`, `in_progress`
 */
export async function createWebhook(
  ports: Ports,
  call: Call,
  request: WebhookRequest,
): Promise<Result<WithSecret, Fault>> {
  const url = await checkedUrl(ports, request.url);
  if (!url.ok) return url;
  const id = webhookId(call);
  const known = await listedWebhooks(ports.store, { after: null, limit: LIMITS.webhooks });
  const unfinished = known.find(({ sk }) => sk === id);
  if (unfinished === undefined && known.length === LIMITS.webhooks) {
    const detail = `There are ${LIMITS.webhooks} webhooks, which is the limit.`;
    return err(fault('too_many_webhooks', detail));
  }
  const { text, sealed } = await newSecret(ports, id);
  const webhook: Webhook = {
    ...request,
    id,
    url: url.value,
    isPaused: false,
    health: HEALTHY,
    secrets: [{ sealed, until: null }],
    createdAt: call.at,
    updatedAt: call.at,
    since: call.at,
    catchUp: catchUpFrom(ports.now(), { from: call.at, dueAt: call.at, after: null }),
  };
  const outcome = await putWebhook(ports.store, webhook, unfinished?.rev ?? 0);
  ports.webhooks.audience.forget();
  if (outcome.kind === 'stored') return ok({ webhook, secret: text });
  const detail = 'The same request is being worked on by somebody else.';
  return err(fault('in_progress', detail, { retryAfterSeconds: 1 }));
}

/**
 * One webhook.
 *
 * *Faults* `webhook_not_found`
 */
export async function readWebhook(
  { store }: Pick<Ports, 'store'>,
  id: string,
): Promise<Result<Webhook, Fault>> {
  const item = isWebhookId(id) ? await store.get(webhookKey(id)) : null;
  return item === null ? err(webhookNotFound(id)) : ok(item.body);
}

/** Webhooks newest first; `after` is the id of the last one seen. */
export async function listWebhooks(
  { store }: Pick<Ports, 'store'>,
  { after, limit }: { readonly limit: number; readonly after: string | null },
): Promise<{ readonly webhooks: readonly Webhook[]; readonly next: string | null }> {
  // One for the last one seen, one to know whether there are more.
  const items = await listedWebhooks(store, { after, limit: limit + 2 });
  const rest = items.filter(({ sk }) => sk !== after).map(({ body }) => body);
  const webhooks = rest.slice(0, limit);
  return { webhooks, next: rest.length > limit ? (webhooks.at(-1)?.id ?? null) : null };
}

/** The webhook with what is asked for. One that is enabled again owes nothing of the time before. */
function patched(webhook: Webhook, patch: WebhookPatch, now: number): Webhook {
  const { isPaused = webhook.isPaused, ...fields } = patch;
  const changed: Webhook = { ...webhook, ...fields, isPaused, updatedAt: now };
  const isEnabledAgain = patch.isPaused === false && !isEnabled(webhook);
  const ready = isEnabledAgain ? { ...changed, health: HEALTHY, since: now } : changed;
  return { ...ready, catchUp: catchUpFrom(now, webhook.catchUp) };
}

/**
 * Changes what is given of a webhook. Enabling it forgets why it was disabled.
 *
 * *Faults* `webhook_not_found`, `invalid_request`
 */
export async function patchWebhook(
  ports: Ports,
  id: string,
  patch: WebhookPatch,
): Promise<Result<Webhook, Fault>> {
  const found = await readWebhook(ports, id);
  if (!found.ok || Object.keys(patch).length === 0) return found;
  const url = patch.url === undefined ? null : await checkedUrl(ports, patch.url);
  if (url !== null && !url.ok) return url;
  const wanted = url === null ? patch : { ...patch, url: url.value };
  const changed = await changeWebhook(ports.store, id, (webhook) =>
    patched(webhook, wanted, ports.now()),
  );
  ports.webhooks.audience.forget();
  return changed === null ? err(webhookNotFound(id)) : ok(changed);
}

/**
 * Gives a webhook a new secret; those before it sign for 24 hours more.
 *
 * *Faults* `webhook_not_found`
 */
export async function rotateSecret(ports: Ports, id: string): Promise<Result<WithSecret, Fault>> {
  const found = await readWebhook(ports, id);
  if (!found.ok) return found;
  const { text, sealed } = await newSecret(ports, id);
  const changed = await changeWebhook(ports.store, id, (webhook) => {
    const now = ports.now();
    return { ...webhook, secrets: rotated(webhook.secrets, sealed, now), updatedAt: now };
  });
  return changed === null ? err(webhookNotFound(id)) : ok({ webhook: changed, secret: text });
}

/**
 * Deletes a webhook: nothing more is sent to it, and the sweep removes its deliveries.
 *
 * *Faults* `webhook_not_found`
 */
export async function deleteWebhook(ports: Ports, id: string): Promise<Result<null, Fault>> {
  const found = await readWebhook(ports, id);
  if (!found.ok) return found;
  const at = ports.now();
  // The mark comes first: whatever interrupts the rest, the sweep goes on with it.
  await ports.store.put({ key: goneKey(id), body: { at }, expect: 0, due: at });
  await ports.store.remove(webhookKey(id));
  ports.webhooks.audience.forget();
  return ok(null);
}
