import { eventsIn } from '../domain/event-log.ts';
import type { Fault } from '../domain/faults.ts';
import { fault } from '../domain/faults.ts';
import type { GroupHead } from '../domain/group.ts';
import { LIMITS } from '../domain/limits.ts';
import type { Result } from '../domain/result.ts';
import { err, ok } from '../domain/result.ts';
import { eventsKey, headKey, resultsKey } from '../store/keys.ts';
import type { Item, Key } from '../store/store.ts';
import { StoreUnavailable } from '../store/store.ts';
import type { Ports } from './ports.ts';

/** Entries that wait in the head before they move into a chunk: enough to make the chunk's write worth it. */
const FLUSH_ENTRIES = 16;

/** What a decision wants: the new head, or none where nothing changes; and its result. */
export type Decision<T> =
  | { readonly head: GroupHead; readonly result: T }
  | { readonly head?: undefined; readonly result: T };

/** Fault for a group that does not exist, or no longer. */
export const groupNotFound = (group: string): Fault =>
  fault('group_not_found', `There is no group "${group}"; it may have been deleted.`);

/**
 * Moves entries that the stored head carries into a chunk that never changes, and returns how many there are of them.
 * Only entries that a stored head carries are moved: so whoever else does the same writes the same entries, and a chunk
 * that is there already (an earlier round got no further) is as good as ours.
 */
async function flush<T>(
  ports: Ports,
  key: Key<readonly T[]>,
  entries: readonly T[],
): Promise<number> {
  if (entries.length < FLUSH_ENTRIES) return 0;
  const outcome = await ports.store.put({ key, body: entries, expect: 0 });
  return outcome.kind === 'stored' ? entries.length : (outcome.current?.body.length ?? 0);
}

/** When somebody must look at the group although nobody calls: a lease that may lapse, work that a crash left. */
export function dueOf(head: GroupHead): number | null {
  if (head.deletedAt !== null) return head.deletedAt;
  const leftOver =
    head.adding !== null ||
    isRipe(head) ||
    (head.status === 'stopping' &&
      head.reason?.code === 'early_stopping' &&
      (head.queued.length > 0 || head.places.some((place) => place.r === 1)));
  if (leftOver) return head.updatedAt;
  return head.nextExpiry;
}

/** True while a rung waits for a decision that may be made now. */
const isRipe = (head: GroupHead): boolean => head.ripe === true && head.status === 'running';

/** The stored head of a group that exists and is not deleted. */
export async function readHead(
  ports: Ports,
  group: string,
): Promise<Result<Item<GroupHead>, Fault>> {
  const item = await ports.store.get(headKey(group));
  return item === null || item.body.deletedAt !== null ? err(groupNotFound(group)) : ok(item);
}

/**
 * Changes a group: reads its head, lets `decide` say what it becomes, and stores that if nobody was faster; else again
 * with the newer head. `decide` may have effects of its own on other items as long as doing them twice is harmless.
 *
 * Throws `StoreUnavailable` when others are faster for too long.
 */
export async function changeHead<T>(
  ports: Ports,
  group: string,
  decide: (head: GroupHead) => Decision<T> | Promise<Decision<T>>,
  known?: Item<GroupHead>,
): Promise<Result<T, Fault>> {
  let item: Item<GroupHead> | null = known ?? (await ports.store.get(headKey(group)));
  for (let round = 0; round < LIMITS.storeRounds; round++) {
    if (item === null || item.body.deletedAt !== null) return err(groupNotFound(group));
    const old: GroupHead = item.body;
    const decision = await decide(old);
    if (decision.head === undefined) return ok(decision.result);
    const next = decision.head;
    const events = await flush(ports, eventsKey(group, old.eventsFlushed), old.events);
    const results = await flush(ports, resultsKey(group, old.resultsFlushed), old.results);
    const told = old.events.slice(0, events).reduce((sum, event) => sum + eventsIn(event), 0);
    const body: GroupHead = {
      ...next,
      updatedAt: ports.now(),
      eventsFlushed: old.eventsFlushed + told,
      events: next.events.slice(events),
      resultsFlushed: old.resultsFlushed + results,
      results: next.results.slice(results),
    };
    const outcome = await ports.store.put({
      key: headKey(group),
      body,
      expect: item.rev,
      due: dueOf(body),
    });
    if (outcome.kind === 'stored') {
      ports.signals.changed(group);
      if (isRipe(body) && !isRipe(old)) await ports.poke({ group });
      return ok(decision.result);
    }
    item = outcome.current;
    // The first rounds go at once: most conflicts are with one other caller. Then callers spread out.
    if (round >= 3) await ports.sleep(Math.random() * Math.min(200, 5 * 2 ** (round - 3)));
  }
  throw new StoreUnavailable(`too many callers change the group ${group} at once`);
}
