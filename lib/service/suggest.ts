import type { ExperimentState } from '../domain/experiment.ts';
import { handOut, statusAt } from '../domain/experiment.ts';
import type { Fault } from '../domain/faults.ts';
import { fault } from '../domain/faults.ts';
import type { GroupHead, GroupStatus, Place } from '../domain/group.ts';
import { withoutRipe } from '../domain/moves.ts';
import type { Result } from '../domain/result.ts';
import { err, ok } from '../domain/result.ts';
import { experimentKey } from '../store/keys.ts';
import type { Item } from '../store/store.ts';
import type { Definition } from './definition.ts';
import { definitionOf } from './definitions.ts';
import { createSharing } from './errands.ts';
import { fill } from './fill.ts';
import { mayGoOn, withDecisions } from './halving.ts';
import type { Decision, ErrandState } from './head.ts';
import { changeHead, checkDueOf, groupNotFound } from './head.ts';
import { workerHash } from './lease.ts';
import { newExperiment } from './new-experiment.ts';
import type { Call, Ports } from './ports.ts';
import { isFree, isPushed } from './push.ts';
import { check, finishAdding, reconcile, settled } from './reconcile.ts';
import { hasRungsToCome } from './rungs.ts';

/** How long a place may stay unexamined while somebody waits for it: repairs what a crash left, ms. */
const CHECK_INTERVAL_MS = 5_000;
/** What a caller is told to wait where nothing is free, seconds. */
const RETRY_AFTER_SECONDS = 2;
/** What a caller is told to wait for a suggestion that is being computed, seconds. */
const COMPUTING_SECONDS = 1;
/** The least that a waiting call waits for a lease to lapse: whoever is about to renew it comes first, ms. */
const LAPSE_WAIT_MS = 50;

export interface SuggestRequest {
  readonly group: string;
  readonly count: number;
  readonly worker: string | null;
  readonly waitSeconds: number;
}

export interface SuggestAnswer {
  readonly definition: Definition;
  readonly experiments: readonly ExperimentState[];
  readonly groupStatus: GroupStatus;
  readonly reason: 'concurrency' | 'rung' | 'computing' | 'waiting' | null;
  readonly retryAfterSeconds: number | null;
  /** When the answer was made, ms. */
  readonly at: number;
  /** When time alone may make something free, ms; null where it cannot. */
  readonly nextExpiry: number | null;
}

/** One round of a suggest: who asks, and which experiments this call has leased already. */
interface Round {
  readonly ports: Ports;
  readonly call: Call;
  readonly definition: Definition;
  readonly request: SuggestRequest;
  readonly now: number;
  /** Experiments that earlier rounds of this call have leased, by number: a lost race on the head keeps them. */
  readonly leased: Map<number, ExperimentState>;
  /** Whether others may give the call its places. */
  readonly errand: ErrandState;
}

const expiry = ({ definition, now }: Round): number =>
  now + definition.document.hptuning.leaseSeconds * 1000;

/** Digits of a nonce that tell the requests apart which hold one of a group's places. */
const MARK_DIGITS = 12;

/** Marks by which a worker and a request find what they hold. */
const allMarks = (
  request: SuggestRequest,
  call: Call,
): Pick<Place, 'w'> & Required<Pick<Place, 'k'>> => ({
  ...(request.worker === null ? {} : { w: workerHash(request.worker) }),
  k: call.nonce.slice(-MARK_DIGITS),
});

/** The marks of this round: of the request only where it is to find its places again, as they lie in the head. */
function marks({ request, call, errand }: Round): Pick<Place, 'w' | 'k'> {
  const { k, ...rest } = allMarks(request, call);
  return call.repeatable || errand !== 'none' ? { ...rest, k } : rest;
}

const keyOf = (round: Round, number: number): ReturnType<typeof experimentKey> =>
  experimentKey(round.definition.config.id, number);

/** Takes or renews the lease of a stored experiment; null where somebody else was faster. */
async function lease(
  round: Round,
  item: Item<ExperimentState>,
  next: ExperimentState,
): Promise<ExperimentState | null> {
  const key = keyOf(round, next.number);
  const outcome = await round.ports.store.put({ key, body: next, expect: item.rev });
  if (outcome.kind !== 'stored') return null;
  round.leased.set(next.number, next);
  return next;
}

/** What a call has in the head: experiments that it holds, and places whose leases are not written yet. */
interface Held {
  readonly ready: readonly ExperimentState[];
  readonly granted: readonly Place[];
}

