import type { Delivery, Webhook } from './answers.ts';
import type { Service } from './client.ts';
import { expectAnswer } from './client.ts';
import { Failure } from './failure.ts';
import { eachDelivery, eachWebhook } from './pages.ts';

const WEBHOOK_ID = /^whk_[0-9a-hjkmnp-tv-z]{26}$/;
/** Webhooks that a message names where more than one is meant. */
const NAMED_MAX = 5;
/** Longer than what all ids begin with. */
const BEGINNING_MIN = 5;

const isMeant = ({ id, url, description }: Webhook, word: string): boolean =>
  url === word || description === word || (word.length >= BEGINNING_MIN && id.startsWith(word));

/**
 * Returns the webhook that a word names: its id, the beginning of its id, its URL, its description, or `latest` for the
 * newest one.
 *
 * Throws a `Failure` where there is none, or more than one.
 */
export async function selectWebhook(service: Service, word: string): Promise<Webhook> {
  if (WEBHOOK_ID.test(word)) {
    return expectAnswer(await service.call('readWebhook', { webhook: word }));
  }
  const meant: Webhook[] = [];
  for await (const webhook of eachWebhook(service)) {
    if (word === 'latest') return webhook;
    if (isMeant(webhook, word)) meant.push(webhook);
  }
  const [webhook] = meant;
  if (webhook === undefined) {
    throw new Failure(
      word === 'latest'
        ? `${service.url} has no webhook yet: create one with "rungwise webhooks create URL --events group.done".`
        : `no webhook is called "${word}": "rungwise webhooks list" lists what there is.`,
    );
  }
  if (meant.length === 1) return webhook;
  const named = meant.slice(0, NAMED_MAX).map(({ id }) => id);
  const rest = meant.length > NAMED_MAX ? ', …' : '';
  throw new Failure(
    `"${word}" could be any of ${meant.length} webhooks, give the id of one: ${named.join(', ')}${rest}`,
  );
}

/**
 * Returns the delivery of a webhook that a word names: its id, the beginning of its id, its event's id, or `latest`.
 *
 * Throws a `Failure` where there is none.
 */
export async function selectDelivery(
  service: Service,
  webhook: string,
  word: string,
): Promise<Delivery> {
  for await (const delivery of eachDelivery(service, { webhook })) {
    const { id, event } = delivery;
    const isBeginning = word.length >= BEGINNING_MIN && id.startsWith(word);
    if (word === 'latest' || event.id === word || isBeginning) return delivery;
    // The newest come first, and ids sort by time.
    if (word.startsWith('dlv_') && id < word) break;
  }
  throw new Failure(
    `${webhook} has no delivery "${word}": "rungwise webhooks deliveries ${webhook}" lists what there is.`,
  );
}
