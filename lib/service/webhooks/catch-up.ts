import type { CatchUp, Webhook } from '../../domain/delivery.ts';
import { isEnabled, isOwed } from '../../domain/delivery.ts';
import type { GroupHead } from '../../domain/group.ts';
import { END, headKey, listingKey, webhookKey } from '../../store/keys.ts';
import { definitionOf } from '../definitions.ts';
import { describeEvents, lengthOf, readLog } from '../events.ts';
import type { Ports } from '../ports.ts';
import { isPushed, notePush } from '../push.ts';
import { AUDIENCE_MS } from './audience.ts';
import { changeWebhook } from './items.ts';
import { tellEvents } from './tell.ts';

/*
 * A process goes by what it has read of the webhooks for a while, so for so long after a webhook was made or changed some
 * process may not mark a group for it. Once that time is over, the sweep looks at every group that has changed since and
 * tells the webhook what it is owed; what it has been told already is the same delivery again.
 *
 *   webhook stored ──── processes may not know it ────> they all do ──sweep: groups changed since──> nothing is missing
 */

/** How long the write of a head may take to land after the webhooks were read for it, ms: longer than a call lasts. */
const LANDING_MS = 20_000;
const GROUPS_PER_STEP = 100;
const EVENTS_PER_STEP = 100;
/** By how much clocks of processes may differ, ms: so far back the log is read beyond the time. */
const SKEW_MS = 60_000;
const START_OF_GROUPS = 'grp_';

/** What has to be made up for after a change of a webhook; of a change before it that still has to be, too. */
export const catchUpFrom = (at: number, before: CatchUp | null): CatchUp => ({
  from: Math.min(at, before?.from ?? at),
  dueAt: at + AUDIENCE_MS + LANDING_MS,
  after: null,
});

/** Tells the webhook of the group's events since the time, from the end of the log backwards. */
export async function tellSince(
  ports: Ports,
  group: string,
  of: { readonly webhook: Webhook; readonly head: GroupHead; readonly from: number },
): Promise<void> {
  const { webhook, head, from } = of;
  const definition = await definitionOf(ports, group);
  if (definition === null) return;
  let first = lengthOf(head);
  let isBefore = false;
  while (first > 0 && !isBefore) {
    const limit = Math.min(EVENTS_PER_STEP, first);
    first -= limit;
    const log = await readLog(ports, group, head, { from: first, limit });
    const since = log.filter(({ at }) => at >= from);
    const withLeases = isPushed(definition);
    const { events } = await describeEvents(ports, definition, since, { withLeases });
    await tellEvents(ports, events, [webhook]);
    isBefore = log.some(({ at }) => at < from - SKEW_MS);
  }
}

/** Makes up for what a webhook may have missed, as far as the time goes; the next pass goes on there. */
export async function catchUp(ports: Ports, id: string, until: number): Promise<void> {
  const item = await ports.store.get(webhookKey(id));
  const webhook = item?.body;
  if (webhook === undefined || webhook.catchUp === null) return;
  const { from, dueAt } = webhook.catchUp;
  if (dueAt > ports.now()) return;
  const note = (next: CatchUp | null): Promise<Webhook | null> =>
    changeWebhook(ports.store, id, (now) =>
      // Changed meanwhile: all of it is to be done again.
      now.catchUp?.dueAt === dueAt ? { ...now, catchUp: next } : now,
    );
  let { after } = webhook.catchUp;
  while (isEnabled(webhook) && ports.now() < until) {
    const groups = await ports.store.list(listingKey(START_OF_GROUPS), {
      from: START_OF_GROUPS,
      to: after ?? START_OF_GROUPS + END,
      limit: GROUPS_PER_STEP + 1,
      reverse: true,
    });
    const step = groups
      .map(({ sk }) => sk)
      .filter((group) => group !== after)
      .slice(0, GROUPS_PER_STEP);
    const heads = await ports.store.getMany(step.map(headKey));
    for (const [index, group] of step.entries()) {
      const head = heads[index]?.body;
      const event = { type: 'experiment.dispatched', at: ports.now() } as const;
      if (head?.push === 'unheard' && isOwed(webhook, group, event)) {
        await notePush(ports, group, 'due');
      }
      if (head === undefined || head.updatedAt < from - SKEW_MS) continue;
      await tellSince(ports, group, { webhook, head, from });
    }
    after = step.at(-1) ?? after;
    if (step.length < GROUPS_PER_STEP) {
      await note(null);
      return;
    }
    await note({ from, dueAt, after });
  }
  if (!isEnabled(webhook)) await note(null);
}
