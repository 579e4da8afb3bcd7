import { eventsIn } from '../domain/event-log.ts';
import type { Fault } from '../domain/faults.ts';
import { fault } from '../domain/faults.ts';
import type { GroupHead } from '../domain/group.ts';
import { LIMITS } from '../domain/limits.ts';
import type { Result } from '../domain/result.ts';
import { err, ok } from '../domain/result.ts';
import { eventsKey, headKey, resultsKey } from '../store/keys.ts';
import type { Item, Key, PutOutcome } from '../store/store.ts';
import { StoreUnavailable } from '../store/store.ts';
import type { Ports } from './ports.ts';
import { marked } from './webhooks/mark.ts';

/** Entries that wait in the head before they move into a chunk: enough to make the chunk's write worth it. */
const FLUSH_ENTRIES = 16;
/** Races that a caller loses before it leaves its errand: most conflicts are with one other caller and over at once. */
const RACES_ALONE = 2;
/** Errands done by one change of the head from which newcomers leave theirs at once, as they would only lose races. */
const CROWD = 3;
/**
 * How long callers that have left errands wait between two looks at the head, ms. The more callers, the larger the head
 * that each of them reads, and the reads of one item have a limit: so it grows with the square.
 */
const LOOK_MS = { perCaller: 1, perPair: 1 / 1_600, least: 10, most: 1_600 };
/** Callers among those that wait who try to change the head at once: few, as one does the errands of all. */
const TRYING = 2;

/** What a decision wants: the new head, or none where nothing changes; and its result. */
export type Decision<T> =
  | {
      readonly head: GroupHead;
      readonly result: T;
      /** True where it rests on something that the call itself has done already: nobody can stand in for it. */
      readonly isOwn?: boolean;
    }
  | { readonly head?: undefined; readonly result: T };

/** Whether others may do the errand of the call that decides, or may have done it. */
export type ErrandState = 'none' | 'left' | 'taken_back';

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

/** How long the poke after a mark has to be followed before the sweep does it, ms. */
const UNTOLD_MS = 10_000;

/**
 * When somebody must look at the group although nobody calls: its places, events that webhooks have yet to be told of,
 * experiments to push.
 */
export function dueOf(head: GroupHead): number | null {
  const { untold, push } = head;
  const dues = [
    checkDueOf(head) ?? [],
    untold === undefined ? [] : untold.at + UNTOLD_MS,
    push === 'due' ? head.updatedAt : [],
  ].flat();
  return dues.length === 0 ? null : Math.min(...dues);
}

