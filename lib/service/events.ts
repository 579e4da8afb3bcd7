import type { EventWire } from '../contract/event-wire.ts';
import { eventData, experimentOf } from '../contract/event-wire.ts';
import type { GroupSource } from '../contract/wire.ts';
import { experimentToWire, time } from '../contract/wire.ts';
import { eventsIn, unpack } from '../domain/event-log.ts';
import type { ExperimentState } from '../domain/experiment.ts';
import { statusAt } from '../domain/experiment.ts';
import type { Fault } from '../domain/faults.ts';
import type { GroupHead, LoggedEvent, PackedEvent } from '../domain/group.ts';
import type { Result } from '../domain/result.ts';
import { err, ok } from '../domain/result.ts';
import { END, eventsKey, experimentKey } from '../store/keys.ts';
import { checkedHead, currentHead } from './current.ts';
import type { Definition } from './definition.ts';
import { sourceOf } from './definition.ts';
import { definitionOf } from './definitions.ts';
import { groupNotFound, readHead } from './head.ts';
import { eventId } from './ids.ts';
import { leaseToken } from './lease.ts';
import type { Ports } from './ports.ts';
import { WRITER_MS } from './reconcile.ts';

/** An event with its place in the group's log, counted from 0 without gaps. */
export interface SequencedEvent extends LoggedEvent {
  readonly sequence: number;
}

export interface EventPage {
  readonly events: readonly EventWire[];
  /** Sequence number at which the next page begins, or before which it ends; null where there is none. */
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

/** How many events the group's log has. */
export const lengthOf = ({ events, eventsFlushed }: GroupHead): number =>
  events.reduce((sum, event) => sum + eventsIn(event), eventsFlushed);

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

/** A part of a group's log as it is stored, from the event with the sequence number `from` on. */
export async function readLog(
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

/** Events of a group, each with its place in the log, as far as they can be told; and the first that cannot. */
interface Told {
  readonly events: readonly EventWire[];
  readonly held: SequencedEvent | null;
}

/**
 * The events as the contract shows them, to the API's readers and to webhooks alike: the same bytes at every time, without
 * leases. Fewer than are given where the item of an experiment is not written yet: the log goes on once it is.
 *
 * @param options.withLeases - adds the whole experiment, lease and all, to each `experiment.dispatched` whose lease is
 *   live: for whoever starts the experiment
 */
export async function describeEvents(
  ports: Ports,
  definition: Definition,
  events: readonly SequencedEvent[],
  { withLeases = false }: { readonly withLeases?: boolean } = {},
): Promise<Told> {
  const group = definition.config.id;
  const source = sourceOf(definition);
  const numbers = [...new Set(events.flatMap((event) => experimentOf(event) ?? []))];
  const items = await ports.store.getMany(numbers.map((n) => experimentKey(group, n)));
  const experiments = new Map(
    items.flatMap((item) => (item ? [[item.body.number, item.body]] : [])),
  );
  const told: EventWire[] = [];
  for (const event of events) {
    const experiment = experiments.get(experimentOf(event) ?? 0) ?? null;
    const data = eventData(event, source, experiment);
    if (data === null) return { events: told, held: event };
    told.push({
      id: eventId(group, event.sequence),
      type: event.type,
      timestamp: time(event.at),
      group,
      data: withLeases ? { ...data, ...leased(source, event, experiment, ports.now()) } : data,
    });
  }
  return { events: told, held: null };
}

/** The experiment of a hand-out whose lease is live. */
function leased(
  source: GroupSource,
  event: LoggedEvent,
  experiment: ExperimentState | null,
  now: number,
): { readonly experiment?: unknown } {
  const isLive =
    event.type === 'experiment.dispatched' &&
    experiment?.attempt === event.attempt &&
    experiment !== null &&
    statusAt(experiment, now) === 'running';
  if (!isLive) return {};
  const token = leaseToken(source.id, experiment, experiment.attempt);
  return { experiment: experimentToWire(source, experiment, { now, token }) };
}

/** Which part of a log is asked for. */
interface Wanted {
  readonly sort: 'oldest' | 'newest';
  /** From the oldest on: the first event of the page. From the newest on: the event before which it ends. */
  readonly at: number | null;
  readonly limit: number;
}

/** Where a page lies in a log of this length. */
function placeOf({ sort, at, limit }: Wanted, length: number): { from: number; limit: number } {
  if (sort === 'oldest') return { from: at ?? 0, limit };
  const end = Math.max(1, Math.min(at ?? length, length));
  const from = Math.max(0, end - limit);
  return { from, limit: end - from };
}

/**
 * A part of a group's log. Sequence numbers are given by the same write that makes the decision they tell of, so a reader
 * that goes on from where it was misses nothing. The log ends before a hand-out whose item is still to be written; where
 * a crash has left that undone, it is made up for here.
 *
 * *Faults* `group_not_found`
 */
export async function listEvents(
  ports: Ports,
  group: string,
  wanted: Wanted,
): Promise<Result<EventPage, Fault>> {
  const definition = await definitionOf(ports, group);
  if (definition === null) return err(groupNotFound(group));
  const found = await readHead(ports, group);
  if (!found.ok) return found;
  const current = await currentHead(ports, definition, found.value);
  if (!current.ok) return current;
  const read = async (head: GroupHead) => {
    const place = placeOf(wanted, lengthOf(head));
    const told = await describeEvents(ports, definition, await readLog(ports, group, head, place));
    return { ...told, from: place.from };
  };
  let head = current.value;
  let { events, held, from } = await read(head);
  if (held !== null && held.at + WRITER_MS <= ports.now()) {
    const checked = await checkedHead(ports, definition);
    if (!checked.ok) return checked;
    head = checked.value;
    ({ events, held, from } = await read(head));
  }
  if (wanted.sort === 'newest') {
    return ok({ events: events.toReversed(), next: from === 0 ? null : from });
  }
  const end = from + events.length;
  const isLast = events.length === 0 || held !== null || end >= lengthOf(head);
  return ok({ events, next: isLast ? null : end });
}
