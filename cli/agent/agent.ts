import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Experiment, Group } from '../answers.ts';
import type { CallFault } from '../client.ts';
import { Failure } from '../failure.ts';
import { concurrencyOf, leaseSecondsOf } from '../group.ts';
import { eachExperiment } from '../pages.ts';
import type { Run, Workplace } from './experiment.ts';
import { runExperiment } from './experiment.ts';
import { isGone, workerName } from './names.ts';

/** A waiting call is never cut off, since it may bring an experiment: so it must not hold for long. */
const WAIT_SECONDS = 2;
const SUGGEST_TRY_MS = 15_000;
/** An answer that came sooner was not held: then the service's own pause is kept, ms. */
const HELD_MS = 1_000;
/** How long a service may be away before an idle agent leaves, ms. */
const IDLE_PATIENCE_MS = 10 * 60_000;
const RELEASE_PATIENCE_MS = 5_000;
/** How often the group is read anew for whoever shows it: others may work on it too, ms. */
const REFRESH_MS = 5_000;
/** How often a quiet training is reported alive at least, ms: by this it also hears that it should stop. */
const HEARTBEAT_MS = 15_000;
/** What part of a lease may pass in silence. */
const LEASE_PART = 1 / 3;

/** How a group is worked on. */
export interface AgentOptions extends Omit<Workplace, 'heartbeatMs'> {
  readonly group: Group;
  /** Experiments at once; null for as many as the document allows. */
  readonly workers: number | null;
}

interface Shared {
  readonly place: Workplace;
  readonly group: string;
  /** Aborts when no slot should take anything more: the command was interrupted, or a slot has failed. */
  readonly leave: AbortController;
}

/** Gives an experiment back, so that another worker gets it. */
async function release({ place }: Shared, experiment: Experiment): Promise<void> {
  const released = await place.service.call('release', {
    group: experiment.group,
    number: experiment.number,
    body: { lease_token: experiment.lease?.token ?? null },
    once: true,
    patienceMs: RELEASE_PATIENCE_MS,
    tryMs: RELEASE_PATIENCE_MS,
  });
  if (released.ok) return place.events.left(experiment, 'given back');
  if (released.fault.code === 'experiment_finished') return;
  place.events.left(experiment, `not given back (${released.fault.detail})`);
}

/** Gives back what agents of this machine held when they were killed: nobody else would before the lease lapses. */
async function releaseAbandoned(shared: Shared): Promise<void> {
  const { place, group } = shared;
  const running = eachExperiment(place.service, { group, query: { status: 'running' } });
  const abandoned: Experiment[] = [];
  try {
    for await (const experiment of running) {
      if (experiment.worker !== null && isGone(experiment.worker)) abandoned.push(experiment);
    }
  } catch (error) {
    // A key that may work need not be one that may read; then the leases lapse by themselves.
    if (!(error instanceof Failure)) throw error;
  }
  for (const experiment of abandoned) await release(shared, experiment);
}

/** Asks for an experiment under a worker's name. */
async function suggest(shared: Shared, worker: string): Promise<Answer<'suggest'>> {
  const { place, group, leave } = shared;
  const suggested = await place.service.call('suggest', {
    group,
    // No Idempotency-Key: the same worker asking again gets what it holds.
    body: { count: 1, worker, wait_seconds: WAIT_SECONDS },
    patienceMs: IDLE_PATIENCE_MS,
    until: leave.signal,
    tryMs: SUGGEST_TRY_MS,
  });
  if (suggested.ok) return suggested.value;
  if (leave.signal.aborted) {
    return { experiments: [], group_status: 'stopping', reason: null, retry_after_seconds: null };
  }
  throw failureOf(suggested.fault);
}

const failureOf = ({ detail, code }: CallFault): Failure => new Failure(detail, { code });

/** Reads the group anew for whoever shows it. Troubles of reading are none of working. */
async function refresh({ place, group }: Shared): Promise<void> {
  const read = await place.service.call('readGroup', { group });
  if (read.ok) place.events.group(read.value);
}

function tell(shared: Shared, experiment: Experiment, run: Run): void {
  const { events } = shared.place;
  switch (run.kind) {
    case 'ended':
      events.ended(run.experiment, run.message);
      break;
    case 'lost':
      events.left(experiment, run.fault.detail);
      break;
    case 'untold':
      events.left(experiment, `its end could not be reported: ${run.fault.detail}`);
      break;
    case 'interrupted':
      break;
  }
}

/** Works on the group with one experiment at a time. Resolves to the experiment that it still holds, if any. */
async function fillSlot(shared: Shared, worker: string): Promise<Experiment | null> {
  const { place, leave } = shared;
  while (!leave.signal.aborted) {
    const askedAt = performance.now();
    const answer = await suggest(shared, worker);
    const [experiment] = answer.experiments;
    if (experiment === undefined) {
      if (answer.group_status === 'done' || answer.group_status === 'stopped') return null;
      const wasHeld = performance.now() - askedAt >= HELD_MS;
      const seconds = wasHeld ? 0 : (answer.retry_after_seconds ?? 1);
      await sleep(seconds * 1000, null, { signal: leave.signal }).catch(() => null);
      continue;
    }
    if (leave.signal.aborted) return experiment;
    const run = await runExperiment(place, experiment);
    tell(shared, experiment, run);
    if (run.kind === 'interrupted' || (run.kind === 'untold' && leave.signal.aborted)) {
      return experiment;
    }
    await refresh(shared);
  }
  return null;
}

/** How long a training may stay silent, ms. */
const heartbeatMsOf = (group: Group): number =>
  Math.min(HEARTBEAT_MS, leaseSecondsOf(group) * 1000 * LEASE_PART);

/**
 * Works on a group until it has ended or the command is interrupted; then everything that still runs is given back.
 *
 * Throws a `Failure` where the service refuses, or stays away.
 */
export async function workOn(options: AgentOptions): Promise<void> {
  const { group, workers, ...rest } = options;
  const { interrupts } = rest;
  const leave = new AbortController();
  const shared: Shared = {
    place: { ...rest, heartbeatMs: heartbeatMsOf(group) },
    group: group.id,
    leave,
  };
  const onInterrupt = (): void => leave.abort();
  interrupts.soft.addEventListener('abort', onInterrupt);
  if (interrupts.soft.aborted) leave.abort();

  await releaseAbandoned(shared);
  const refreshing = setInterval(() => void refresh(shared), REFRESH_MS).unref();
  const slots = Array.from({ length: workers ?? concurrencyOf(group) }, async (_, index) => {
    try {
      return await fillSlot(shared, workerName(index + 1));
    } catch (error) {
      leave.abort();
      throw error;
    }
  });
  const ended = await Promise.allSettled(slots);
  clearInterval(refreshing);
  // By now no call is under way that could take what is given back here.
  for (const slot of ended) {
    if (slot.status === 'fulfilled' && slot.value !== null) await release(shared, slot.value);
  }
  interrupts.soft.removeEventListener('abort', onInterrupt);
  for (const slot of ended) if (slot.status === 'rejected') throw slot.reason;
}
