import type { AgainReason, End, ExperimentState } from '../domain/experiment.ts';
import { attemptAt, endBy, handOut, isEnd, objectiveOf, statusAt } from '../domain/experiment.ts';
import type { GroupHead, LoggedEvent, Place, Queued } from '../domain/group.ts';
import type { EarlyStoppingRule } from '../domain/hptuning.ts';
import { toNumber } from '../domain/measurement.ts';
import type { Ending } from '../domain/moves.ts';
import {
  activePlaces,
  advance,
  beginStop,
  countEnding,
  describeHit,
  logged,
  revived,
  withPlace,
} from '../domain/moves.ts';
import { matchRule } from '../optimizers/early-stopping.ts';
import { addedKey, experimentKey } from '../store/keys.ts';
import { designOf, iterationEvents, withoutAhead, withRipe } from './ahead.ts';
import type { Definition } from './definition.ts';
import { withDecisions } from './halving.ts';
import { newExperiment } from './new-experiment.ts';
import type { Ports } from './ports.ts';
import { isPushed, pauseSeconds, withPush } from './push.ts';
import { withoutLastRungs } from './rungs.ts';

/*
 * The experiments are the truth, the head follows: what it says of an experiment is brought up to date here, by reports,
 * by suggests and by the sweep alike, and again after a crash between the two writes. Doing it twice changes nothing.
 */

const HOUR_MS = 3_600_000;
/** How long the writer of an experiment that has its place may take, ms. */
export const WRITER_MS = 5_000;
/** Waiting experiments that one check ends after an early stop; the next check goes on. */
const STOPPED_PER_CHECK = 500;

const isEarlyStopping = (head: GroupHead): boolean =>
  head.status === 'stopping' && head.reason?.code === 'early_stopping';

const noteExpiry = (head: GroupHead, expiresAt: number): GroupHead => ({
  ...head,
  nextExpiry: Math.min(head.nextExpiry ?? Number.MAX_SAFE_INTEGER, expiresAt),
});

/** Events of attempts that the log does not tell of, or not to their end; the current one's as far as its hand-out. */
function untold(place: Place, experiment: ExperimentState, now: number): readonly LoggedEvent[] {
  const events: LoggedEvent[] = [];
  const startOf = (attempt: number): number => attemptAt(experiment, attempt).t ?? now;
  for (let attempt = place.a; attempt < experiment.attempt; attempt++) {
    const { s: reported, o: reason } = attemptAt(experiment, attempt);
    const isTold = attempt === place.a;
    const isStartTold = reported === undefined || (isTold && place.s === 1);
    // It was over at the latest when the next one began.
    const of = { at: startOf(attempt + 1), n: place.n, attempt };
    if (!isTold) events.push({ ...of, type: 'experiment.dispatched', at: startOf(attempt) });
    if (!isStartTold) events.push({ ...of, type: 'experiment.started' });
    if (!(isTold && isStartTold && isOverTold(place, reason))) {
      events.push({ ...of, ...over(reason) });
    }
  }
  const { attempt } = experiment;
  if (attempt > place.a) {
    events.push({ type: 'experiment.dispatched', at: startOf(attempt), n: place.n, attempt });
  }
  return events;
}

/** True where the log tells that the place's attempt is over, for this reason. */
const isOverTold = ({ r, o }: Place, reason: AgainReason | undefined): boolean =>
  r === 1 && (o === 1) === (reason !== undefined);

/** How an attempt ends after which there may be another one. */
const over = (reason: AgainReason | undefined): Pick<LoggedEvent, 'type' | 'data'> =>
  reason === undefined
    ? { type: 'experiment.lease_lost' }
    : { type: 'experiment.queued', data: { reason } };

/** The head with everything in it that follows from one experiment's stored state. */
export function reconcile(
  head: GroupHead,
  experiment: ExperimentState,
  definition: Definition,
  now: number,
): GroupHead {
  const place = head.places.find(({ n }) => n === experiment.number);
  if (place === undefined) {
    const isQueued = head.queued.some(
      ({ n, count = 1 }) => n <= experiment.number && experiment.number < n + count,
    );
    return isQueued && isEnd(experiment.status)
      ? counted(head, ending(experiment, experiment.status, definition), definition)
      : head;
  }
  const isNewAttempt = experiment.attempt > place.a;
  const runs = statusAt(experiment, now) === 'running';
  const started = experiment.reported && (place.s !== 1 || isNewAttempt);
  // Its worker was only silent and has the lease again, or has had it.
  const retaken = place.r === 1 && !isNewAttempt && (runs || started);
  const { r: _waiting, o: _given, t: _until, x: _missing, s: wasStarted, ...rest } = place;
  const current: Place = {
    ...rest,
    a: Math.max(place.a, experiment.attempt),
    ...(started || (wasStarted === 1 && !isNewAttempt) ? { s: 1 as const } : {}),
  };
  const told = logged(
    withPlace(head, current),
    ...untold(place, experiment, now),
    ...(started || retaken ? [starting(experiment, { now, retaken })] : []),
  );
  if (isEnd(experiment.status)) {
    return counted(told, ending(experiment, experiment.status, definition), definition);
  }
  if (runs) {
    return noteExpiry(retaken ? revived(told, place.n, now) : told, experiment.expiresAt);
  }
  // Waiting to be handed out again: given back, to be retried, or lapsed.
  const { o: reason } = attemptAt(experiment, current.a);
  const again = withPlace(told, { ...current, r: 1, ...(reason === undefined ? {} : { o: 1 }) });
  const isTold = !isNewAttempt && !started && isOverTold(place, reason);
  if (isTold) return place.t === undefined ? again : withPlace(again, place);
  const paused =
    reason === 'released' && isPushed(definition) ? withPause(again, place.n, now) : again;
  return logged(paused, { at: now, n: place.n, attempt: current.a, ...over(reason) });
}

