import { setTimeout as sleep } from 'node:timers/promises';
import type { MetricValue } from '../../lib/domain/measurement.ts';
import type { Result } from '../../lib/domain/result.ts';
import type { Answer, Experiment } from '../answers.ts';
import type { CallFault, Service } from '../client.ts';
import type { Update } from './report-line.ts';

/** Measurements of one report. */
const BATCH_MAX = 500;
/** Characters of the measurements of one report, far below what the service takes. */
const BATCH_CHARACTERS_MAX = 200_000;
/** Updates that may wait to be sent before no more output is read. */
const WAITING_MAX = 10_000;
/** How long the end of an experiment is tried to be told, ms. */
const FINAL_PATIENCE_MS = 15 * 60_000;

/** How an experiment ended, as the agent saw it. */
export interface End {
  readonly status: 'succeeded' | 'failed' | 'stopped';
  readonly message: string | null;
}

/** What became of an experiment. */
export type Outcome =
  /** The service knows its end; `experiment` as it is there. */
  | { readonly kind: 'ended'; readonly experiment: Experiment; readonly message: string | null }
  /** Somebody else has it now, or it is there no more. */
  | { readonly kind: 'lost'; readonly fault: CallFault }
  /** The end could not be told. */
  | { readonly kind: 'untold'; readonly fault: CallFault };

/** Told what the service says to reports. */
export interface ReporterEvents {
  readonly shouldStop: (reason: string) => void;
  readonly lost: (fault: CallFault) => void;
  readonly refused: (fault: CallFault) => void;
}

/** Sends what an experiment reports, in order, one report at a time. */
export interface Reporter {
  /** Takes an update; settles when there is room for another one. */
  add(update: Update): Promise<void>;
  /** Sends what waits, then the end. */
  finish(end: End): Promise<Outcome>;
  /** Sends nothing more; what is under way is given up. */
  abandon(): Promise<void>;
}

interface Reporting {
  readonly service: Service;
  readonly experiment: Experiment;
  /** A report goes out after so much silence, ms. */
  readonly heartbeatMs: number;
  readonly events: ReporterEvents;
}

type ReportResult = Result<Answer<'report'>, CallFault>;

interface Step {
  readonly step?: number;
  readonly metrics: Readonly<Record<string, MetricValue>>;
}

const stepOf = ({ metrics, step }: Update): readonly Step[] =>
  Object.keys(metrics).length === 0 ? [] : [step === null ? { metrics } : { step, metrics }];

/** The body that reports some updates: the last checkpoint and message of them stand. */
function bodyOf(updates: readonly Update[]): object {
  const [first, ...more] = updates.flatMap(stepOf);
  const numbers =
    first === undefined ? {} : more.length === 0 ? first : { measurements: [first, ...more] };
  const checkpoint = updates.findLast((update) => update.checkpoint !== null)?.checkpoint;
  const message = updates.findLast((update) => update.message !== null)?.message;
  return {
    ...numbers,
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(message === undefined ? {} : { message }),
  };
}

/** Takes as many updates off the front as one report can carry. */
function takeBatch(waiting: Update[]): readonly Update[] {
  let characters = 0;
  let count = 0;
  for (const update of waiting) {
    characters += JSON.stringify(update.metrics).length;
    if (count === BATCH_MAX || (count > 0 && characters > BATCH_CHARACTERS_MAX)) break;
    count++;
  }
  return waiting.splice(0, count);
}

const LOST = new Set(['lease_lost', 'group_not_found', 'experiment_not_found']);
/** Refusals of what a report says, rather than of its sender. */
const REFUSED = new Set(['invalid_request', 'body_too_large', 'malformed_body']);