/** What the caller still holds, with its leases renewed, and places that it was given and has not taken yet. */
async function held(round: Round, head: GroupHead): Promise<Held> {
  const { w, k } = marks(round);
  if (w === undefined && k === undefined) return { ready: [], granted: [] };
  const mine = head.places.filter(
    (place) => (w !== undefined && place.w === w) || (k !== undefined && place.k === k),
  );
  const ready: ExperimentState[] = [];
  const granted: Place[] = [];
  for (const place of mine) {
    const item = await round.ports.store.get(keyOf(round, place.n));
    const isOfRequest = k !== undefined && place.k === k;
    const isUntaken =
      item === null || (item.body.status === 'queued' && item.body.attempt < place.a);
    if (isUntaken) {
      if (isOfRequest && place.r !== 1) granted.push(place);
      continue;
    }
    if (statusAt(item.body, round.now) !== 'running') continue;
    const isMine =
      isOfRequest || (round.request.worker !== null && item.body.worker === round.request.worker);
    if (!isMine) continue;
    const renewed = await lease(round, item, { ...item.body, expiresAt: expiry(round) });
    if (renewed !== null) ready.push(renewed);
  }
  return { ready, granted };
}

/** Hands a waiting place out again. The experiment's own item decides who gets it. */
async function handOutAgain(
  round: Round,
  head: GroupHead,
  place: Place,
): Promise<{ head: GroupHead; experiment: ExperimentState | null }> {
  const item = await round.ports.store.get(keyOf(round, place.n));
  if (item === null) return { head, experiment: null };
  const known = round.leased.get(place.n);
  const isOurs = known !== undefined && known.attempt === item.body.attempt;
  const free = statusAt(item.body, round.now) === 'queued';
  // Given back a moment ago: the pause before it is pushed again is not in the head yet.
  const isGivenBack =
    isPushed(round.definition) && item.body.reason?.code === 'released' && place.o !== 1;
  const taken = isOurs
    ? item.body
    : free && !isGivenBack
      ? await lease(
          round,
          item,
          handOut(item.body, {
            attempt: Math.max(place.a, item.body.attempt) + 1,
            worker: round.request.worker,
            now: round.now,
            expiresAt: expiry(round),
          }),
        )
      : null;
  if (taken === null) {
    return { head: reconcile(head, item.body, round.definition, round.now), experiment: null };
  }
  const told = reconcile(head, taken, round.definition, round.now);
  const { w: _w, k: _k, ...current } = told.places.find(({ n }) => n === place.n) ?? place;
  const places = told.places.map((old) =>
    old.n === place.n ? { ...current, ...marks(round) } : old,
  );
  return { head: { ...told, places }, experiment: taken };
}

/** True for a first hand-out of new values: nobody else has written such an experiment. */
function isFresh({ optimizer }: Definition, place: Place): boolean {
  if (place.i === undefined || place.a > 1) return false;
  return optimizer.promotion === null || optimizer.promotion.plan.locate(place.i).rung === 0;
}

/** Writes the lease of an experiment that has just got its place; null where a check found it abandoned meanwhile. */
async function take(round: Round, place: Place): Promise<ExperimentState | null> {
  const { ports, definition, request, now } = round;
  const settled = {
    attempt: place.a,
    worker: request.worker,
    now,
    expiresAt: expiry(round),
  };
  const key = keyOf(round, place.n);
  const known = isFresh(definition, place) ? null : await ports.store.get(key);
  if (known !== null) {
    return known.body.status === 'queued'
      ? lease(round, known, handOut(known.body, settled))
      : null;
  }
  // New values; or a promoted experiment that has its number and that nobody has written yet.
  if (place.i === undefined || place.a > 1) return null;
  const origin = { number: place.n, index: place.i, batch: place.b, parent: place.f, at: now };
  const body = await newExperiment(ports, definition, origin);
  if (body === null) return null;
  const next = handOut(body, settled);
  const outcome = await ports.store.put({ key, body: next, expect: 0 });
  if (outcome.kind === 'stored') return next;
  const { current } = outcome;
  return current?.body.status === 'queued'
    ? lease(round, current, handOut(current.body, settled))
    : null;
}

interface Plan {
  readonly status: GroupStatus;
  readonly ready: readonly ExperimentState[];
  readonly granted: readonly Place[];
  readonly emptyReason: NonNullable<SuggestAnswer['reason']>;
  readonly nextExpiry: number | null;
}

/** Why there is nothing to hand out now: the first reason that holds. */
function emptyReason(head: GroupHead, definition: Definition): Plan['emptyReason'] {
  if (head.status !== 'running') return 'waiting';
  if (head.places.length >= definition.document.hptuning.concurrency) return 'concurrency';
  if (head.ripe === true) return 'computing';
  return hasRungsToCome(head, definition) || mayGoOn(head, definition) ? 'rung' : 'waiting';
}

/** True where the call takes a waiting place: one that it has leased already, or another one as long as it wants more. */
const canTake = (
  { leased, request }: Round,
  { n }: Place,
  ready: readonly ExperimentState[],
): boolean =>
  ready.every(({ number }) => number !== n) && (leased.has(n) || ready.length < request.count);

