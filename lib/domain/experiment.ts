import type { Metric } from './hptuning.ts';
import type { MeasurementEntry, MetricSummary, MetricValue } from './measurement.ts';
import { toNumber } from './measurement.ts';
import type { Json, Values } from './values.ts';

export const ENDS = ['succeeded', 'failed', 'infeasible', 'stopped'] as const;
/** The statuses that an experiment never leaves. */
export type End = (typeof ENDS)[number];
export const EXPERIMENT_STATUSES = ['queued', 'running', ...ENDS] as const;
export type ExperimentStatus = (typeof EXPERIMENT_STATUSES)[number];

/** True for a status that an experiment never leaves. */
export const isEnd = (status: string): status is End => ENDS.some((end) => end === status);

export const SOURCES = [
  'grid',
  'random',
  'hyperband',
  'initial_design',
  'surrogate',
  'fallback',
  'caller',
] as const;
/** Where the values of an experiment come from. */
export type Source = (typeof SOURCES)[number];

export interface Reason {
  readonly code: string;
  readonly detail: string;
}

/** Numbers that are kept beside the experiment because one report brought too many for its item. */
export interface MeasurementBlob {
  /** Sort key of the item that holds the entries. */
  readonly blob: string;
  readonly entries: number;
  readonly numbers: number;
}

/** Where an experiment stands in Hyperband. */
export interface RungPlace {
  /** The bracket's s. */
  readonly bracket: number;
  /** Counted from 0. */
  readonly rung: number;
  readonly resource: number;
}

/** The experiment that this one continues, with the last checkpoint that it reported. */
export interface ResumeFrom {
  readonly number: number;
  readonly checkpoint: string | null;
}

export type TailEntry = MeasurementEntry | MeasurementBlob;

/** Why an experiment waits for another attempt although its lease has not lapsed. */
export type AgainReason = 'retry' | 'released';

/** What is kept of an attempt. Short keys: there can be 100 of them in the item. */
export interface AttemptRecord {
  /** The worker that had it; absent where it gave no name. */
  readonly w?: string;
  /** When it was handed out, ms; absent where that was not kept. */
  readonly t?: number;
  /** 1 where it has reported. */
  readonly s?: 1;
  /** How it ended; absent where it lost its lease. */
  readonly o?: AgainReason;
}

/** One experiment as it is stored. Its lease is the one truth about who runs it. */
export interface ExperimentState {
  readonly number: number;
  /** Index among the search's experiments; null for the caller's own. */
  readonly index: number | null;
  readonly values: Values;
  readonly source: Source;
  /** The batch that its values come from; absent where they follow from the index. */
  readonly batch?: string;
  readonly rung: RungPlace | null;
  readonly resumeFrom: ResumeFrom | null;
  /** As last written: a `running` one whose lease has lapsed counts as queued, see `statusAt`. */
  readonly status: ExperimentStatus;
  readonly reason: Reason | null;
  readonly worker: string | null;
  /** How often it was handed out. */
  readonly attempt: number;
  /** The attempts before this one, in order; absent where there are none. */
  readonly earlier?: readonly AttemptRecord[];
  /** Secret from which the lease tokens of all attempts derive. */
  readonly secret: string;
  /** When the lease lapses, ms; 0 before the first hand-out. */
  readonly expiresAt: number;
  readonly createdAt: number;
  /** When the current attempt was handed out, ms. */
  readonly startedAt: number | null;
  /** True once the current attempt has reported. */
  readonly reported: boolean;
  readonly finishedAt: number | null;
  readonly metrics: Readonly<Record<string, MetricSummary>>;
  readonly checkpoint: string | null;
  readonly message: string | null;
  /** Numbers reported so far, over all attempts. */
  readonly measured: number;
  /** The latest entries, not yet moved into chunks of their own. */
  readonly tail: readonly TailEntry[];
  /** Digest of the metrics that came with the end, to know its repetition. */
  readonly endDigest: string | null;
  /** Nonce of the request that wrote last, to know its repetition. */
  readonly lastRequest: string | null;
}

