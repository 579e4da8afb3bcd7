import type { GroupHead, LoggedEvent, Queued } from '../domain/group.ts';
import { LIMITS } from '../domain/limits.ts';
import { activePlaces, isBlind, queuedCount, resized, withoutRipe } from '../domain/moves.ts';
import type { Values } from '../domain/values.ts';
import { createValuesKey } from '../matrix/values-key.ts';
import type { View } from '../optimizers/bayes/view.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import type { Batch, Ended } from '../store/keys.ts';
import { batchKey } from '../store/keys.ts';
import type { Definition } from './definition.ts';
import { givenAt } from './given.ts';
import { isDue, withExhaustedHalving } from './halving.ts';
import type { Learnt } from './history.ts';
import { readHistory, readValues } from './history.ts';
import type { Ports } from './ports.ts';
import { resultCount } from './results.ts';
import { hasCompleteRung, isRungDue, withExhaustedBracket } from './rungs.ts';

/*
 * Suggestions of a surrogate search are computed before anybody asks for them, from a view: the first so many results,
 * and what is being tried. A batch of them is an item that never changes, named by its view; the head says which batch
 * is next. Whoever computes the same view writes the same batch.
 *
 *   report ──> a result more ──poke──> advance: view ──> batch item ──> head.ahead ──suggest──> a place that names it
 *
 * The initial design, and what stands in while nothing is observed, follow from the index alone and need no batch,
 * unless the caller adds experiments of their own, which must not be tried twice.
 */

/** Experiments of the caller's own. */
const ownCount = ({ nextNumber, nextFresh, halving }: GroupHead): number =>
  nextNumber - 1 - nextFresh - (halving?.given ?? 0);

/** How many suggestions an initial design has without any observation of which the search cannot go on; null for none. */
export const designOf = ({ optimizer: { surrogate } }: Definition): number | null =>
  surrogate?.waitsFor === 'observation' ? surrogate.initial : null;

/** The first suggestion that has to be computed; Infinity while none has to. */
function computedFrom(head: GroupHead, { optimizer }: Definition): number {
  const { surrogate, promotion } = optimizer;
  if (surrogate === null) return Number.POSITIVE_INFINITY;
  if (promotion !== null) {
    const isInformed = head.best !== null && hasCompleteRung(head, promotion);
    return isInformed ? head.nextFresh : Number.POSITIVE_INFINITY;
  }
  if (ownCount(head) > 0) return head.nextFresh;
  return head.best === null
    ? Number.POSITIVE_INFINITY
    : Math.max(head.nextFresh, surrogate.initial);
}

/** True where the next suggestion follows from its index. */
export const isNextGiven = (head: GroupHead, definition: Definition): boolean =>
  head.nextFresh < computedFrom(head, definition) && !isBlind(head, designOf(definition));

/** True where the next suggestion is computed, from a view that is no older than the running experiments allow. */
export const isNextAhead = (head: GroupHead): boolean =>
  aheadCount(head) > 0 && lag(head) <= activePlaces(head).length;

/** Results that have come since the suggestions were computed. */
const lag = (head: GroupHead): number => resultCount(head) - (head.ahead?.results ?? 0);

/** Suggestions that are computed and not handed out. */
const aheadCount = ({ ahead, nextFresh }: GroupHead): number =>
  ahead === undefined ? 0 : ahead.from + ahead.count - Math.max(nextFresh, ahead.from);

/** How many suggestions should be ready. */
function wanted(head: GroupHead, definition: Definition): number {
  const { document, optimizer } = definition;
  const { concurrency } = document.hptuning;
  const from = computedFrom(head, definition);
  const left = Math.min(head.fresh, bracketEnd(optimizer, from)) - from;
  // Who goes on comes first.
  const going =
    optimizer.promotion === null ? (head.halving?.ready ?? []).length : queuedCount(head);
  const free = concurrency - head.places.length - going;
  // One at a time: what is computed while the one runs would not know its result.
  const isEnough = concurrency === 1 || (optimizer.promotion !== null && going > 0);
  const ready = isEnough ? free : Math.max(1, free);
  return Math.min(ready - (from - head.nextFresh), left, LIMITS.suggestionsAhead);
}

/** Which of the new suggestions one of the search's experiments is that does not continue another one. */
export const suggestionOf = ({ optimizer: { promotion } }: Definition, index: number): number =>
  promotion === null ? index : promotion.plan.freshOf(promotion.plan.locate(index));

