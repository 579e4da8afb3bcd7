import { once } from '../contract/once.ts';
import type { Json } from '../domain/values.ts';
import type { Outgoing } from '../events/queue.ts';

/**
 * What sends messages through a queue in the cloud, opened with the first of them: most calls send none. Without a queue
 * it sends nothing, and the sweep finds what is due.
 *
 * The result throws what the queue throws.
 */
export function openSender<T extends Json>(
  url: string | undefined,
  endpoint: string | undefined,
): (messages: readonly Outgoing<T>[]) => Promise<void> {
  if (url === undefined) return async () => {};
  const queue = once(async () => {
    const { openQueue } = await import('./queues.ts');
    return openQueue<T>(url, endpoint);
  });
  return async (messages) => {
    if (messages.length > 0) await (await queue()).send(messages);
  };
}