/** Where the experiment stands at a time: a running one whose lease has lapsed is queued again. */
export const statusAt = (experiment: ExperimentState, now: number): ExperimentStatus =>
  experiment.status === 'running' && experiment.expiresAt <= now ? 'queued' : experiment.status;

/** The experiment's last value of the search's metric, or null where there is none. */
export const objectiveOf = (
  experiment: ExperimentState,
  metric: Metric | null,
): MetricValue | null => (metric === null ? null : (experiment.metrics[metric.name]?.last ?? null));

/** What a hand-out settles. */
export interface HandOut {
  readonly attempt: number;
  readonly worker: string | null;
  readonly now: number;
  readonly expiresAt: number;
}

/** True for the code of a reason with which an experiment waits for another attempt. */
export const isAgainReason = (code: Json | undefined): code is AgainReason =>
  code === 'retry' || code === 'released';

/** What is kept of the current attempt. */
const currentAttempt = ({
  worker,
  startedAt,
  reported,
  reason,
}: ExperimentState): AttemptRecord => ({
  ...(worker === null ? {} : { w: worker }),
  ...(startedAt === null ? {} : { t: startedAt }),
  ...(reported ? { s: 1 } : {}),
  ...(isAgainReason(reason?.code) ? { o: reason.code } : {}),
});

/** What is known of one of an experiment's attempts, counted from 1. */
export const attemptAt = (experiment: ExperimentState, attempt: number): AttemptRecord =>
  attempt === experiment.attempt
    ? currentAttempt(experiment)
    : (experiment.earlier?.[attempt - 1] ?? {});

/** Every attempt before this one. */
const attemptsBefore = (
  experiment: ExperimentState,
  attempt: number,
): Pick<ExperimentState, 'earlier'> =>
  attempt === 1
    ? {}
    : {
        earlier: Array.from({ length: attempt - 1 }, (_, i) => attemptAt(experiment, i + 1)),
      };

/** Handed out once more: a new attempt under a new lease. */
export const handOut = (experiment: ExperimentState, lease: HandOut): ExperimentState => ({
  ...experiment,
  ...attemptsBefore(experiment, lease.attempt),
  status: 'running',
  reason: null,
  worker: lease.worker,
  attempt: lease.attempt,
  startedAt: lease.now,
  expiresAt: lease.expiresAt,
  reported: false,
});

const AGAIN_DETAILS: Record<AgainReason, (attempt: number, attemptsMax: number) => string> = {
  retry: (attempt, attemptsMax) =>
    `attempt ${attempt} of at most ${attemptsMax} was reported as failed`,
  released: (attempt) => `attempt ${attempt} was given back`,
};

/** The reason of an experiment that waits for another attempt, in words. */
export const againReason = (
  code: AgainReason,
  { attempt, attemptsMax }: { readonly attempt: number; readonly attemptsMax: number },
): Reason => ({ code, detail: AGAIN_DETAILS[code](attempt, attemptsMax) });

/** Ended by the service rather than by a report. */
export const endBy = (
  experiment: ExperimentState,
  status: End,
  reason: Reason,
  now: number,
): ExperimentState => ({ ...experiment, status, reason, finishedAt: now });

/** Orders objectives: best first, non-finite after every finite one, none last. Negative where `a` goes first. */
export function compareObjectives(
  a: MetricValue | null,
  b: MetricValue | null,
  metric: Metric | null,
): number {
  const rank = (value: MetricValue | null): number =>
    value === null ? 2 : Number.isFinite(toNumber(value)) ? 0 : 1;
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (a === null || b === null || rank(a) !== 0) return 0;
  const difference = toNumber(a) < toNumber(b) ? -1 : toNumber(a) > toNumber(b) ? 1 : 0;
  return metric?.optimization === 'maximize' ? -difference : difference;
}