/** When somebody must check the group's places: a lease that may lapse, work that a crash left. */
export function checkDueOf(head: GroupHead): number | null {
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

/** How long a lost poke may stay unnoticed, ms, until the next sweep. */
const POKE_LOST_MS = 15_000;

/**
 * When the sweep must come. A time that was promised before is kept while it is early enough: every change of the index
 * is billed like two more writes of the head, and a sweep that finds nothing costs less.
 */
function sweepTimeOf(head: GroupHead, now: number): number | null {
  const { sweepAt, deletedAt, status } = head;
  const due = dueOf(head);
  if (deletedAt !== null) return deletedAt;
  const isPromised = sweepAt !== undefined && sweepAt > now && status === 'running';
  if (due === null) return isPromised ? sweepAt : null;
  if (!isRipe(head) && head.push !== 'due') return isPromised && sweepAt <= due ? sweepAt : due;
  // A poke is on its way. Where it is lost, further changes must not put the sweep off again and again.
  const wanted = now + POKE_LOST_MS;
  return sweepAt !== undefined && sweepAt <= wanted ? sweepAt : wanted;
}

/**
 * True while there is something that may be computed or decided now. Experiments of a rung that are told of get their
 * items even where the group has stopped meanwhile.
 */
export const isRipe = ({ ripe, status, rungs }: GroupHead): boolean =>
  ripe === true && (status === 'running' || rungs.some(({ unwritten }) => unwritten !== undefined));

/** The stored head of a group that exists and is not deleted. */
export async function readHead(
  ports: Ports,
  group: string,
): Promise<Result<Item<GroupHead>, Fault>> {
  const item = await ports.store.get(headKey(group));
  return item === null || item.body.deletedAt !== null ? err(groupNotFound(group)) : ok(item);
}

/** How calls that compete for the head work together. */
export interface Sharing {
  /** What others can do in the call's place; null where it has to do everything itself. */
  readonly errand: {
    readonly leave: () => Promise<void>;
    readonly withdraw: () => Promise<void>;
    /**
     * Tells by the head whether others have done it, where it must not be done any more once the call has its answer;
     * null where that does no harm.
     */
    readonly isDone: ((head: GroupHead) => boolean) | null;
  } | null;
  /** The head after the errands of others, and how many there were. Doing one twice changes nothing. */
  readonly help: (
    head: GroupHead,
  ) => Promise<{ readonly head: GroupHead; readonly helped: number }>;
}

/** Where a change starts from, and how it competes. */
export interface Change {
  /** The head as it was just read. */
  readonly known?: Item<GroupHead> | undefined;
  readonly sharing?: Sharing | undefined;
}

type Decide<T> = (head: GroupHead, errand: ErrandState) => Decision<T> | Promise<Decision<T>>;

/** The head with the mark of how many callers it was changed for. */
function withCrowd({ crowd: _crowd, ...head }: GroupHead, callers: number): GroupHead {
  return callers === 1 ? head : { ...head, crowd: callers };
}

/** Stores what the head becomes, unless somebody was faster; moves what has gathered in it into chunks. */
async function storeHead(
  ports: Ports,
  group: string,
  { rev, body: old }: Item<GroupHead>,
  next: GroupHead,
): Promise<PutOutcome<GroupHead>> {
  const events = await flush(ports, eventsKey(group, old.eventsFlushed), old.events);
  const results = await flush(ports, resultsKey(group, old.resultsFlushed), old.results);
  const told = old.events.slice(0, events).reduce((sum, event) => sum + eventsIn(event), 0);
  const ready = await marked(ports, group, next, old.events.length);
  const due = sweepTimeOf(ready, ports.now());
  const { sweepAt: _sweepAt, ...rest } = ready;
  const body: GroupHead = {
    ...rest,
    ...(due === null ? {} : { sweepAt: due }),
    eventsFlushed: old.eventsFlushed + told,
    events: ready.events.slice(events),
    resultsFlushed: old.resultsFlushed + results,
    results: ready.results.slice(results),
  };
  const key = headKey(group);
  const outcome = await ports.store.put({ key, body, expect: rev, due });
  if (outcome.kind === 'stored') {
    ports.signals.changed(group);
    const isNewlyUntold = body.untold !== undefined && old.untold === undefined;
    const isNewlyDue = body.push === 'due' && old.push !== 'due';
    if (isNewlyUntold) await ports.poke({ group, tells: true });
    else if (isNewlyDue || (isRipe(body) && !isRipe(old))) await ports.poke({ group });
  }
  return outcome;
}

/**
 * Changes a group: reads its head, lets `decide` say what it becomes, and stores that if nobody was faster; else again
 * with the newer head. `decide` may have effects of its own on other items as long as doing them twice is harmless.
 *
 * Where many callers want to change the head at once, those that others can stand in for leave an errand and wait a
 * moment; whoever comes first does the errands of all with one write (flat combining, Hendler et al. 2010).
 *
 * Throws `StoreUnavailable` when others are faster for too long.
 */
export const changeHead = <T>(
  ports: Ports,
  group: string,
  decide: Decide<T>,
  { known, sharing }: Change = {},
): Promise<Result<T, Fault>> =>
  // What was read before others had their turn is old.
  ports.inTurn(group, (hasWaited) =>
    raceForHead(ports, group, decide, { sharing, known: hasWaited ? undefined : known }),
  );

/**
 * Takes an errand back that must not be done later, and returns the head after which nobody does it any more; null where
 * the group is gone.
 *
 * Whoever has read the errand has read the head before, and can store only if the head is still the same. So once the
 * errand is gone, one more change of the head, by anybody, ends all that: by ours where nobody else is there.
 */
async function takeBack(
  ports: Ports,
  group: string,
  errand: Sharing['errand'],
): Promise<Item<GroupHead> | null> {
  await errand?.withdraw();
  const item = await ports.store.get(headKey(group));
  if (item === null || item.body.deletedAt !== null) return item;
  if (errand?.isDone?.(item.body) === true) return item;
  const outcome = await storeHead(ports, group, item, item.body);
  return outcome.kind === 'stored' ? ports.store.get(headKey(group)) : outcome.current;
}

async function raceForHead<T>(
  ports: Ports,
  group: string,
  decide: Decide<T>,
  { known, sharing }: Change,
): Promise<Result<T, Fault>> {
  let item: Item<GroupHead> | null = known ?? (await ports.store.get(headKey(group)));
  const errand = sharing?.errand ?? null;
  const isDone = errand?.isDone ?? null;
  let state: ErrandState = 'none';
  let callers = 1;
  try {
    for (let round = 0; round < LIMITS.storeRounds; round++) {
      if (item === null || item.body.deletedAt !== null) return err(groupNotFound(group));
      const begin = ports.now();
      const old: GroupHead = item.body;
      const decision = await decide(old, state);
      const isDoneByOthers = state === 'left' && isDone?.(old) === true;
      if (isDoneByOthers) return ok(decision.result);
      if (decision.head === undefined) {
        if (state !== 'left' || isDone === null) return ok(decision.result);
        item = await takeBack(ports, group, errand);
        state = 'taken_back';
        continue;
      }
      callers = Math.max(callers, old.crowd ?? 1);
      const isCrowded = round >= RACES_ALONE || callers >= CROWD;
      if (isCrowded && state === 'none' && errand !== null && decision.isOwn !== true) {
        await errand.leave();
        state = 'left';
        // From here on the call has to know its own again, whoever does it.
        continue;
      }
      const isShared = state === 'left';
      if (!isShared || ports.random() < TRYING / callers) {
        // Whoever has lost a race helps those who lose more of them: they would lose against all who do not.
        const helps = sharing !== undefined && (round > 0 || isShared);
        const { head: next, helped } = helps
          ? await sharing.help(decision.head)
          : { head: decision.head, helped: 0 };
        callers = helped + 1;
        const outcome = await storeHead(ports, group, item, withCrowd(next, callers));
        if (outcome.kind === 'stored') {
          if (!isShared || isDone?.(next) !== false) return ok(decision.result);
          item = await takeBack(ports, group, errand);
          state = 'taken_back';
          continue;
        }
        item = outcome.current;
        if (round + 1 < RACES_ALONE) continue;
      }
      // Who has left no errand has nobody to do it: it makes room for others, longer with each race that it loses.
      const alone = isShared ? 0 : LOOK_MS.least * 2 ** Math.min(round, 6);
      const perCrowd = LOOK_MS.perCaller * callers + LOOK_MS.perPair * callers ** 2;
      const crowded = Math.max(perCrowd, 2 * (ports.now() - begin));
      const look = Math.max(LOOK_MS.least, alone, crowded);
      await ports.sleep(ports.random() * Math.min(LOOK_MS.most, look));
      // By now others were faster again, and may have done the errand.
      item = await ports.store.get(headKey(group));
    }
    if (state === 'left' && isDone !== null) {
      item = await takeBack(ports, group, errand);
      state = 'taken_back';
      if (item !== null && isDone(item.body)) {
        return ok((await decide(item.body, state)).result);
      }
    }
  } finally {
    if (state === 'left') await errand?.withdraw();
  }
  throw new StoreUnavailable(`too many callers change the group ${group} at once`);
}
