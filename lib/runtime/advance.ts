import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod';
import { advanceGroup } from '../service/advance.ts';
import type { Runtime } from './runtime.ts';

const poke = z.object({ group: z.string() });

/**
 * A function that does what the pokes of a queue point at. Each record stands for itself: those that failed are named,
 * so that only they come again.
 */
export const advanceFunction =
  (runtime: () => Promise<Runtime>) =>
  async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const { ports, logger } = await runtime();
    const failed: string[] = [];
    // All at once: one that computes for long keeps none of the others waiting.
    const advance = async ({ messageId, body }: SQSEvent['Records'][number]): Promise<void> => {
      try {
        await advanceGroup(ports, poke.parse(JSON.parse(body)).group);
      } catch (error) {
        failed.push(messageId);
        logger.error('advance failed', { message_id: messageId, error });
      }
    };
    await Promise.all(Records.map(advance));
    await ports.store.durable();
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };
