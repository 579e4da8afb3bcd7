import { pack } from './event-log.ts';
import type { End } from './experiment.ts';
import { compareObjectives } from './experiment.ts';
import type { GroupHead, GroupReason, LoggedEvent, Place, Queued } from './group.ts';
import type { EarlyStoppingRule, Metric } from './hptuning.ts';
import type { MetricValue } from './measurement.ts';
import { toNumber } from './measurement.ts';

/*
 * The legal moves of a group: pure functions from head to head. Each writes the events of what it did.
 */

/** A group that has handed out nothing yet. */
export const newHead = (
  search: { readonly planned: number; readonly fresh: number },
  at: number,
): GroupHead => ({
  status: 'running',
  reason: null,
  deletedAt: null,
  updatedAt: at,
  finishedAt: null,
  nextNumber: 1,
  nextFresh: 0,
  fresh: search.fresh,
  planned: search.planned,
  rungs: [],
  places: [],
  queued: [],
  adding: null,
  counts: { succeeded: 0, failed: 0, infeasible: 0, stopped: 0 },
  failuresForgiven: 0,
  best: null,
  nextExpiry: null,
  checkedAt: at,
  eventsFlushed: 0,
  events: [pack({ type: 'group.created', at })],
  resultsFlushed: 0,
  results: [],
});

/** The head with events added to its log. */
export const logged = (head: GroupHead, ...events: readonly LoggedEvent[]): GroupHead =>
  events.length === 0
    ? head
    : {
        ...head,
        updatedAt: events.reduce((latest, { at }) => Math.max(latest, at), head.updatedAt),
        events: [...head.events, ...events.map(pack)],
      };

/** The head without the mark that there is something to compute. */
export const withoutRipe = ({ ripe: _ripe, ...head }: GroupHead): GroupHead => head;

/** Places that are really being worked on: handed out, and not waiting to be handed out again. */
export const activePlaces = (head: GroupHead): readonly Place[] =>
  head.places.filter((place) => place.r !== 1);

/** Replaces the place of an experiment, which keeps its position. */
export const withPlace = (head: GroupHead, place: Place): GroupHead => ({
  ...head,
  places: head.places.map((old) => (old.n === place.n ? place : old)),
});

/** True once the search itself has no new values to hand out. */
export const isSpent = (head: GroupHead): boolean => head.nextFresh >= head.fresh;

/** How many experiments wait without a place. */
export const queuedCount = (head: GroupHead): number =>
  head.queued.reduce((sum, { count = 1 }) => sum + count, 0);

/** The queue without one experiment. */
export function withoutQueued(queued: readonly Queued[], number: number): readonly Queued[] {
  return queued.flatMap((waiting) => {
    const { n, count = 1 } = waiting;
    if (number < n || number >= n + count) return [waiting];
    const part = (from: number, length: number): readonly Queued[] =>
      length === 0
        ? []
        : [
            {
              a: waiting.a,
              n: from,
              ...(waiting.i === undefined ? {} : { i: waiting.i + from - n }),
              ...(length === 1 ? {} : { count: length }),
            },
          ];
    return [...part(n, number - n), ...part(number + 1, n + count - 1 - number)];
  });
}

/** How an experiment ended, as the group needs to know it. */
export interface Ending {
  readonly number: number;
  readonly index: number | null;
  readonly end: End;
  readonly objective: MetricValue | null;
  readonly at: number;
}

/** Ends that say something about the values, so that the experiment can be the group's best. */
const COUNTS_FOR_BEST: Record<End, boolean> = {
  succeeded: true,
  stopped: true,
  failed: false,
  infeasible: false,
};

function betterBest(head: GroupHead, ending: Ending, metric: Metric | null): GroupHead['best'] {
  const { objective } = ending;
  if (metric === null || objective === null || !COUNTS_FOR_BEST[ending.end]) return head.best;
  const value = toNumber(objective);
  if (!Number.isFinite(value)) return head.best;
  if (head.best === null) return { number: ending.number, value };
  // Equal values: the lower number, so that the best does not depend on who reported first.
  const order =
    compareObjectives(value, head.best.value, metric) || ending.number - head.best.number;
  return order < 0 ? { number: ending.number, value } : head.best;
}

/** Counts an experiment's end, once: it gives up its place or its turn in the queue. */
export function countEnding(head: GroupHead, ending: Ending, metric: Metric | null): GroupHead {
  const best = betterBest(head, ending, metric);
  const after: GroupHead = {
    ...head,
    places: head.places.filter((place) => place.n !== ending.number),
    queued: withoutQueued(head.queued, ending.number),
    counts: { ...head.counts, [ending.end]: head.counts[ending.end] + 1 },
    results: [...head.results, [ending.number, ending.end, ending.objective, ending.index]],
    best,
  };
  const ended: LoggedEvent = {
    type: `experiment.${ending.end}`,
    at: ending.at,
    n: ending.number,
  };
  const changed: readonly LoggedEvent[] =
    best === null || best === head.best
      ? []
      : [{ type: 'group.best_changed', at: ending.at, n: best.number }];
  return logged(after, ended, ...changed);
}

/** What a search will make in all. */
export type Size = Pick<GroupHead, 'planned' | 'fresh'>;

/** The head of a search that turns out to make fewer experiments; of one that makes as many, the head as it is. */
export const resized = (head: GroupHead, { planned, fresh }: Size, at: number): GroupHead =>
  planned === head.planned && fresh === head.fresh
    ? head
    : logged(
        { ...head, planned, fresh },
        { type: 'group.planned_changed', at, data: { planned, fresh } },
      );

const stopping = (head: GroupHead, reason: GroupReason, at: number): GroupHead =>
  logged(
    { ...head, status: 'stopping', reason, finishedAt: null },
    { type: 'group.stopping', at, data: { code: reason.code, detail: reason.detail } },
    ...activePlaces(head).map(
      (place): LoggedEvent => ({ type: 'experiment.stop_requested', at, n: place.n }),
    ),
  );

/** The head once an experiment is known to run after all, though its lease was lost: a stopped group stops once more. */
export function revived(head: GroupHead, number: number, at: number): GroupHead {
  if (head.status === 'stopped' && head.reason !== null) return stopping(head, head.reason, at);
  return head.status === 'stopping'
    ? logged(head, { type: 'experiment.stop_requested', at, n: number })
    : head;
}

/** Asks everything that runs to stop, and hands out nothing new. */
export const beginStop = (head: GroupHead, reason: GroupReason, at: number): GroupHead =>
  head.status === 'running' ? stopping(head, reason, at) : head;

/** Words of the reason with which an early stopping rule ends a group. */
export const describeHit = (
  rule: EarlyStoppingRule,
  hit: { readonly number: number; readonly value: number },
): string => {
  const sign = rule.optimization === 'maximize' ? '>=' : '<=';
  return `experiment ${hit.number} reported ${rule.metric} = ${hit.value}, which meets the rule ${rule.metric} ${sign} ${rule.value}`;
};

const finish = (head: GroupHead, status: 'stopped' | 'done', at: number): GroupHead =>
  logged(
    { ...head, status, finishedAt: at },
    {
      type: `group.${status}`,
      at,
      data: { code: head.reason?.code ?? null, detail: head.reason?.detail ?? null },
    },
  );

/** What ends a group besides its budget. */
export interface EndRules {
  readonly maxFailures: number | null;
  /** Suggestions of an initial design, without any observation of which a search cannot go on; null where it can. */
  readonly initial: number | null;
}

/** True once the initial design has been run to its end and nothing was observed. */
export const isBlind = (head: GroupHead, initial: number | null): boolean =>
  initial !== null &&
  head.best === null &&
  head.nextFresh >= initial &&
  ![...head.places, ...head.queued].some(({ i }) => i !== undefined && i < initial);

/** Moves the group on to whatever follows from what has happened: stopping, stopped or done. */
export function advance(head: GroupHead, rules: EndRules, at: number): GroupHead {
  if (head.status === 'running') {
    const { maxFailures, initial } = rules;
    const failures = head.counts.failed - head.failuresForgiven;
    if (maxFailures !== null && failures > maxFailures) {
      const detail = `${failures} experiments have failed, max_failures is ${maxFailures}`;
      return advance(beginStop(head, { code: 'too_many_failures', detail }, at), rules, at);
    }
    const isIdle = head.places.length === 0 && head.queued.length === 0 && head.adding === null;
    const isDecided = head.ripe !== true && (head.halving?.ready ?? []).length === 0;
    if (isIdle && isBlind(head, initial)) {
      const detail = `none of the ${initial} experiments of the initial design gave a finite value of the metric`;
      return finish({ ...head, reason: { code: 'no_observations', detail } }, 'done', at);
    }
    if (isIdle && isDecided && isSpent(head) && head.rungs.length === 0) {
      const detail = `all ${head.planned} experiments of the search have ended`;
      return finish({ ...head, reason: { code: 'exhausted', detail } }, 'done', at);
    }
  }
  if (head.status === 'stopping') {
    if (activePlaces(head).length > 0) return head;
    if (head.reason?.code !== 'early_stopping') return finish(head, 'stopped', at);
    if (head.places.length === 0 && head.queued.length === 0) return finish(head, 'done', at);
  }
  return head;
}

/** Goes on after a stop. */
export const resumed = (head: GroupHead, at: number): GroupHead =>
  logged(
    {
      ...head,
      status: 'running',
      reason: null,
      finishedAt: null,
      failuresForgiven: head.counts.failed,
    },
    { type: 'group.resumed', at },
  );
