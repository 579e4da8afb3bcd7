import { createHash } from 'node:crypto';
import type { End, ExperimentState, Reason } from '../domain/experiment.ts';
import { againReason, isEnd, statusAt } from '../domain/experiment.ts';
import type { Fault } from '../domain/faults.ts';
import { fault } from '../domain/faults.ts';
import type { GroupHead } from '../domain/group.ts';
import { LIMITS } from '../domain/limits.ts';
import type { Result } from '../domain/result.ts';
import { err, ok } from '../domain/result.ts';
import { experimentKey } from '../store/keys.ts';
import type { Item, PutOutcome } from '../store/store.ts';
import { StoreUnavailable } from '../store/store.ts';
import type { Definition } from './definition.ts';
import { createSharing } from './errands.ts';
import { changeHead } from './head.ts';
import { attemptOf } from './lease.ts';
import { experimentNotFound, loadExperiment } from './load.ts';
import type { ReportedStep } from './measurements.ts';
import { areOnRecord, moveTail, withMeasurements } from './measurements.ts';
import type { Call, Ports } from './ports.ts';
import { isPushed, pauseSeconds } from './push.ts';
import { applyRules, check, reconcile, settled } from './reconcile.ts';

export interface ReportRequest {
  readonly group: string;
  readonly number: number;
  readonly steps: readonly ReportedStep[];
  readonly status: 'running' | End;
  readonly checkpoint: string | null;
  readonly message: string | null;
  readonly leaseToken: string | null;
  /** True where the lease token came as the caller's authorization, which it then limits to this experiment. */
  readonly tokenIsKey: boolean;
}

export interface ReportAnswer {
  readonly definition: Definition;
  readonly experiment: ExperimentState;
  readonly shouldStop: boolean;
  readonly stopReason: Reason | null;
  /** When the report was judged, ms. */
  readonly at: number;
}

const digestOf = (request: ReportRequest): string =>
  createHash('sha256').update(JSON.stringify(request.steps)).digest('base64url').slice(0, 22);

const hasNumbers = (request: ReportRequest): boolean =>
  request.steps.some(({ metrics }) => Object.keys(metrics).length > 0);

/** One report, held against the experiment as it is stored. */
interface Judged {
  readonly ports: Ports;
  readonly call: Call;
  readonly definition: Definition;
  readonly request: ReportRequest;
  readonly now: number;
}

/** Tells whether the caller is the one who may report; null where it is. */
function fence(judged: Judged, experiment: ExperimentState): Fault | null {
  const { request, now } = judged;
  const { number, worker, attempt } = experiment;
  const status = statusAt(experiment, now);
  if (request.leaseToken === null) {
    if (status === 'running' || isEnd(status)) return null;
    const detail =
      attempt === 0
        ? `Experiment ${number} has not been handed out to anybody.`
        : `The lease of experiment ${number} has lapsed; only a report with its lease_token can take it again.`;
    return fault(attempt === 0 ? 'experiment_not_running' : 'lease_lost', detail);
  }
  const proved = attemptOf(request.group, experiment, request.leaseToken);
  if (proved === attempt) return null;
  if (proved === null) {
    return request.tokenIsKey
      ? fault(
          'forbidden',
          `This token belongs to another experiment: it cannot report on experiment ${number}.`,
        )
      : fault('lease_lost', `The lease_token is not one of experiment ${number}.`);
  }
  const holder = worker === null ? 'another worker' : `worker "${worker}"`;
  return fault(
    'lease_lost',
    `Attempt ${proved} of experiment ${number} has lost its lease: attempt ${attempt} was handed out to ${holder}${
      isEnd(status) ? ` and has ended as ${status}` : ''
    }.`,
  );
}