/** The head once an experiment that its launcher gave back is to wait a while before it is pushed again. */
function withPause(head: GroupHead, number: number, now: number): GroupHead {
  const place = head.places.find(({ n }) => n === number);
  if (place === undefined) return head;
  const until = now + pauseSeconds(place.a) * 1000;
  return noteExpiry(withPlace(head, { ...place, t: until }), until);
}

/** When the next pause ends before which an experiment is not pushed again, ms; null where none is under way. */
function nextPauseEnd({ places }: GroupHead, now: number): number | null {
  const ends = places.flatMap(({ t }) => (t !== undefined && t > now ? [t] : []));
  return ends.length === 0 ? null : Math.min(...ends);
}

/** The event of a first report, or of one that has taken a lost lease again. */
const starting = (
  { number, attempt }: ExperimentState,
  { now, retaken }: { readonly now: number; readonly retaken: boolean },
): LoggedEvent => ({
  type: 'experiment.started',
  at: now,
  n: number,
  attempt,
  ...(retaken ? { data: { retaken } } : {}),
});

const counted = (head: GroupHead, ended: Ending, definition: Definition): GroupHead =>
  logged(
    countEnding(head, ended, definition.document.hptuning.algorithm.metric),
    ...iterationEvents(definition, ended),
  );

const ending = (experiment: ExperimentState, end: End, definition: Definition): Ending => ({
  number: experiment.number,
  index: experiment.index,
  end,
  objective: objectiveOf(experiment, definition.document.hptuning.algorithm.metric),
  at: experiment.finishedAt ?? 0,
});

/** The rule that the experiment's last values meet, with the value that meets it. */
function hitOf(
  experiment: ExperimentState,
  rules: readonly EarlyStoppingRule[],
): { rule: EarlyStoppingRule; value: number } | null {
  if (rules.length === 0) return null;
  const last = new Map(
    Object.entries(experiment.metrics).map(([name, { last }]) => [name, toNumber(last)]),
  );
  const rule = matchRule(rules, last);
  const value = rule === null ? undefined : last.get(rule.metric);
  return rule === null || value === undefined ? null : { rule, value };
}

/** Stops the search where the experiment's last values meet an early stopping rule. */
export function applyRules(
  head: GroupHead,
  experiment: ExperimentState,
  definition: Definition,
  now: number,
): GroupHead {
  if (head.status !== 'running') return head;
  const hit = hitOf(experiment, definition.document.hptuning.earlyStopping);
  if (hit === null) return head;
  const detail = describeHit(hit.rule, { number: experiment.number, value: hit.value });
  return beginStop(head, { code: 'early_stopping', detail }, now);
}

/** Moves the group on to what follows from its counters, decided here and now as far as that needs to be read. */
export const settled = async (
  ports: Ports,
  definition: Definition,
  head: GroupHead,
  now: number,
): Promise<GroupHead> =>
  advanced(await withDecisions(ports, definition, head, now), definition, now);

/** Moves the group on to what follows from its counters. */
export function advanced(head: GroupHead, definition: Definition, now: number): GroupHead {
  const { maxFailures } = definition.document.hptuning;
  const moved = advance(
    withRipe(withoutLastRungs(head, definition, now), definition),
    { maxFailures, initial: designOf(definition) },
    now,
  );
  return withPush(moved, definition, now);
}

/**
 * Ends an experiment that nobody holds where the group has no use for another attempt: after an early stop, or when its
 * lease has lapsed for the last time. Any other experiment is returned as it is.
 */
async function retire(
  ports: Ports,
  head: GroupHead,
  found: { readonly definition: Definition; readonly now: number },
  item: Written,
): Promise<ExperimentState> {
  const { definition, now } = found;
  const { maxAttempts } = definition.document.hptuning;
  let { rev, body } = item;
  for (;;) {
    if (isEnd(body.status) || statusAt(body, now) !== 'queued') return body;
    const spent = body.status === 'running' && body.attempt >= maxAttempts;
    if (!isEarlyStopping(head) && !spent) return body;
    const next = isEarlyStopping(head)
      ? endBy(
          body,
          'stopped',
          { code: 'early_stopping', detail: head.reason?.detail ?? 'the search was stopped early' },
          now,
        )
      : endBy(
          body,
          'failed',
          {
            code: 'lease_expired',
            detail: `its lease lapsed in attempt ${body.attempt} of at most ${maxAttempts}`,
          },
          now,
        );
    const key = experimentKey(definition.config.id, body.number);
    const outcome = await ports.store.put({ key, body: next, expect: rev });
    if (outcome.kind === 'stored') return next;
    if (outcome.current === null) return next;
    ({ rev, body } = outcome.current);
  }
}

