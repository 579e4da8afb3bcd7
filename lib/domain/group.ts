import type { End, Reason } from './experiment.ts';
import type { MetricValue } from './measurement.ts';
import type { Json, Values } from './values.ts';

export type GroupStatus = (typeof GROUP_STATUSES)[number];

export const GROUP_STATUSES = ['running', 'stopping', 'stopped', 'done'] as const;

export type GroupReasonCode =
  | 'exhausted'
  | 'early_stopping'
  | 'requested'
  | 'too_many_failures'
  | 'no_observations';

export interface GroupReason extends Reason {
  readonly code: GroupReasonCode;
}

/** What never changes about a group. Everything else about its document derives from `spec` and `seed`. */
export interface GroupConfig {
  readonly id: string;
  /** The document as it was sent. */
  readonly spec: Json;
  readonly seed: number;
  readonly createdAt: number;
}

/**
 * An experiment that holds one of the group's `concurrency` places: handed out and not ended.
 * It keeps its place when its lease lapses, so that the report of a worker that was only silent
 * can be accepted without ever exceeding the concurrency. Short keys: there can be 1,000 of them in the item.
 */
export interface Place {
  /** Number of the experiment. */
  readonly n: number;
  /** Index among the search's experiments; absent for the caller's own. */
  readonly i?: number;
  /** Attempt up to which the event log tells its story. */
  readonly a: number;
  /** 1 once `experiment.started` of that attempt is logged. */
  readonly s?: 1;
  /** Hash of the worker's name: a hint where to look. */
  readonly w?: number;
  /** Mark of the request it was handed out to, where that request looks for its places again. */
  readonly k?: string;
  /** 1 while it waits to be handed out again. */
  readonly r?: 1;
  /** 1 where it waits because it was given back or failed, as the log tells; absent where its lease was lost. */
  readonly o?: 1;
  /** Where a group pushes: not handed out again before this time, ms, as it was given back. */
  readonly t?: number;
  /** 1 once a check has found its item missing: the next check writes it. */
  readonly x?: 1;
  /** The batch that holds its values; absent where they follow from the index. */
  readonly b?: string;
  /** Number of the experiment that it continues, where experiments are promoted one by one. */
  readonly f?: number;
}

/** Suggestions that are computed and wait to be handed out. */
export interface Ahead {
  /** Id of the batch that holds them. */
  readonly batch: string;
  /** Index of the first one. */
  readonly from: number;
  readonly count: number;
  /** How many results there were when they were computed. */
  readonly results: number;
}

/**
 * An event as it is stored: [type, at, n, attempt, count, data], the type as its index in `EVENT_TYPES`, what is missing
 * as null, and nulls at the end left out. Some of them lie in the head, which is written with every decision, and
 * DynamoDB bills by the kilobyte.
 */
export type PackedEvent = readonly [type: number, at: number, ...rest: readonly Json[]];

/** One thing that happened to a group; the contract spells it out. */
export interface LoggedEvent {
  readonly type: EventType;
  readonly at: number;
  /** Number of the experiment it tells of. */
  readonly n?: number;
  /** Tells of so many experiments, the numbers from `n` on: as many events. */
  readonly count?: number;
  readonly attempt?: number;
  readonly data?: Json;
}

