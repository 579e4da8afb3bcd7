import type { GroupHead } from '../../domain/group.ts';
import { definitionOf } from '../definitions.ts';
import { describeEvents, lengthOf, readLog } from '../events.ts';
import type { Ports } from '../ports.ts';
import { tellSince } from './catch-up.ts';
import { enabledWebhooks } from './items.ts';
import { tellEvents, tellGroup } from './tell.ts';

/** Events at the end of a log among which that of the deletion is. */
const LAST_EVENTS = 4;

/**
 * Tells webhooks everything that they are owed of a group that was deleted: what its head is marked for, the deletion,
 * and what processes did not know that a new webhook wants. Nothing of the group may be removed before that.
 */
export async function tellDeletion(ports: Ports, group: string, head: GroupHead): Promise<void> {
  await tellGroup(ports, group);
  const definition = await definitionOf(ports, group);
  if (definition === null) return;
  const from = Math.max(0, lengthOf(head) - LAST_EVENTS);
  const log = await readLog(ports, group, head, { from, limit: LAST_EVENTS });
  const last = log.filter(({ type }) => type === 'group.deleted');
  const { events } = await describeEvents(ports, definition, last);
  const webhooks = await enabledWebhooks(ports.store);
  await tellEvents(ports, events, webhooks);
  for (const webhook of webhooks) {
    if (webhook.catchUp === null) continue;
    await tellSince(ports, group, { webhook, head, from: webhook.catchUp.from });
  }
}