/** The suggestion after the last one of a bracket: those of one batch must differ, those of two brackets need not. */
function bracketEnd({ promotion, fresh }: Optimizer, from: number): number {
  if (promotion === null || from >= fresh) return fresh;
  const { bracket } = promotion.plan.freshAt(from);
  const next = promotion.plan.brackets.find((one) => one.bracket < bracket);
  return next === undefined ? fresh : promotion.plan.freshOf({ bracket: next.bracket, slot: 0 });
}

/** True where suggestions wait to be computed. */
function isComputingDue(head: GroupHead, definition: Definition): boolean {
  const isStale = aheadCount(head) === 0 || lag(head) > 0;
  return isStale && !isBlind(head, designOf(definition)) && wanted(head, definition) > 0;
}

/** Notes in the head whether a rung or a result waits for a decision, or suggestions wait to be computed. */
export function withRipe(head: GroupHead, definition: Definition): GroupHead {
  const { surrogate, halving, promotion } = definition.optimizer;
  const ripe =
    (promotion !== null && isRungDue(head, promotion)) ||
    (halving !== null && isDue(head)) ||
    (surrogate !== null && isComputingDue(head, definition));
  if (ripe === (head.ripe === true)) return head;
  return ripe ? { ...head, ripe } : withoutRipe(head);
}

/** The head of a search of which the space, or the one bracket that is under way, holds no further point. */
export function withoutFurther(
  { optimizer }: Definition,
  head: GroupHead,
  { fresh, now }: { readonly fresh: number; readonly now: number },
): GroupHead {
  if (optimizer.promotion !== null) return withExhaustedBracket(head, optimizer.promotion, now);
  return optimizer.halving === null
    ? resized(head, { planned: fresh, fresh }, now)
    : withExhaustedHalving(head, fresh, now);
}

/** The head without computed suggestions: something was added that they do not know of. */
export function withoutAhead({ ahead: _ahead, ...head }: GroupHead): GroupHead {
  return head;
}

/** An experiment that has no value yet. */
interface Pending {
  /** Null where it is not handed out yet and its number cannot be foretold. */
  readonly number: number | null;
  /** Index among the search's experiments; null for the caller's own. */
  readonly index: number | null;
  readonly values: Values;
}

/** The number that a new suggestion will get; null where experiments that go on may come before it. */
const numberOf = (
  { nextNumber, nextFresh }: GroupHead,
  { optimizer: { halving, promotion } }: Definition,
  index: number,
): number | null =>
  halving === null && promotion === null ? nextNumber + index - nextFresh : null;

/** Experiments that have no value yet: numbers and values, the numbers foretold where they are not handed out yet. */
async function readPending(
  ports: Ports,
  definition: Definition,
  head: GroupHead,
  from: number,
): Promise<readonly Pending[]> {
  const { promotion } = definition.optimizer;
  const goesOn = ({ i }: Pick<Queued, 'i'>): boolean =>
    promotion !== null && i !== undefined && promotion.plan.locate(i).rung > 0;
  // What goes on in a bracket has a value already, and there can be very many of it.
  const open = [...head.places, ...head.queued]
    .filter((waiting) => !goesOn(waiting))
    .sort((a, b) => a.n - b.n);
  const written = await readValues(
    ports,
    definition.config.id,
    open.map(({ n }) => n),
  );
  const pending: Pending[] = [];
  for (const waiting of open) {
    const { n, i: index } = waiting;
    const batch = 'b' in waiting ? waiting.b : undefined;
    const parent = 'f' in waiting ? waiting.f : undefined;
    // Whoever got it may not have written it yet.
    const isGiven = !written.has(n) && index !== undefined;
    const given = isGiven ? await givenAt(ports, definition, { index, batch, parent }) : null;
    const values = given?.values ?? written.get(n);
    if (values !== undefined) pending.push({ number: n, index: index ?? null, values });
  }
  // The rest of the initial design, which is handed out before.
  for (let index = head.nextFresh; index < from; index++) {
    const values = definition.optimizer.suggest(index);
    if (values === null) break;
    pending.push({ number: numberOf(head, definition, index), index, values });
  }
  return pending;
}

/** What the bracket of the suggestions has begun with already. */
function begunIn(
  { optimizer: { promotion } }: Definition,
  known: {
    readonly from: number;
    readonly ended: readonly Ended[];
    readonly pending: readonly Pending[];
  },
): Pick<View, 'begun'> {
  if (promotion === null) return {};
  const { plan } = promotion;
  const { bracket } = plan.freshAt(known.from);
  const isOf = (index: number | null): boolean => {
    if (index === null) return false;
    const at = plan.locate(index);
    return at.bracket === bracket && at.rung === 0;
  };
  const ended = known.ended.filter(({ row: [, , , index] }) => isOf(index));
  const open = known.pending.filter(({ index }) => isOf(index));
  return { begun: [...ended, ...open].map(({ values }) => values) };
}