/** Stored events name their type by its place here: new ones go to the end, none is ever removed. */
export const EVENT_TYPES = [
  'group.created',
  'group.stopping',
  'group.stopped',
  'group.resumed',
  'group.done',
  'group.deleted',
  'group.best_changed',
  'group.rung_completed',
  'experiment.queued',
  'experiment.dispatched',
  'experiment.started',
  'experiment.succeeded',
  'experiment.failed',
  'experiment.infeasible',
  'experiment.stop_requested',
  'experiment.stopped',
  'experiment.lease_lost',
  'group.iteration_completed',
  'group.planned_changed',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** How one experiment ended; its index among the search's experiments, null for the caller's own. */
export type ResultRow = readonly [
  number: number,
  end: End,
  objective: MetricValue | null,
  index: number | null,
];

/** Waiting experiments without a place: one, or so many with successive numbers and indices. */
export interface Queued {
  readonly n: number;
  readonly i?: number;
  readonly a: number;
  readonly count?: number;
}

/** A rung that has begun: one per bracket that has begun and is not finished. */
export interface OpenRung {
  readonly bracket: number;
  readonly rung: number;
  /** Experiments that the rung has. */
  readonly size: number;
  /** Experiments with which the bracket began. */
  readonly start: number;
  /** Position in the results before which none of this rung's lies. */
  readonly from: number;
  /** Number of its first experiment while the items of its experiments may not be written yet. */
  readonly unwritten?: number;
}

/** Where a search stands that promotes experiments one by one. */
export interface Halving {
  /** How many results have been looked at; -1 where all have to be looked at again. */
  readonly results: number;
  /** Rungs, from the first on, that are complete. */
  readonly complete: number;
  /**
   * What goes on and has no place yet: at most one for each result, so that there are never more of them than free places.
   */
  readonly ready: readonly (readonly [index: number, parent: number])[];
  /** Experiments that have gone on and got a place. */
  readonly given: number;
}

/** One of the caller's own experiments on its way into an item of its own. */
export interface Adding {
  readonly number: number;
  readonly nonce: string;
  /** True where the same request may come again and must find this experiment. */
  readonly repeatable: boolean;
  readonly values: Values;
  readonly at: number;
  /** Present where the result is already known. */
  readonly result: {
    readonly end: End;
    readonly metrics: Readonly<Record<string, MetricValue>>;
    readonly message: string | null;
  } | null;
}

/** From which event on webhooks have yet to be told. */
export interface Untold {
  /** Sequence number of the first one. */
  readonly from: number;
  /** When that was noted, ms. */
  readonly at: number;
}

/** The changing part of a group: one item, every decision about the group is one compare-and-set on it. */
export interface GroupHead {
  readonly status: GroupStatus;
  readonly reason: GroupReason | null;
  readonly deletedAt: number | null;
  /** When the newest event happened, ms. */
  readonly updatedAt: number;
  readonly finishedAt: number | null;
  /** The number that the next experiment gets. */
  readonly nextNumber: number;
  /** Which of the search's new suggestions comes next; equals `fresh` once all are out. */
  readonly nextFresh: number;
  /** Suggestions with new values that the search makes; shrinks where the space turns out to hold fewer. */
  readonly fresh: number;
  /** Experiments that the search makes in all, promoted ones included; shrinks likewise. */
  readonly planned: number;
  /** Rungs that have begun, in the order of their brackets. */
  readonly rungs: readonly OpenRung[];
  /**
   * Set while there is something to compute: a rung waits for the decision who goes on or its experiments for their
   * items, results for the decision whether somebody goes on, or a surrogate search for its next suggestions.
   */
  readonly ripe?: true;
  readonly ahead?: Ahead;
  readonly halving?: Halving;
  /**
   * Set while a group that pushes has something to hand out: `due`, or `unheard` as long as no webhook takes its hand-outs.
   */
  readonly push?: 'due' | 'unheard';
  /** Set while there may be events that webhooks have yet to be told of. */
  readonly untold?: Untold;
  /** For how many callers at once the head was last changed; absent for one. */
  readonly crowd?: number;
  readonly places: readonly Place[];
  readonly queued: readonly Queued[];
  readonly adding: Adding | null;
  readonly counts: Readonly<Record<End, number>>;
  /** Failures that were there when the group was last resumed: `max_failures` counts those after it. */
  readonly failuresForgiven: number;
  readonly best: { readonly number: number; readonly value: number } | null;
  /** No lease of a place lapses before this time, ms; null where none is out. */
  readonly nextExpiry: number | null;
  /** When the sweep comes, ms: what the index `due` says of the head. */
  readonly sweepAt?: number;
  /** When the places were last held against the experiments, ms. */
  readonly checkedAt: number;
  /** Number of events that lie in chunks; the first of `events` has this sequence number plus 1. */
  readonly eventsFlushed: number;
  readonly events: readonly PackedEvent[];
  readonly resultsFlushed: number;
  readonly results: readonly ResultRow[];
}
