import { isOwed } from '../../domain/delivery.ts';
import { eventsIn, unpack } from '../../domain/event-log.ts';
import type { GroupHead } from '../../domain/group.ts';
import type { Ports } from '../ports.ts';

/*
 * The outbox of webhooks is the log itself: a change of the head that adds events which somebody wants says so in the
 * same write. Who wants nothing pays nothing: no mark, no message, no further item.
 */

/**
 * The head with the mark that webhooks have to be told of its newest events, where one wants any of them.
 *
 * @param stored - how many of the head's waiting events are in the store already
 */
export async function marked(
  ports: Ports,
  group: string,
  head: GroupHead,
  stored: number,
): Promise<GroupHead> {
  if (head.untold !== undefined || head.events.length === stored) return head;
  const audience = await ports.webhooks.audience.read();
  if (audience.length === 0) return head;
  const index = head.events.findIndex(
    (event, place) =>
      place >= stored && audience.some((webhook) => isOwed(webhook, group, unpack(event))),
  );
  if (index === -1) return head;
  const before = head.events.slice(0, index).reduce((sum, event) => sum + eventsIn(event), 0);
  return { ...head, untold: { from: head.eventsFlushed + before, at: ports.now() } };
}