/** What a report after the end is: a harmless repetition (null), or something that comes too late. */
async function judgeAfterEnd(judged: Judged, experiment: ExperimentState): Promise<Fault | null> {
  const { ports, request } = judged;
  const { group, number } = request;
  const late = (what: string): Fault =>
    fault(
      'experiment_finished',
      `Experiment ${number} has ended as ${experiment.status}; ${what} comes after the end.`,
    );
  if (request.status !== 'running' && request.status !== experiment.status) {
    return late(`the end "${request.status}"`);
  }
  if (!hasNumbers(request) || digestOf(request) === experiment.endDigest) return null;
  const known = await areOnRecord({ ports, group, number }, experiment, request.steps);
  return known ? null : late('a new measurement');
}

/** Names of metrics that a message lists at most. */
const SHOWN_METRICS = 20;

function listed(metrics: ReadonlySet<string>): string {
  if (metrics.size === 0) return 'nothing';
  const shown = [...metrics].slice(0, SHOWN_METRICS).map((name) => `"${name}"`);
  return [...shown, ...(metrics.size > SHOWN_METRICS ? ['…'] : [])].join(', ');
}

/** Every metric that the experiment has reported once this report is recorded. */
const metricsAfter = ({ steps }: ReportRequest, experiment: ExperimentState): ReadonlySet<string> =>
  new Set([
    ...Object.keys(experiment.metrics),
    ...steps.flatMap(({ metrics }) => Object.keys(metrics)),
  ]);

/** The search's metric has to be there before an experiment can have succeeded. */
function missingMetric(
  { request, definition }: Judged,
  metrics: ReadonlySet<string>,
): Fault | null {
  const { metric } = definition.document.hptuning.algorithm;
  if (request.status !== 'succeeded' || metric === null || metrics.has(metric.name)) return null;
  const detail = `Experiment ${request.number} cannot end as succeeded: it has never reported "${metric.name}", which the search ${
    metric.optimization === 'maximize' ? 'maximizes' : 'minimizes'
  }. Reported so far: ${listed(metrics)}. The experiment keeps running.`;
  return fault('metric_missing', detail, {
    errors: [{ path: `metrics.${metric.name}`, message: 'It is missing: report it with the end.' }],
  });
}

function tooManyMetrics(metrics: ReadonlySet<string>): Fault | null {
  if (metrics.size <= LIMITS.metricsPerExperiment) return null;
  const message = `An experiment can have at most ${LIMITS.metricsPerExperiment} distinct metrics, this report makes it ${metrics.size}.`;
  return fault('invalid_request', message, { errors: [{ path: 'metrics', message }] });
}

/** The experiment after its end, or after its failure where it will be tried again. */
function withEnd(judged: Judged, experiment: ExperimentState): ExperimentState {
  const { request, definition, now } = judged;
  if (request.status === 'running') return experiment;
  const { retryFailed, maxAttempts } = definition.document.hptuning;
  if (request.status === 'failed' && retryFailed && experiment.attempt < maxAttempts) {
    const reason = againReason('retry', {
      attempt: experiment.attempt,
      attemptsMax: maxAttempts,
    });
    return { ...experiment, status: 'queued', expiresAt: 0, reason };
  }
  return {
    ...experiment,
    status: request.status,
    reason: null,
    finishedAt: now,
    endDigest: digestOf(request),
  };
}

type Step =
  | { readonly kind: 'fault'; readonly fault: Fault }
  /** Nothing to write: a repetition. */
  | { readonly kind: 'known' }
  /** Store this and look again. */
  | { readonly kind: 'again'; readonly next: ExperimentState }
  | { readonly kind: 'write'; readonly next: ExperimentState };