interface Computed {
  readonly id: string;
  readonly batch: Batch;
  readonly results: number;
  /** Experiments of the caller's own that it knows of. */
  readonly own: number;
}

/** What is being tried without any value yet: not where it goes on from an observation. */
function pendingOf(
  { document }: Definition,
  { observations }: Learnt,
  pending: readonly Pending[],
): readonly Values[] {
  const keyOf = createValuesKey(document.hptuning.matrix);
  const observed = new Set(observations.map(({ values }) => keyOf(values)));
  return pending.flatMap(({ values }) => (observed.has(keyOf(values)) ? [] : [values]));
}

/** Computes the suggestions that should be ready, and stores them. */
async function compute(ports: Ports, definition: Definition, head: GroupHead): Promise<Computed> {
  const group = definition.config.id;
  const from = computedFrom(head, definition);
  const count = wanted(head, definition);
  const [{ ended, learnt }, pending] = await Promise.all([
    readHistory(ports, definition, head),
    readPending(ports, definition, head, from),
  ]);
  const suggestions = await ports.propose(definition.document.hptuning, {
    index: from,
    count,
    ...learnt,
    ...begunIn(definition, { from, ended, pending }),
    pending: pendingOf(definition, learnt, pending),
  });
  const results = resultCount(head);
  const batch: Batch = {
    from,
    number: numberOf(head, definition, from),
    observations: learnt.observations.length,
    pending: pending.flatMap(({ number }) => number ?? []),
    suggestions,
  };
  const id = [from, results, head.nextNumber].join('.');
  const outcome = await ports.store.put({ key: batchKey(group, id), body: batch, expect: 0 });
  const stored = outcome.kind === 'stored' ? batch : (outcome.current?.body ?? batch);
  return { id, batch: stored, results, own: ownCount(head) };
}

/** The head with what was computed; as it is where it has moved on meanwhile. */
function withComputed(
  head: GroupHead,
  definition: Definition,
  { computed, now }: { readonly computed: Computed; readonly now: number },
): GroupHead {
  const { id, batch, results, own } = computed;
  if (ownCount(head) !== own || computedFrom(head, definition) !== batch.from) return head;
  if (aheadCount(head) > 0 && (head.ahead?.results ?? 0) >= results) return head;
  const count = batch.suggestions.length;
  // The matrix has no further point.
  if (count === 0) {
    return withoutFurther(definition, withoutAhead(head), { fresh: batch.from, now });
  }
  const next: GroupHead = { ...head, ahead: { batch: id, from: batch.from, count, results } };
  return lag(next) <= activePlaces(next).length ? next : head;
}

/** Computes what will be asked next where that is due, and says so in the head; whether it was due. */
export async function computeAhead(
  ports: Ports,
  definition: Definition,
  change: (decide: (head: GroupHead) => GroupHead) => Promise<GroupHead | null>,
): Promise<boolean> {
  const { surrogate } = definition.optimizer;
  const head = await change((old) => old);
  if (surrogate === null || head?.ripe !== true || head.status !== 'running') return false;
  if (!isComputingDue(head, definition)) return false;
  const computed = await compute(ports, definition, head);
  const after = await change((old) =>
    withComputed(old, definition, { computed, now: ports.now() }),
  );
  const replaced = head.ahead;
  const isUnused = replaced !== undefined && after !== null && after.nextFresh <= replaced.from;
  if (isUnused && after.ahead !== undefined && after.ahead.batch !== replaced.batch) {
    await ports.store.remove(batchKey(definition.config.id, replaced.batch));
  }
  return true;
}

/** Events of an experiment's end that only a surrogate search has. */
export const iterationEvents = (
  { optimizer }: Definition,
  ended: { readonly number: number; readonly index: number | null; readonly at: number },
): readonly LoggedEvent[] => {
  const { surrogate, fresh } = optimizer;
  const { number, index, at } = ended;
  // Beyond the new ones are those that go on.
  if (surrogate?.waitsFor !== 'observation' || index === null) return [];
  if (index < surrogate.initial || index >= fresh) return [];
  const iteration = index - surrogate.initial + 1;
  return [{ type: 'group.iteration_completed', at, n: number, data: { iteration } }];
};
