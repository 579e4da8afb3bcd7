import type { SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import { isDeliveryId, isWebhookId } from '../service/ids.ts';
import type { SenderPorts } from '../service/webhooks/deliver.ts';
import { deliverOnce } from '../service/webhooks/deliver.ts';
import type { DeliveryMessage } from '../service/webhooks/ports.ts';
import { createGate } from './gate.ts';
import type { Meter, MetricName } from './meter.ts';
import type { QueueFunction } from './queue-function.ts';
import type { Logger } from './runtime.ts';

/** What the function that sends has: no more than the items of webhooks and deliveries. */
export interface SenderRuntime {
  readonly ports: SenderPorts;
  readonly logger: Logger;
  readonly meter: Meter;
}

/** Seconds until a message comes again that an endpoint had no room for. */
const BUSY_SECONDS = 1;
/** Seconds by which those of one endpoint spread out, as many of them go back together. */
const BUSY_SPREAD_SECONDS = 10;

const message = z.object({
  webhook: z.string().refine(isWebhookId),
  delivery: z.string().refine(isDeliveryId),
});

/** The delivery that a record points at, null where it points at none. */
function read({ body }: SQSRecord): DeliveryMessage | null {
  try {
    return message.parse(JSON.parse(body));
  } catch {
    return null;
  }
}

const METRIC_OF = {
  passed_over: null,
  delivered: 'WebhooksDelivered',
  retrying: 'WebhooksFailed',
  dead: 'WebhooksDead',
} as const satisfies Record<string, MetricName | null>;

/**
 * A function that makes the attempts which the messages of a queue point at, all of a batch at once. Messages whose
 * attempt could not be made are named, so that only they come again.
 */
export function deliverFunction(runtime: () => Promise<SenderRuntime>): QueueFunction {
  const gate = createGate();

  async function attempt(
    { ports, logger, meter }: SenderRuntime,
    body: DeliveryMessage,
  ): Promise<void> {
    const { webhook } = body;
    if (!(await gate.enter(webhook))) {
      // A new message in its place: one that went back would be given up after some rounds.
      const delaySeconds = BUSY_SECONDS + Math.floor(ports.random() * BUSY_SPREAD_SECONDS);
      return ports.send([{ body, delaySeconds }]);
    }
    let hasFailed = false;
    try {
      const { kind, disabledBy } = await deliverOnce(ports, body);
      hasFailed = kind === 'retrying' || kind === 'dead';
      const metric = METRIC_OF[kind];
      if (metric !== null) meter.add(metric, 1);
      if (disabledBy === null) return;
      meter.add('WebhooksDisabled', 1);
      logger.warn('webhook disabled', { webhook, reason: disabledBy });
    } finally {
      gate.leave(webhook, hasFailed);
    }
  }

  return async ({ Records }) => {
    const ready = await runtime();
    const { ports, logger, meter } = ready;
    const started = performance.now();
    const failed: string[] = [];
    await Promise.all(
      Records.map(async (record) => {
        const body = read(record);
        if (body === null) {
          // What the body says stays out of the log.
          logger.error('message unreadable', { message_ids: [record.messageId] });
          failed.push(record.messageId);
          return;
        }
        try {
          await attempt(ready, body);
        } catch (error) {
          failed.push(record.messageId);
          logger.error('delivery failed', { ...body, message_ids: [record.messageId], error });
        }
      }),
    );
    await ports.store.durable();
    logger.info('delivered', {
      messages: Records.length,
      failed: failed.length,
      ms: Math.round(performance.now() - started),
      ...meter.take(null),
    });
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };
}