/** Decides what one report does to the experiment as it is stored. */
async function judge(judged: Judged, experiment: ExperimentState): Promise<Step> {
  const { ports, call, request, definition, now } = judged;
  const fenced = fence(judged, experiment);
  if (fenced !== null) return { kind: 'fault', fault: fenced };
  if (call.repeatable && experiment.lastRequest === call.nonce) return { kind: 'known' };
  if (isEnd(experiment.status)) {
    const late = await judgeAfterEnd(judged, experiment);
    return late === null ? { kind: 'known' } : { kind: 'fault', fault: late };
  }
  if (experiment.status === 'queued') {
    // Given back or failed and waiting for another attempt: its attempt is over.
    if (experiment.reason?.code === 'retry' && request.status === 'failed')
      return { kind: 'known' };
    const detail = `Attempt ${experiment.attempt} of experiment ${request.number} is over; the experiment waits to be handed out again.`;
    return { kind: 'fault', fault: fault('lease_lost', detail) };
  }
  // Recording may change numbers that are stored already: what refuses the report comes before.
  const metrics = metricsAfter(request, experiment);
  const refused = tooManyMetrics(metrics) ?? missingMetric(judged, metrics);
  if (refused !== null) return { kind: 'fault', fault: refused };
  const place = { ports, group: request.group, number: request.number };
  const measured = await withMeasurements(place, experiment, {
    steps: request.steps,
    at: now,
    nonce: call.nonce,
  });
  if (measured === null) {
    return { kind: 'again', next: { ...experiment, tail: await moveTail(place, experiment) } };
  }
  const reported: ExperimentState = {
    ...measured,
    reported: true,
    expiresAt: now + definition.document.hptuning.leaseSeconds * 1000,
    checkpoint: request.checkpoint ?? experiment.checkpoint,
    message: request.message ?? experiment.message,
    ...(call.repeatable ? { lastRequest: call.nonce } : {}),
  };
  return { kind: 'write', next: withEnd(judged, reported) };
}

/** Writes the report into the experiment's own item; the experiment as it is then, or why not. */
async function record(
  judged: Judged,
  first: Item<ExperimentState>,
): Promise<Result<ExperimentState, Fault>> {
  const { ports, request } = judged;
  const key = experimentKey(request.group, request.number);
  let item = first;
  for (let round = 0; round < LIMITS.storeRounds; round++) {
    const step = await judge(judged, item.body);
    if (step.kind === 'fault') return err(step.fault);
    if (step.kind === 'known') return ok(item.body);
    const outcome = await ports.store.put({ key, body: step.next, expect: item.rev });
    if (outcome.kind === 'stored') {
      if (step.kind === 'write') return ok(step.next);
      item = { ...item, rev: outcome.rev, body: step.next };
    } else {
      if (outcome.current === null) return err(experimentNotFound(request.group, request.number));
      item = outcome.current;
    }
  }
  throw new StoreUnavailable(`too many reports on experiment ${request.number} at once`);
}

/** True where the head does not tell yet what the experiment's item says. */
function isBehind(head: GroupHead, experiment: ExperimentState): boolean {
  const place = head.places.find(({ n }) => n === experiment.number);
  if (place === undefined) return false;
  return (
    experiment.status !== 'running' ||
    place.r === 1 ||
    place.a !== experiment.attempt ||
    (experiment.reported && place.s !== 1)
  );
}

/**
 * Records metrics, liveness and the end of an experiment, and tells whether it should stop.
 *
 * The experiment's own item is written first: it decides. Then the group's head follows, where the report changes it.
 *
 * *Faults* `group_not_found`, `experiment_not_found`, `lease_lost`, `experiment_not_running`, `experiment_finished`,
 * `metric_missing`, `forbidden`, `invalid_request`
 */
export async function report(
  ports: Ports,
  call: Call,
  request: ReportRequest,
): Promise<Result<ReportAnswer, Fault>> {
  const loaded = await loadExperiment(ports, request);
  if (!loaded.ok) return loaded;
  const { definition, head: found } = loaded.value;
  const now = ports.now();
  const judged = { ports, call, definition, request, now };
  const recorded = await record(judged, loaded.value.experiment);
  if (!recorded.ok) return recorded;
  const experiment = recorded.value;
  const settled = await settle(ports, definition, { found, experiment, now });
  if (!settled.ok) return settled;
  const head = settled.value;
  const stopReason = stopReasonOf(head, experiment);
  return ok({ definition, experiment, shouldStop: stopReason !== null, stopReason, at: now });
}