/** Starts to report on an experiment, with its lease. */
export function startReporter({ service, experiment, heartbeatMs, events }: Reporting): Reporter {
  const call = { group: experiment.group, number: experiment.number };
  const lease = { lease_token: experiment.lease?.token ?? null };
  const waiting: Update[] = [];
  const giveUp = new AbortController();
  let lost: CallFault | null = null;
  /** Its end is known to the service already: from the training itself, or from somebody who ended it. */
  let hasEnded = false;
  let isFinishing = false;
  let wake = (): void => {};
  /** Callers of `add` that wait for room. */
  const crowd: (() => void)[] = [];
  const makeRoom = (): void => {
    if (waiting.length < WAITING_MAX) for (const enter of crowd.splice(0)) enter();
  };

  const send = (body: object): Promise<ReportResult> =>
    service.call('report', {
      ...call,
      body: { ...body, ...lease },
      // A heartbeat that comes through twice does no harm, and needs no record.
      once: Object.keys(body).length > 0,
      patienceMs: Number.POSITIVE_INFINITY,
      until: giveUp.signal,
      signal: giveUp.signal,
    });

  const hear = (result: ReportResult): void => {
    if (giveUp.signal.aborted) return;
    if (result.ok) {
      const { should_stop: shouldStop, stop_reason: reason } = result.value;
      if (shouldStop) events.shouldStop(reason?.detail ?? 'the service asked it to stop');
      return;
    }
    const { fault } = result;
    if (fault.code === 'experiment_finished') hasEnded = true;
    else if (REFUSED.has(fault.code)) events.refused(fault);
    else {
      lost = fault;
      events.lost(fault);
    }
  };

  const sendAll = async (updates: readonly Update[]): Promise<void> => {
    const result = await send(bodyOf(updates));
    const isRefused = !result.ok && REFUSED.has(result.fault.code);
    if (!isRefused || updates.length === 1) return hear(result);
    // One of them is at fault: the others must not go with it.
    for (const update of updates) hear(await send(bodyOf([update])));
  };

  /** Waits for something to send; false where it stayed quiet for as long as the lease allows. */
  const isWoken = async (): Promise<boolean> => {
    const quiet = new AbortController();
    const woken = new Promise<true>((resolve) => {
      wake = () => resolve(true);
    });
    const silence = sleep(heartbeatMs, false, { signal: quiet.signal }).catch(() => true);
    const result = await Promise.race([woken, silence]);
    quiet.abort();
    return result;
  };

  const pump = async (): Promise<void> => {
    for (;;) {
      if (lost !== null || giveUp.signal.aborted) break;
      if (waiting.length > 0) {
        const batch = takeBatch(waiting);
        makeRoom();
        if (!hasEnded) await sendAll(batch);
      } else if (isFinishing) break;
      else if (!(await isWoken()) && !hasEnded) hear(await send({}));
    }
    waiting.length = 0;
    makeRoom();
  };
  const pumped = pump();

  const tellEnd = async (end: End): Promise<Outcome> => {
    const { status, message } = end;
    const result = await send({ status, ...(message === null ? {} : { message }) });
    if (result.ok) return { kind: 'ended', experiment: result.value.experiment, message };
    const { fault } = result;
    if (fault.code === 'metric_missing') {
      return tellEnd({ status: 'failed', message: fault.detail });
    }
    if (fault.code === 'experiment_finished') {
      const known = await service.call('readExperiment', call);
      if (known.ok) return { kind: 'ended', experiment: known.value, message: null };
    }
    return LOST.has(fault.code) ? { kind: 'lost', fault } : { kind: 'untold', fault };
  };

  return {
    async add(update) {
      if (isFinishing || lost !== null || giveUp.signal.aborted) return;
      waiting.push(update);
      wake();
      if (waiting.length < WAITING_MAX) return;
      await new Promise<void>((resolve) => {
        crowd.push(resolve);
      });
    },
    async finish(end) {
      isFinishing = true;
      const timer = setTimeout(() => giveUp.abort(), FINAL_PATIENCE_MS);
      wake();
      await pumped;
      const outcome: Outcome = lost === null ? await tellEnd(end) : { kind: 'lost', fault: lost };
      clearTimeout(timer);
      return outcome;
    },
    async abandon() {
      giveUp.abort();
      wake();
      await pumped;
    },
  };
}
