import type { ExperimentState } from '../domain/experiment.ts';
import { againReason, attemptAt, isAgainReason, objectiveOf } from '../domain/experiment.ts';
import type { EventType, LoggedEvent } from '../domain/group.ts';
import { newHead } from '../domain/moves.ts';
import type { Json } from '../domain/values.ts';
import type { GroupSource } from './wire.ts';
import { groupToWire, outlookToWire, time } from './wire.ts';

/*
 * From stored events to the wire's. What an event tells of and what never changes any more (values, the worker of an
 * attempt, how an experiment ended) is not stored a second time: it comes from the document and from the experiment.
 */

/** An event as the contract shows it. */
export interface EventWire {
  readonly id: string;
  readonly type: EventType;
  readonly timestamp: string;
  readonly group: string;
  readonly data: Readonly<Record<string, unknown>>;
}

type Data = EventWire['data'];

/** A member of an event's stored data; null where it has none of that name. */
const stored = ({ data }: LoggedEvent, name: string): Json =>
  new Map(Object.entries(data ?? {})).get(name) ?? null;

const createdData = (source: GroupSource): Data => {
  const { id: _id, ...group } = groupToWire(source, newHead(source, source.createdAt), null);
  return group;
};

const reasonData = ({ data }: LoggedEvent): Data => ({ status_reason: data ?? null });

const plannedData = (event: LoggedEvent, source: GroupSource): Data => {
  const size = { planned: Number(stored(event, 'planned')), fresh: Number(stored(event, 'fresh')) };
  return { planned: size.planned, ...outlookToWire(source, size) };
};

const rungData = (event: LoggedEvent): Data => ({
  bracket: stored(event, 'bracket'),
  rung: stored(event, 'rung'),
  promoted: stored(event, 'promoted'),
});

const numberData = ({ n }: LoggedEvent): Data => ({ number: n });

const attemptData = ({ n, attempt }: LoggedEvent): Data => ({ number: n, attempt });

/** Data that follow from the event and the document. */
const PLAIN = {
  'group.created': (_event, source) => createdData(source),
  'group.stopping': reasonData,
  'group.stopped': reasonData,
  'group.resumed': () => ({}),
  'group.done': reasonData,
  'group.deleted': () => ({}),
  'group.rung_completed': rungData,
  'group.iteration_completed': (event) => ({
    ...numberData(event),
    iteration: stored(event, 'iteration'),
  }),
  'group.planned_changed': plannedData,
  'experiment.started': (event) => ({
    ...attemptData(event),
    retaken: stored(event, 'retaken') === true,
  }),
  'experiment.stop_requested': numberData,
  'experiment.lease_lost': attemptData,
} as const satisfies Partial<Record<EventType, (event: LoggedEvent, source: GroupSource) => Data>>;

type Plain = keyof typeof PLAIN;
const isPlain = (type: EventType): type is Plain => Object.hasOwn(PLAIN, type);

/** What has been settled about an experiment since it exists. */
const settledData = ({ values, source, rung, resumeFrom, createdAt }: ExperimentState): Data => ({
  values,
  source,
  rung,
  resume_from: resumeFrom,
  created_at: time(createdAt),
});

function queuedData(event: LoggedEvent, experiment: ExperimentState, source: GroupSource): Data {
  const { attempt = 0 } = event;
  if (attempt === 0) return { ...attemptData(event), ...settledData(experiment) };
  const reason = stored(event, 'reason');
  const { maxAttempts: attemptsMax } = source.document.hptuning;
  return {
    ...attemptData(event),
    status_reason: isAgainReason(reason) ? againReason(reason, { attempt, attemptsMax }) : null,
  };
}

function dispatchedData(event: LoggedEvent, experiment: ExperimentState): Data {
  const { w: worker, t: startedAt } = attemptAt(experiment, event.attempt ?? 0);
  return {
    ...attemptData(event),
    worker: worker ?? null,
    started_at: time(startedAt ?? event.at),
    ...settledData(experiment),
  };
}

/** Nothing about an experiment changes after its end. */
const endData = (event: LoggedEvent, experiment: ExperimentState, source: GroupSource): Data => ({
  number: event.n,
  attempt: experiment.attempt,
  objective: objectiveOf(experiment, source.document.hptuning.algorithm.metric),
  status_reason: experiment.reason,
  checkpoint: experiment.checkpoint,
  message: experiment.message,
});

function bestData(event: LoggedEvent, experiment: ExperimentState, source: GroupSource): Data {
  const { metric } = source.document.hptuning.algorithm;
  return {
    number: event.n,
    metric: metric?.name,
    value: objectiveOf(experiment, metric),
    values: experiment.values,
  };
}

type Joined = Exclude<EventType, Plain>;

/** Data that need the experiment as well. */
const JOINED = {
  'group.best_changed': bestData,
  'experiment.queued': queuedData,
  'experiment.dispatched': dispatchedData,
  'experiment.succeeded': endData,
  'experiment.failed': endData,
  'experiment.infeasible': endData,
  'experiment.stopped': endData,
} as const satisfies Record<
  Joined,
  (event: LoggedEvent, experiment: ExperimentState, source: GroupSource) => Data
>;

/** Number of the experiment without which the event's data cannot be told; null where there is no need of one. */
export const experimentOf = ({ type, n }: LoggedEvent): number | null =>
  isPlain(type) ? null : (n ?? null);

/**
 * True where what the event tells of is stored: a hand-out is decided in the group's head before it stands in the
 * experiment's own item.
 */
const isStored = (
  event: LoggedEvent,
  experiment: ExperimentState | null,
): experiment is ExperimentState =>
  experiment !== null &&
  (event.type !== 'experiment.dispatched' || experiment.attempt >= (event.attempt ?? 0));

/**
 * An event's data, the same at every time. Null as long as its experiment is not stored.
 *
 * @param experiment - the one that `experimentOf` names
 */
export function eventData(
  event: LoggedEvent,
  source: GroupSource,
  experiment: ExperimentState | null,
): Data | null {
  const { type } = event;
  if (isPlain(type)) return PLAIN[type](event, source);
  return isStored(event, experiment) ? JOINED[type](event, experiment, source) : null;
}
