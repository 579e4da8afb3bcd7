import { unpack } from '../domain/event-log.ts';
import type { Fault } from '../domain/faults.ts';
import type { GroupHead, LoggedEvent, PackedEvent } from '../domain/group.ts';
import type { Result } from '../domain/result.ts';
import { err, ok } from '../domain/result.ts';
import { END, eventsKey } from '../store/keys.ts';
import { currentHead } from './current.ts';
import { definitionOf } from './definitions.ts';
import { groupNotFound, readHead } from './head.ts';
import type { Ports } from './ports.ts';

/** An event with its place in the group's log, counted from 0 without gaps. */
export interface SequencedEvent extends LoggedEvent {
  readonly sequence: number;
}

export interface EventPage {
  readonly events: readonly SequencedEvent[];
  /** Sequence number of the first event of the next page, or null at the end. */
  readonly next: number | null;
}

/** Events with their sequence numbers; one that tells of several experiments becomes several. */
function numbered(events: readonly PackedEvent[], first: number): readonly SequencedEvent[] {
  let sequence = first;
  return events.map(unpack).flatMap(({ count = 1, n, ...event }) =>
    Array.from({ length: count }, (_, offset) => ({
      ...event,
      ...(n === undefined ? {} : { n: n + offset }),
      sequence: sequence++,
    })),
  );
}

/** Events that lie in chunks, from the chunk that holds `from` on, at least `limit` from there where there are so many. */
async function flushedEvents(
  ports: Ports,
  group: string,
  head: GroupHead,
  page: { readonly from: number; readonly limit: number },
): Promise<readonly SequencedEvent[]> {
  const key = eventsKey(group, 0);
  const [holder] = await ports.store.list(key, {
    from: key.sk,
    to: eventsKey(group, page.from).sk,
    limit: 1,
    reverse: true,
  });
  const found: SequencedEvent[] = [];
  let reached = page.from;
  let sk = holder?.sk ?? key.sk;
  while (reached < Math.min(head.eventsFlushed, page.from + page.limit)) {
    const chunks = await ports.store.list(key, {
      from: sk,
      to: eventsKey(group, head.eventsFlushed - 1).sk,
      limit: page.limit,
    });
    if (chunks.length === 0) break;
    for (const chunk of chunks) {
      const first = Number(chunk.sk.slice('events#'.length));
      const events = numbered(chunk.body, first);
      found.push(...events);
      reached = first + events.length;
    }
    sk = `${chunks.at(-1)?.sk ?? sk}${END}`;
  }
  return found;
}

/** At most `limit` events of the log from the sequence number `from` on, as the head tells of them. */
export async function eventsFrom(
  ports: Ports,
  group: string,
  head: GroupHead,
  page: { readonly from: number; readonly limit: number },
): Promise<readonly SequencedEvent[]> {
  const flushed =
    page.from < head.eventsFlushed ? await flushedEvents(ports, group, head, page) : [];
  return [...flushed, ...numbered(head.events, head.eventsFlushed)]
    .filter(({ sequence }) => sequence >= page.from)
    .slice(0, page.limit);
}

/**
 * A group's log, oldest first. Sequence numbers are given by the same write that makes the decision they tell of, so a
 * reader that goes on from where it was misses nothing.
 *
 * *Faults* `group_not_found`
 */
export async function listEvents(
  ports: Ports,
  group: string,
  page: { readonly from: number; readonly limit: number },
): Promise<Result<EventPage, Fault>> {
  const definition = await definitionOf(ports, group);
  if (definition === null) return err(groupNotFound(group));
  const found = await readHead(ports, group);
  if (!found.ok) return found;
  const current = await currentHead(ports, definition, found.value);
  if (!current.ok) return current;
  const head = current.value;
  const events = await eventsFrom(ports, group, head, page);
  const end = page.from + events.length;
  const total = head.eventsFlushed + numbered(head.events, 0).length;
  return ok({ events, next: events.length > 0 && end < total ? end : null });
}