/** Waiting experiments one by one, the first of the queue. */
const firstQueued = (queued: readonly Queued[], most: number): readonly Queued[] =>
  queued
    .flatMap(({ n, i, a, count = 1 }) =>
      Array.from(
        { length: Math.min(count, most) },
        (_, offset): Queued => ({
          n: n + offset,
          a,
          ...(i === undefined ? {} : { i: i + offset }),
        }),
      ),
    )
    .slice(0, most);

/** An experiment as it is stored. */
interface Written {
  readonly rev: number;
  readonly body: ExperimentState;
}

/** True where the hand-out that the head tells of stands in the experiment's item, or where the experiment has ended. */
const isWritten = (item: Written | null, { a }: Place | Queued): item is Written =>
  item !== null && (item.body.attempt >= a || isEnd(item.body.status));

/**
 * Writes what the head says of an experiment and its item does not. One with a place had its hand-out interrupted; one in
 * the queue was never handed out.
 */
async function restore(
  ports: Ports,
  place: Place | Queued,
  found: {
    readonly definition: Definition;
    readonly now: number;
    readonly item: Written | null;
  },
): Promise<Written | null> {
  const { definition, now, item } = found;
  const body =
    item?.body ??
    (await newExperiment(ports, definition, {
      number: place.n,
      index: place.i ?? null,
      batch: 'b' in place ? place.b : undefined,
      parent: 'f' in place ? place.f : undefined,
      at: now,
    }));
  if (body === null) return null;
  // Handed out to nobody who knows: this attempt counts as lapsed.
  const lapsed =
    place.a === 0 ? body : handOut(body, { attempt: place.a, worker: null, now, expiresAt: now });
  const key = experimentKey(definition.config.id, place.n);
  const outcome = await ports.store.put({ key, body: lapsed, expect: item?.rev ?? 0 });
  return outcome.kind === 'stored' ? { rev: outcome.rev, body: lapsed } : outcome.current;
}

/** Finishes what an interrupted or a concurrent call began: the caller's own experiment on its way into an item. */
export async function finishAdding(
  ports: Ports,
  definition: Definition,
  head: GroupHead,
): Promise<GroupHead> {
  const { adding } = head;
  if (adding === null) return head;
  const group = definition.config.id;
  const body = await newExperiment(ports, definition, { ...adding, index: null });
  if (body !== null) {
    await ports.store.put({ key: experimentKey(group, adding.number), body, expect: 0 });
  }
  if (adding.repeatable) {
    await ports.store.put({
      key: addedKey(group, adding.nonce),
      body: { number: adding.number },
      expect: 0,
      expires: adding.at + 24 * HOUR_MS,
    });
  }
  const waiting: Queued = { n: adding.number, a: 0 };
  const queued = logged(
    withoutAhead({ ...head, adding: null, queued: [...head.queued, waiting] }),
    { type: 'experiment.queued', at: adding.at, n: adding.number, attempt: 0 },
  );
  if (body === null || adding.result === null) {
    return settled(ports, definition, queued, adding.at);
  }
  const ended = reconcile(queued, body, definition, adding.at);
  return settled(ports, definition, applyRules(ended, body, definition, adding.at), adding.at);
}

/**
 * Holds every place against its experiment: lapsed leases are found, ends that a crash left uncounted are counted,
 * experiments that never got an item get one, and after an early stop whatever waits is stopped.
 */
export async function check(
  ports: Ports,
  definition: Definition,
  head: GroupHead,
  now: number,
): Promise<GroupHead> {
  const group = definition.config.id;
  const found = { definition, now };
  const early = isEarlyStopping(head);
  const places: readonly Place[] = early ? head.places : activePlaces(head);
  const queued = early ? firstQueued(head.queued, STOPPED_PER_CHECK) : [];
  const waiting = [...places, ...queued];
  const items = await ports.store.getMany(waiting.map(({ n }) => experimentKey(group, n)));
  let next: GroupHead = { ...head, nextExpiry: nextPauseEnd(head, now), checkedAt: now };
  for (const [position, one] of waiting.entries()) {
    let item: Written | null = items[position] ?? null;
    if (!isWritten(item, one)) {
      const place = next.places.find(({ n }) => n === one.n);
      if (place !== undefined && place.x !== 1) {
        // Its writer may be on the way: only the next check steps in.
        next = noteExpiry(withPlace(next, { ...place, x: 1 }), now + WRITER_MS);
        continue;
      }
      item = await restore(ports, one, { ...found, item });
      if (item === null) continue;
    }
    next = reconcile(next, await retire(ports, head, found, item), definition, now);
  }
  return settled(ports, definition, next, now);
}