/** Decides what the caller gets, given the head as it is. */
async function plan(round: Round, old: GroupHead): Promise<Decision<Plan>> {
  const { ports, definition, request, now } = round;
  let head = await finishAdding(ports, definition, old);
  // Whether a rung waits for its decision is the queue's business, not that of whoever asks.
  const due = checkDueOf(withoutRipe(head));
  if (due !== null && due <= now) {
    head = await check(ports, definition, head, now);
  }
  const own = head.status === 'done' ? { ready: [], granted: [] } : await held(round, head);
  const ready = [...own.ready].slice(0, request.count);
  let granted: readonly Place[] = own.granted.slice(0, request.count - ready.length);
  // At most two passes: where nothing was free, the places may hold what a crash left.
  for (let pass = 0; pass < 2 && granted.length === 0 && head.status === 'running'; pass++) {
    for (const place of head.places) {
      // Somebody may give the call a place just now: it must not take another one itself.
      if (round.errand === 'left' || !isFree(place, now) || !canTake(round, place, ready)) continue;
      const again = await handOutAgain(round, head, place);
      head = again.head;
      if (again.experiment !== null) ready.push(again.experiment);
    }
    const want = request.count - ready.length;
    // What was found out on the way may have ended something.
    head = await withDecisions(ports, definition, head, now);
    const filled = fill({ definition, now, marks: marks(round) }, head, want);
    granted = filled.granted;
    head = await settled(ports, definition, filled.head, now);
    const isEmpty = ready.length + granted.length === 0;
    if (!isEmpty || head.places.length === 0 || now - head.checkedAt < CHECK_INTERVAL_MS) break;
    head = await check(ports, definition, head, now);
  }
  const result: Plan = {
    status: head.status,
    ready,
    granted,
    emptyReason: emptyReason(head, definition),
    nextExpiry: head.nextExpiry,
  };
  return head === old ? { result } : { head, result, isOwn: ready.length > 0 };
}

async function suggestOnce(round: Round): Promise<Result<SuggestAnswer, Fault>> {
  const { ports, call, definition, request, now } = round;
  const wish = { places: request.count, marks: allMarks(request, call) };
  // Those who hand out what is pushed all do the same: none of them wants places of its own.
  const sharing = createSharing(ports, definition, isPushed(definition) ? null : wish);
  const planned = await changeHead(
    ports,
    request.group,
    (head, errand) => plan({ ...round, errand }, head),
    { sharing },
  );
  if (!planned.ok) return planned;
  const { status, ready, granted, emptyReason, nextExpiry } = planned.value;
  const taken = await Promise.all(granted.map((place) => take(round, place)));
  const experiments = [...ready, ...taken.filter((experiment) => experiment !== null)];
  const isOver = status === 'done' || status === 'stopped';
  const isEmpty = experiments.length === 0 && !isOver;
  const pause = emptyReason === 'computing' ? COMPUTING_SECONDS : RETRY_AFTER_SECONDS;
  return ok({
    definition,
    experiments: [...experiments].sort((a, b) => a.number - b.number),
    groupStatus: status,
    reason: isEmpty ? emptyReason : null,
    retryAfterSeconds: isEmpty ? pause : null,
    at: now,
    nextExpiry,
  });
}

/**
 * Hands out what there is now to whoever the request names, as `suggest` does, without waiting for more.
 *
 * *Faults* `group_not_found`
 */
export const handOutTo = (
  ports: Ports,
  call: Call,
  { definition, request }: Pick<Round, 'definition' | 'request'>,
): Promise<Result<SuggestAnswer, Fault>> =>
  suggestOnce({
    ports,
    call,
    definition,
    request,
    now: ports.now(),
    leased: new Map(),
    errand: 'none',
  });

/**
 * Hands out the next experiments: first those that the worker holds already, then those that wait to be handed out
 * again, then those that were queued, then new ones of the search; never more than `concurrency` at once.
 *
 * *Faults* `group_not_found`, `group_pushes`
 */
export async function suggest(
  ports: Ports,
  call: Call,
  request: SuggestRequest,
): Promise<Result<SuggestAnswer, Fault>> {
  const definition = await definitionOf(ports, request.group);
  if (definition === null) return err(groupNotFound(request.group));
  if (isPushed(definition)) {
    const detail = `The group ${request.group} has dispatch: push: it hands its experiments out itself, each as an event experiment.dispatched to webhooks.`;
    return err(fault('group_pushes', detail));
  }
  const start = ports.now();
  const deadline = start + Math.min(request.waitSeconds, ports.maxWaitSeconds) * 1000;
  const watch = ports.signals.watch(request.group);
  try {
    for (;;) {
      const now = ports.now();
      const answer = await handOutTo(ports, call, { definition, request });
      if (!answer.ok || answer.value.retryAfterSeconds === null || now >= deadline) return answer;
      const lapse = answer.value.nextExpiry ?? Number.POSITIVE_INFINITY;
      const until = Math.min(deadline, Math.max(lapse, now + LAPSE_WAIT_MS));
      await watch.next(until - now);
    }
  } finally {
    watch.end();
  }
}
