import type { Delivery } from '../../domain/delivery.ts';
import { deliveryKey, goneKey, webhookKey } from '../../store/keys.ts';
import type { Ports } from '../ports.ts';
import { putDelivery } from './items.ts';

/** A message that waits in a queue for so long is taken for lost, ms. */
const LOST_MS = 15 * 60_000;

/** True for the mark that the deliveries of a webhook are to be removed. */
export const isGone = (webhook: string, sk: string): boolean => sk === goneKey(webhook).sk;

/** Sends the message of a delivery that is due and that no message may point at any more. */
export async function resend(ports: Ports, webhook: string, delivery: string): Promise<void> {
  const { store, now } = ports;
  const item = await store.get(deliveryKey(webhook, delivery));
  if (item === null || item.body.nextAt === null) return;
  if ((await store.get(webhookKey(webhook))) === null) return store.remove(item);
  // From here on the message counts as sent: a queue that is behind gets no second one with every pass.
  const body: Delivery = { ...item.body, nextAt: Math.max(item.body.nextAt, now()) };
  const outcome = await putDelivery(store, body, { expect: item.rev, lateMs: LOST_MS });
  if (outcome.kind === 'stored') {
    await ports.webhooks.send([{ body: { webhook, delivery } }]);
  }
}