/** Why the experiment should stop: the group has stopped, or the service itself has ended it. Null where it may go on. */
function stopReasonOf(head: GroupHead, experiment: ExperimentState): Reason | null {
  if (isEnd(experiment.status)) return experiment.reason;
  const isStopping = head.status === 'stopping' || head.status === 'stopped';
  return experiment.status === 'running' && isStopping ? head.reason : null;
}

/** Brings the head up to date with an experiment that was just written; the head as it is then. */
export async function settle(
  ports: Ports,
  definition: Definition,
  written: {
    readonly found: Item<GroupHead>;
    readonly experiment: ExperimentState;
    readonly now: number;
  },
): Promise<Result<GroupHead, Fault>> {
  const { found, experiment, now } = written;
  const decide = async (head: GroupHead): Promise<{ head?: GroupHead; result: GroupHead }> => {
    const told = isBehind(head, experiment) ? reconcile(head, experiment, definition, now) : head;
    const ruled = applyRules(told, experiment, definition, now);
    if (ruled === head) return { result: head };
    const moved = await settled(ports, definition, ruled, now);
    return { head: moved, result: moved };
  };
  const sharing = createSharing(ports, definition, { follow: experiment.number });
  const first = await changeHead(ports, definition.config.id, decide, { known: found, sharing });
  if (!first.ok || first.value.status !== 'stopping') return first;
  const { queued, places, reason } = first.value;
  const waits = queued.length > 0 || places.some(({ r }) => r === 1);
  if (reason?.code !== 'early_stopping' || !waits) return first;
  // After an early stop whatever waits to be handed out ends too.
  return changeHead(ports, definition.config.id, async (head) => {
    const checked = await check(ports, definition, head, now);
    return { head: checked, result: checked };
  });
}

/**
 * Gives an experiment back, so that somebody else can run it: what a worker does that has to leave.
 *
 * *Faults* as `report`
 */
export async function release(
  ports: Ports,
  request: Pick<ReportRequest, 'group' | 'number' | 'leaseToken' | 'tokenIsKey'>,
): Promise<Result<ReportAnswer, Fault>> {
  const { group, number } = request;
  const loaded = await loadExperiment(ports, request);
  if (!loaded.ok) return loaded;
  const { definition, head: found } = loaded.value;
  const now = ports.now();
  const { maxAttempts } = definition.document.hptuning;
  const key = experimentKey(group, number);
  let item: Item<ExperimentState> | null = loaded.value.experiment;
  for (let round = 0; round < LIMITS.storeRounds; round++) {
    if (item === null) return err(experimentNotFound(group, number));
    const body: ExperimentState = item.body;
    const whole: ReportRequest = {
      ...request,
      steps: [],
      status: 'running',
      checkpoint: null,
      message: null,
    };
    const call: Call = { at: now, nonce: '', repeatable: false };
    const fenced = fence({ ports, call, definition, request: whole, now }, body);
    if (fenced !== null) return err(fenced);
    if (isEnd(body.status)) {
      const detail = `Experiment ${number} has ended as ${body.status}; there is nothing to give back.`;
      return err(fault('experiment_finished', detail));
    }
    const next: ExperimentState = {
      ...body,
      status: 'queued',
      expiresAt: 0,
      reason: againReason('released', { attempt: body.attempt, attemptsMax: maxAttempts }),
    };
    const isReleased = body.status === 'queued';
    const outcome: PutOutcome<ExperimentState> | null = isReleased
      ? null
      : await ports.store.put({ key, body: next, expect: item.rev });
    if (outcome === null || outcome.kind === 'stored') {
      const experiment = isReleased ? body : next;
      const settled = await settle(ports, definition, { found, experiment, now });
      if (!settled.ok) return settled;
      // Where the poke is lost, the sweep finds that the pause is over.
      if (isPushed(definition)) await ports.poke({ group }, pauseSeconds(experiment.attempt));
      return ok({ definition, experiment, shouldStop: true, stopReason: null, at: now });
    }
    item = outcome.current;
  }
  throw new StoreUnavailable(`too many calls on experiment ${number} at once`);
}
