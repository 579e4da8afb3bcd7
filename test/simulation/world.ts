import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { experimentToWire, groupToWire } from '../../lib/contract/wire.ts';
import type { ExperimentState } from '../../lib/domain/experiment.ts';
import { isEnd, statusAt } from '../../lib/domain/experiment.ts';
import type { GroupHead } from '../../lib/domain/group.ts';
import type { Json, Values } from '../../lib/domain/values.ts';
import { createLocalQueue } from '../../lib/events/local-queue.ts';
import { createStream } from '../../lib/numerics/stream.ts';
import { propose } from '../../lib/optimizers/bayes/propose.ts';
import { noTurns } from '../../lib/runtime/turns.ts';
import { advanceGroup } from '../../lib/service/advance.ts';
import type { Definition } from '../../lib/service/definition.ts';
import { sourceOf } from '../../lib/service/definition.ts';
import { describeEvents, lengthOf, listEvents, readLog } from '../../lib/service/events.ts';
import { addExperiment } from '../../lib/service/experiments.ts';
import { createGroup, readGroup } from '../../lib/service/groups.ts';
import { leaseToken } from '../../lib/service/lease.ts';
import type { Call, Poke, Ports } from '../../lib/service/ports.ts';
import { proposeHere } from '../../lib/service/propose.ts';
import { release, report } from '../../lib/service/report.ts';
import { readResults } from '../../lib/service/results.ts';
import { suggest } from '../../lib/service/suggest.ts';
import { sweep } from '../../lib/service/sweep.ts';
import { computeHere } from '../../lib/service/tasks.ts';
import { createAudience } from '../../lib/service/webhooks/audience.ts';
import { tellGroup } from '../../lib/service/webhooks/tell.ts';
import { batchKey, experimentKey, headKey } from '../../lib/store/keys.ts';
import { openSqliteStore } from '../../lib/store/sqlite.ts';
import type { Item, Store } from '../../lib/store/store.ts';
import { StoreUnavailable } from '../../lib/store/store.ts';
import { NOTHING, rebuild, toldOf } from '../helpers/rebuild.ts';
import { promoteSlowly } from '../optimizers/halving-reference.ts';
import { runSequentially } from '../optimizers/hyperband-reference.ts';
import { checkBrackets } from './brackets.ts';
import type { Job } from './launcher.ts';
import { createLauncher } from './launcher.ts';

/*
 * One history of the real use cases on the in-memory store and queue, under one scheduler that decides by a seed which
 * call goes on next, which store operation fails (before its effect or after it) or kills its caller, which message is
 * lost or comes twice, which worker dies or stalls past its lease and comes back, and when time passes.
 */

/** What a history is made of; a function of its seed. */
export interface History {
  readonly seed: number;
  readonly algorithm: 'random' | 'hyperband' | 'model' | 'asha' | 'bo' | 'auto';
  readonly concurrency: number;
  /** Experiments of a random search; max_iter of Hyperband, with a model or without; configurations of asha and auto; iterations after an initial design of two or three. */
  readonly size: number;
  readonly workers: number;
  /** Chance that a store operation fails while faults last. */
  readonly faults: number;
  /** Without the queue the sweep alone brings the group to its end. */
  readonly hasQueue: boolean;
  /** Where experiments are pushed, to a launcher that listens from the beginning or comes late. */
  readonly push: 'early' | 'late' | null;
}

const pushOf = (seed: number): History['push'] => {
  if (seed % 11 !== 8 && seed % 11 !== 10) return null;
  return seed % 5 === 2 ? 'late' : 'early';
};

function algorithmNameOf(seed: number): History['algorithm'] {
  if (seed % 8 === 6) return 'asha';
  if (seed % 16 === 4) return 'model';
  if (seed % 2 === 0) return 'hyperband';
  if (seed % 4 === 1) return 'random';
  return seed % 16 === 15 ? 'auto' : 'bo';
}

/** The history of a seed. */
export const historyOf = (seed: number): History => ({
  seed,
  algorithm: algorithmNameOf(seed),
  concurrency: 1 + (seed % 5),
  size:
    seed % 8 === 6
      ? 4 + (seed % 13)
      : seed % 2 === 0
        ? ([3, 4, 9, 10][(seed >> 1) % 4] ?? 3)
        : 3 + (seed % (seed % 4 === 1 ? 17 : 6)),
  workers: 1 + (seed % 7),
  faults: (seed % 4) * 0.03,
  hasQueue: seed % 3 !== 0,
  push: pushOf(seed),
});

/** What happened in a history that did not go well: the last things before it. */
export class BrokenHistory extends Error {
  override readonly name = 'BrokenHistory';
  readonly trace: readonly string[];

  constructor(message: string, trace: readonly string[], cause: unknown) {
    super(message, { cause });
    this.trace = trace;
  }
}

/** Thrown into a call at the moment at which its process dies. */
class Died extends Error {}

type Random = () => number;

const FAULTY_STEPS = 1_500;
/** When a launcher comes that comes late. */
const LATE_STEPS = 300;
const STEPS_MAX = 60_000;
const TRACE_LINES = 40;
const LEASE_MS = 10_000;
/** What is pushed has a way to go before its job can report. */
const PUSHED_LEASE_MS = 60_000;
/** The shortest time that an experiment which was given back waits before it is pushed again. */
const PAUSE_MS_LEAST = 10_000;
/** Callers that send deliveries at once. */
const SENDERS = 3;
/** Passes after a history's end in which the last events reach the launcher, and the time between them, ms. */
const LAST_PASSES = 200;
const LAST_PASS_MS = 600_000;
/** Experiments of the caller's own that a history adds at most. */
const OWN_MAX = 3;

function createRandom(seed: number): Random {
  const { uniform } = createStream({ seed, purpose: 99 });
  let drawn = 0;
  return () => uniform(drawn++, 0);
}

/** Calls wait here for their turn; one is let go at a time. */
function createScheduler(random: Random) {
  const waiting: (() => void)[] = [];
  return {
    turn: (): Promise<void> => new Promise((resolve) => waiting.push(resolve)),
    /** Lets one waiting call go on until it waits again. */
    async step(): Promise<void> {
      waiting.splice(Math.floor(random() * waiting.length), 1)[0]?.();
      await turn();
    },
  };
}

const leaseMsOf = ({ push }: History): number => (push === null ? LEASE_MS : PUSHED_LEASE_MS);

const expected = (error: unknown): boolean =>
  error instanceof StoreUnavailable || error instanceof Died;

/** How an experiment goes: a function of its values and its resource, so that any order of work comes to the same. */
function outcomeOf(
  experiment: Pick<ExperimentState, 'number' | 'attempt' | 'values'>,
  algorithm: History['algorithm'],
) {
  const x = Number(experiment.values['x']);
  if (algorithm === 'random') {
    return { end: 'succeeded', loss: experiment.number + experiment.attempt / 1000 } as const;
  }
  const spent = algorithm === 'bo' ? 1 : Number(experiment.values['epochs']);
  const loss = Math.abs(x - 0.4) + 1 / (1 + spent);
  return { end: x > 0.9 ? 'failed' : 'succeeded', loss } as const;
}

const LOSS = { name: 'loss', optimization: 'minimize' } as const;

/** What a history asks for. */
function algorithmOf({ seed, algorithm, size }: History): object {
  const resource = { name: 'epochs', type: 'float' };
  switch (algorithm) {
    case 'random':
      return { random_search: { n_experiments: size, metric: LOSS } };
    case 'hyperband':
    case 'model': {
      const fields = { max_iter: size, eta: 3, resource, metric: LOSS, resume: true };
      return { hyperband: { ...fields, model: algorithm === 'model' } };
    }
    case 'asha': {
      const fields = { max_iter: 9, eta: 3, resource, metric: LOSS, resume: true };
      return { asha: { ...fields, n_experiments: size } };
    }
    case 'auto':
      return { auto: { n_experiments: size + 4, resource, max_iter: 9, metric: LOSS } };
    case 'bo':
      return { bo: { n_initial_trials: 2 + (seed % 2), n_iterations: size, metric: LOSS } };
  }
}

const documentOf = (history: History) => ({
  version: 1,
  kind: 'group',
  hptuning: {
    seed: history.seed,
    concurrency: history.concurrency,
    lease_seconds: leaseMsOf(history) / 1000,
    ...(history.push === null ? {} : { dispatch: 'push' }),
    max_attempts: 100,
    ...algorithmOf(history),
    matrix: { x: matrixOf(history) },
  },
});

/** Where points are few, brackets have to begin with the same ones. */
const matrixOf = ({ algorithm, seed }: History): Json =>
  algorithm === 'model' && seed % 32 === 20 ? { linspace: '0:1:12' } : { uniform: [0, 1] };

/** What the sequential algorithm makes of the same search. */
function reference({ seed, size }: History): readonly string[] {
  return runSequentially(
    {
      matrix: [{ name: 'x', option: { kind: 'uniform', low: 0, high: 1 } }],
      seed,
      maxIter: size,
      eta: 3,
      resource: { name: 'epochs', type: 'float' },
      optimization: 'minimize',
    },
    ({ values, resource }) => ({
      end: Number(values['x']) > 0.9 ? 'failed' : 'succeeded',
      objective: Math.abs(Number(values['x']) - 0.4) + 1 / (1 + resource),
    }),
  )
    .map(({ bracket, rung, values, end }) => JSON.stringify([bracket, rung, values['x'], end]))
    .toSorted();
}

/** Runs one history to its end and checks the invariants after every change. Throws `BrokenHistory` where one breaks. */
export async function runHistory(history: History): Promise<{ readonly steps: number }> {
  const trace: string[] = [];
  let steps = 0;
  const note = (line: string): void => {
    trace.push(`${String(steps).padStart(5)}  ${line}`);
    if (trace.length > TRACE_LINES) trace.shift();
  };
  try {
    await runAndCheck(history, note, () => steps++);
    return { steps };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new BrokenHistory(
      `history ${history.seed} ${JSON.stringify(history)}: ${message}`,
      trace,
      error,
    );
  }
}

async function runAndCheck(
  history: History,
  note: (line: string) => void,
  count: () => void,
): Promise<void> {
  const random = createRandom(history.seed);
  const scheduler = createScheduler(random);
  const store = openSqliteStore(null);
  let now = 1_000_000;
  let faults = 0;
  let changes = 0;

  /** The store as one actor sees it: every operation is a turn, and may fail before or after its effect. */
  const storeOf = (actor: string): Store => {
    const before = async (what: string): Promise<void> => {
      await scheduler.turn();
      if (random() >= faults) return;
      const dies = random() < 0.5;
      note(`${actor} ${what}: ${dies ? 'dies before' : 'fails before'}`);
      throw dies ? new Died() : new StoreUnavailable('lost request');
    };
    return {
      ...store,
      async get(key) {
        await before(`get ${key.pk}/${key.sk}`);
        return store.get(key);
      },
      async getMany(keys) {
        await before('getMany');
        return store.getMany(keys);
      },
      async list(of, range) {
        await before(`list ${of.pk}`);
        return store.list(of, range);
      },
      async put(put) {
        const what = `put ${put.key.pk}/${put.key.sk} over ${put.expect}`;
        await before(what);
        const outcome = await store.put(put);
        changes++;
        note(`${actor} ${what}: ${outcome.kind}`);
        if (random() < faults) {
          const dies = random() < 0.5;
          note(`${actor} ${dies ? 'dies' : 'loses the answer'} after it`);
          throw dies ? new Died() : new StoreUnavailable('lost answer');
        }
        return outcome;
      },
    };
  };

  const pokes = createLocalQueue<Poke>(store, { name: 'pokes', now: () => now, maxReceives: 100 });
  const launcher = createLauncher({
    ...{ store, random, note },
    now: () => now,
    faults: () => faults,
  });
  const portsOf = (actor: string): Ports => ({
    store: storeOf(actor),
    now: () => now,
    // Time is virtual: a pause is nothing but a turn.
    sleep: scheduler.turn,
    random,
    inTurn: noTurns,
    signals: { changed() {}, watch: () => ({ next: async () => {}, end() {} }) },
    poke: async (body) => {
      if (!history.hasQueue) return;
      const lot = random();
      // Lost on the way, sent twice, or sent once.
      if (lot < faults) return note(`${actor} loses a poke`);
      await pokes.send(lot < 0.3 ? [{ body }, { body, delaySeconds: 5 }] : [{ body }]);
    },
    propose: proposeHere,
    compute: computeHere,
    webhooks: {
      audience: createAudience(store, () => now),
      send: history.push === null ? async () => {} : launcher.send,
      desk: async () => assert.fail('nobody makes webhooks here'),
      team: 'simulation',
    },
    maxWaitSeconds: 0,
    definitions: new Map(),
  });
  let calls = 0;
  const call = (): Call => ({
    at: now,
    nonce: (++calls).toString(16).padStart(32, '0'),
    repeatable: false,
  });
  const quiet: Ports = { ...portsOf('observer'), store, poke: async () => {} };
  if (history.push === 'early') await launcher.subscribe();
  const created = await createGroup(quiet, call(), documentOf(history));
  assert.ok(created.ok);
  const { definition } = created.value;
  const group = definition.config.id;
  faults = history.faults;

  let own = 0;
  /** Ends that a worker was told are on record: they must never be lost or changed. */
  const acknowledged = new Map<number, number>();

  /** Runs an experiment as its worker or its launcher's job would, or not. */
  async function run(ports: Ports, name: string, job: Job): Promise<void> {
    const { number } = job;
    const lease = { group, number, leaseToken: job.lease.token, tokenIsKey: false };
    const lot = random();
    // Never heard of again; given back; or stalled past the lease, to come back as a zombie.
    if (lot < 0.1) return;
    if (lot < 0.15) {
      await release(ports, lease);
      return;
    }
    if (lot < 0.3) {
      note(`${name} stalls with ${number}`);
      now += leaseMsOf(history) + 1_000;
      for (let stalled = 0; stalled < 10; stalled++) await scheduler.turn();
    }
    const { end, loss } = outcomeOf(job, history.algorithm);
    const ended = await report(ports, call(), {
      ...lease,
      steps: [{ step: 1, metrics: { loss } }],
      status: random() < 0.85 ? end : 'running',
      checkpoint: `after-${number}`,
      message: null,
    });
    if (ended.ok && isEnd(ended.value.experiment.status)) {
      const known = acknowledged.get(number);
      assert.ok(known === undefined || known === loss, 'an acknowledged end has changed');
      acknowledged.set(number, loss);
    }
  }

  /** True where the lease is live, which renews it. */
  async function heartbeat(ports: Ports, number: number, leaseToken: string): Promise<boolean> {
    const nothing = { steps: [], checkpoint: null, message: null, tokenIsKey: false };
    const lease = { group, number, leaseToken, status: 'running' } as const;
    return (await report(ports, call(), { ...nothing, ...lease })).ok;
  }

  async function work(ports: Ports, name: string): Promise<boolean> {
    // Experiments of the caller's own, which a surrogate search must not try again.
    if (learns(history) && own < OWN_MAX && random() < 0.1) {
      const values = { x: ++own / 10, ...(history.algorithm === 'bo' ? {} : { epochs: 1 }) };
      await addExperiment(ports, call(), { group, values, result: null });
    }
    if (history.push !== null) {
      let job = launcher.take();
      // Who waits lets no time pass: else leases would lapse faster than anything is delivered.
      while (job === undefined) {
        await scheduler.turn();
        job = launcher.take();
      }
      // Most jobs ask first whether they still have their lease.
      const { number, lease } = job;
      const isAsked = random() < 0.8;
      const asked = isAsked ? await heartbeat(ports, number, lease.token) : true;
      if (asked) await run(ports, name, job);
      now += Math.floor(random() * 400);
      return true;
    }
    const suggested = await suggest(ports, call(), {
      group,
      count: 1 + Math.floor(random() * 2),
      worker: random() < 0.5 ? name : null,
      waitSeconds: 0,
    });
    assert.ok(suggested.ok);
    for (const experiment of suggested.value.experiments) {
      const token = leaseToken(group, experiment, experiment.attempt);
      await run(ports, name, { ...experiment, lease: { token } });
    }
    now += Math.floor(random() * 400);
    return suggested.value.groupStatus !== 'done';
  }

  /** Does something again and again, whatever faults come, until it has no more to do or the history ends. */
  async function actor(name: string, act: (ports: Ports) => Promise<boolean>): Promise<void> {
    const ports = portsOf(name);
    for (;;) {
      try {
        if (!(await act(ports))) return;
      } catch (error) {
        if (!expected(error)) throw error;
      }
      await scheduler.turn();
    }
  }

  async function consumePokes(ports: Ports): Promise<boolean> {
    await scheduler.turn();
    const messages = await pokes.receive({ max: 10, visibilitySeconds: 3 });
    for (const { body, receipt } of messages) {
      if (body.tells === true) await tellGroup(ports, body.group);
      await advanceGroup(ports, body.group);
      // A message whose handler died before this comes again.
      if (random() >= faults) await pokes.remove([receipt]);
    }
    return true;
  }

  async function sweepOnce(ports: Ports): Promise<boolean> {
    now += 3_000;
    const { failures } = await sweep(ports);
    for (const error of failures) if (!expected(error)) throw error;
    return true;
  }

  let failure: unknown;
  let working = history.workers;
  const start = (task: Promise<void>, isWorker: boolean): void => {
    void task
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => {
        if (isWorker) working--;
      });
  };
  for (let i = 1; i <= history.workers; i++) {
    const name = `worker-${i}`;
    start(
      actor(name, (ports) => work(ports, name)),
      true,
    );
  }
  start(actor('sweep', sweepOnce), false);
  if (history.hasQueue) start(actor('advance', consumePokes), false);
  for (let i = 1; history.push !== null && i <= SENDERS; i++) {
    start(
      actor(`sender-${i}`, async ({ store: own }) => {
        await launcher.deliver(own);
        return true;
      }),
      false,
    );
  }

  const log = followLog(quiet, definition);
  let seen = -1;
  let isDone = false;
  for (let step = 0; working > 0 && failure === undefined && step < STEPS_MAX && !isDone; step++) {
    // Faults stop after a while: from then on the group must come to its end.
    if (step === FAULTY_STEPS) faults = 0;
    if (step === LATE_STEPS && history.push === 'late') await launcher.subscribe();
    count();
    await scheduler.step();
    if (changes === seen) continue;
    seen = changes;
    const observed = await checkInvariants(store, { history, definition, now, acknowledged });
    const isDeaf = history.push === 'late' && step < LATE_STEPS;
    assert.ok(!isDeaf || observed.head.body.places.length === 0, 'something is pushed to nobody');
    await log.check(observed.head, observed.experiments);
    isDone = observed.head.body.status === 'done';
  }
  if (failure !== undefined) throw failure;
  await checkEnd(quiet, { history, definition, log });
  if (history.push === 'early') await checkDeliveries();
  await store.close();

  /** Every event reaches the launcher in the end. */
  async function checkDeliveries(): Promise<void> {
    for (let pass = 0; pass < LAST_PASSES; pass++) {
      now += LAST_PASS_MS;
      await sweep(quiet);
      await launcher.deliver(store);
    }
    const { head } = await checkInvariants(store, { history, definition, now, acknowledged });
    launcher.checkAll(group, { from: 0, to: lengthOf(head.body) });
  }
}

type Experiments = readonly (ExperimentState | null)[];

async function experimentsOf(store: Store, group: string, head: GroupHead): Promise<Experiments> {
  const numbers = Array.from({ length: head.nextNumber - 1 }, (_, i) => i + 1);
  const items = await store.getMany(numbers.map((n) => experimentKey(group, n)));
  return items.map((item) => item?.body ?? null);
}

interface Observed {
  readonly history: History;
  readonly definition: Definition;
  readonly now: number;
  readonly acknowledged: ReadonlyMap<number, number>;
}

/** True where suggestions follow from results, and callers add experiments of their own. */
const learns = ({ algorithm }: History): boolean =>
  algorithm === 'bo' || algorithm === 'auto' || algorithm === 'model';

/** The most experiments that there can be. */
function budgetOf(history: History, { optimizer }: Definition): number {
  const { planned, fresh, halving } = optimizer;
  // Somebody who was overtaken has gone on all the same.
  const most = halving === null ? planned : fresh * halving.rule.rungs;
  return most + (learns(history) ? OWN_MAX : 0);
}

/** What must hold at every moment. */
async function checkInvariants(
  store: Store,
  observed: Observed,
): Promise<{ readonly head: Item<GroupHead>; readonly experiments: Experiments }> {
  const { history, definition, now, acknowledged } = observed;
  const group = definition.config.id;
  const item = await store.get(headKey(group));
  assert.ok(item !== null);
  const { body: head } = item;
  assert.ok(head.places.length <= history.concurrency, 'more places than the concurrency');
  assert.ok(head.nextFresh <= definition.optimizer.fresh, 'more new values than planned');
  const { ready = [] } = head.halving ?? {};
  const taken = head.places.filter(({ i }) => i !== undefined).length + ready.length;
  assert.ok(taken <= history.concurrency, 'more go on than can get a place');
  const experiments = await experimentsOf(store, group, head);
  const budget = budgetOf(history, definition);
  assert.ok(experiments.length <= budget, 'more experiments than the budget');
  const running = experiments.filter((one) => one !== null && statusAt(one, now) === 'running');
  assert.ok(running.length <= history.concurrency, 'more live leases than the concurrency');
  for (const [number, loss] of acknowledged) {
    const stored = experiments[number - 1] ?? null;
    assert.ok(stored !== null && isEnd(stored.status), 'an acknowledged end was lost');
    assert.equal(stored.metrics['loss']?.last, loss, 'an acknowledged value was changed');
  }
  return { head: item, experiments };
}

/** What must hold in the end. */
async function checkEnd(
  ports: Ports,
  { history, definition, log }: Pick<Observed, 'history' | 'definition'> & { readonly log: Log },
): Promise<void> {
  const group = definition.config.id;
  const view = await readGroup(ports, group);
  assert.ok(view.ok);
  const { head } = view.value;
  assert.equal(head.status, 'done', `no end: ${JSON.stringify(head)}`);
  assert.deepEqual([head.places, head.queued, head.rungs], [[], [], []], 'something is left');
  const experiments = await experimentsOf(ports.store, group, head);
  const search = experiments.filter((one) => one?.source !== 'caller');
  const isBlind = head.reason?.code === 'no_observations';
  const expected = isBlind ? search.length : head.planned;
  assert.equal(search.length, expected, 'another number of experiments than planned');
  const counts = { succeeded: 0, failed: 0, infeasible: 0, stopped: 0 };
  for (const [index, experiment] of experiments.entries()) {
    assert.ok(
      experiment !== null && isEnd(experiment.status),
      `experiment ${index + 1} has not ended`,
    );
    counts[experiment.status]++;
    const { loss } = outcomeOf(experiment, history.algorithm);
    assert.equal(
      experiment.metrics['loss']?.last,
      loss,
      'a zombie of an earlier attempt has overwritten the last one',
    );
    if (experiment.resumeFrom !== null) {
      const parent = experiments[experiment.resumeFrom.number - 1];
      const { number, checkpoint } = experiment.resumeFrom;
      assert.equal(parent?.values['x'], experiment.values['x'], 'a child of somebody else');
      assert.equal(checkpoint, `after-${number}`, 'no checkpoint');
    }
  }
  assert.deepEqual(head.counts, counts, 'the counters differ from the experiments');
  const { resultsFlushed, results } = head;
  const ended = resultsFlushed + results.length;
  assert.equal(ended, experiments.length, 'a result is missing or double');
  if (history.algorithm === 'random') {
    assert.equal(head.planned, history.size);
    for (const experiment of experiments) {
      const values = definition.optimizer.suggest(experiment?.index ?? -1);
      assert.deepEqual(experiment?.values, values, 'other values than the search gives');
    }
  } else if (history.algorithm === 'asha' || history.algorithm === 'auto') {
    await checkHalving(ports, definition, head);
  } else if (history.algorithm === 'bo') {
    await checkViews(ports, definition, head);
  } else if (history.algorithm === 'model') {
    const ended = experiments.filter((one) => one !== null);
    const batchOf = async (id: string) =>
      (await ports.store.get(batchKey(group, id)))?.body ?? null;
    const results = await readResults(ports, group, head, 0);
    await checkBrackets({ definition, experiments: ended, results, batchOf });
    await checkLags(ports, group, new Map(ended.map((one) => [one.number, one])));
  } else {
    const shown = experiments.map((one) =>
      JSON.stringify([one?.rung?.bracket, one?.rung?.rung, one?.values['x'], one?.status]),
    );
    assert.deepEqual(
      shown.toSorted(),
      reference(history),
      'another outcome than one after another',
    );
  }
  await checkLog(ports, group, experiments.length);
  if (history.push !== null) await checkPauses(ports, group);
  log.checkEnd(experiments);
}

interface Log {
  /** Asserts that the log tells what the head says. */
  readonly check: (head: Item<GroupHead>, experiments: Experiments) => Promise<void>;
  /** Asserts that it has told every experiment to its end. */
  readonly checkEnd: (experiments: Experiments) => void;
}

/** Reads a group's log along with its changes, and rebuilds the group and its experiments from it. */
function followLog(ports: Ports, definition: Definition): Log {
  const group = definition.config.id;
  const source = sourceOf(definition);
  let read = 0;
  let rebuilt = NOTHING;
  let checked = 0;
  return {
    async check({ rev, body: head }, experiments) {
      if (rev === checked) return;
      const events = await readLog(ports, group, head, { from: read, limit: 10_000 });
      const told = await describeEvents(ports, definition, events);
      read += told.events.length;
      rebuilt = rebuild(told.events, rebuilt);
      // As long as a hand-out is not written the log waits for it.
      if (told.held !== null) return;
      checked = rev;
      const best = experiments[(head.best?.number ?? 0) - 1] ?? null;
      assert.deepEqual(
        rebuilt.group,
        groupToWire(source, head, best),
        'the log tells of another group',
      );
    },
    checkEnd(experiments) {
      const told = experiments.map((_, index) => rebuilt.experiments.get(index + 1) ?? {});
      const shown = experiments.map((experiment) =>
        experiment === null
          ? {}
          : experimentToWire(source, experiment, { now: Number.MAX_SAFE_INTEGER, token: null }),
      );
      assert.deepEqual(told.map(toldOf), shown.map(toldOf), 'the log tells of other experiments');
    },
  };
}

/**
 * No point comes twice, and every suggestion that was computed is a function of the view that it was computed from: the
 * first so many results, and what was pending.
 */
async function checkViews(ports: Ports, definition: Definition, head: GroupHead): Promise<void> {
  const group = definition.config.id;
  const experiments = (await experimentsOf(ports.store, group, head)).filter((one) => one !== null);
  const points = experiments.map(({ values }) => values['x']);
  assert.equal(new Set(points).size, points.length, `a point twice: ${points.join()}`);
  const order = await readResults(ports, group, head, 0);
  const byNumber = new Map(experiments.map((one) => [one.number, one]));
  const valuesOf = (number: number): Values => byNumber.get(number)?.values ?? {};
  const byIndex = new Map(experiments.map((one) => [one.index, one]));
  const own = experiments.filter(({ source }) => source === 'caller');
  for (const { number, batch, index, values } of experiments) {
    if (index === null) continue;
    if (batch === undefined) {
      assert.deepEqual(values, definition.optimizer.suggest(index));
      continue;
    }
    const item = await ports.store.get(batchKey(group, batch));
    assert.ok(item !== null, 'a batch is gone');
    const { from, pending, suggestions } = item.body;
    const seen = order.slice(0, Number(batch.split('.')[1]));
    const inView = new Set([...pending, ...seen.map(([one]) => one)]);
    for (const added of own) {
      const isKnown = added.number > number || inView.has(added.number);
      assert.ok(isKnown, `suggestion ${number} does not know of ${added.number}`);
    }
    for (let before = from; before < index; before++) {
      assert.equal(byIndex.get(before)?.batch, batch, 'another one was tried than the view has');
    }
    const again = propose(definition.document.hptuning, {
      index: from,
      count: suggestions.length,
      observations: seen.flatMap(([number, end, objective]) =>
        end === 'succeeded' ? [{ values: valuesOf(number), objective: Number(objective) }] : [],
      ),
      failed: seen.flatMap(([number, end]) => (end === 'failed' ? [valuesOf(number)] : [])),
      pending: pending.map(valuesOf),
    });
    assert.deepEqual(again, suggestions, 'another suggestion from the same view');
    assert.deepEqual(values, suggestions[index - from]?.values, 'other values than suggested');
  }
  await checkLags(ports, group, byNumber);
}

/**
 * Who has gone on is who goes on by the order of the results, from a parent that was promoted; and no configuration is
 * begun while somebody goes on.
 */
async function checkHalving(ports: Ports, definition: Definition, head: GroupHead): Promise<void> {
  const group = definition.config.id;
  const { halving, fresh } = definition.optimizer;
  assert.ok(halving !== null);
  const experiments = (await experimentsOf(ports.store, group, head)).filter((one) => one !== null);
  const order = await readResults(ports, group, head, 0);
  const results = order.flatMap(([number, end, objective, index]) =>
    index === null ? [] : [{ number, end, objective, ...halving.locate(index) }],
  );
  const expected = promoteSlowly(results, halving.rule);
  const shownOf = (rung: number, slot: number): string => `${rung}/${slot}`;
  const shown = experiments.map(({ index }) => {
    if (index === null) return 'own';
    const { rung, slot } = halving.locate(index);
    return shownOf(rung, slot);
  });
  const begun = Array.from({ length: fresh }, (_, slot) => shownOf(0, slot));
  assert.deepEqual(
    shown.filter((one) => one !== 'own').toSorted(),
    [...begun, ...expected.map(({ rung, slot }) => shownOf(rung, slot))].toSorted(),
    'others have gone on than by the order of the results',
  );
  for (const { rung, slot, parent } of expected) {
    const child = experiments[shown.indexOf(shownOf(rung, slot))];
    const resumed: number | undefined = halving.resume ? parent : undefined;
    assert.equal(child?.resumeFrom?.number, resumed, 'a child of somebody else');
    assert.equal(
      child?.values['x'],
      experiments[parent - 1]?.values['x'],
      'other values than its parent',
    );
  }
  const points = experiments.flatMap(({ values, rung }) =>
    rung === null || rung.rung === 0 ? [values['x']] : [],
  );
  assert.equal(new Set(points).size, points.length, `a point twice: ${points.join()}`);
  let ended = 0;
  const dispatched = new Set<string>();
  for (let from: number | null = 0; from !== null; ) {
    const page = await listEvents(ports, group, { sort: 'oldest', at: from, limit: 200 });
    assert.ok(page.ok);
    for (const { type, data } of page.value.events) {
      const isOwn = shown[Number(data['number']) - 1] === 'own';
      if (isEnd(type.replace('experiment.', '')) && !isOwn) ended++;
      if (type !== 'experiment.dispatched' || data['attempt'] !== 1 || isOwn) continue;
      const own = shown[Number(data['number']) - 1] ?? '';
      const due = promoteSlowly(results.slice(0, ended), halving.rule)
        .map(({ rung, slot }) => shownOf(rung, slot))
        .filter((one) => !dispatched.has(one));
      const isInTurn = own.startsWith('0/') ? due.length === 0 : due.includes(own);
      assert.ok(isInTurn, `${own} is begun, and ${due.join()} should go on`);
      dispatched.add(own);
    }
    from = page.value.next;
  }
}

/** A view lags behind by fewer results than experiments have a place. */
async function checkLags(
  ports: Ports,
  group: string,
  experiments: ReadonlyMap<number, ExperimentState>,
): Promise<void> {
  const running = new Set<number>();
  let ended = 0;
  for (let from: number | null = 0; from !== null; ) {
    const page = await listEvents(ports, group, { sort: 'oldest', at: from, limit: 200 });
    assert.ok(page.ok);
    for (const { type, data } of page.value.events) {
      const n = Number(data['number'] ?? 0);
      const { attempt } = data;
      if (type === 'experiment.dispatched' || type === 'experiment.started') running.add(n);
      else if (type !== 'experiment.stop_requested') running.delete(n);
      if (isEnd(type.replace('experiment.', ''))) ended++;
      const batch = experiments.get(n)?.batch;
      if (type !== 'experiment.dispatched' || attempt !== 1 || batch === undefined) continue;
      const lag = ended - Number(batch.split('.')[1]);
      assert.ok(lag >= 0 && lag < running.size, `experiment ${n} lags ${lag} of ${running.size}`);
    }
    from = page.value.next;
  }
}

/** What a launcher gave back is not pushed again at once. */
async function checkPauses(ports: Ports, group: string): Promise<void> {
  const released = new Map<number, number>();
  for (let from: number | null = 0; from !== null; ) {
    const page = await listEvents(ports, group, { sort: 'oldest', at: from, limit: 200 });
    assert.ok(page.ok);
    for (const { type, data, timestamp } of page.value.events) {
      const n = Number(data['number'] ?? 0);
      const at = Date.parse(timestamp);
      const isGivenBack = JSON.stringify(data['status_reason'] ?? null).includes('"released"');
      if (type === 'experiment.queued' && isGivenBack) released.set(n, at);
      if (type !== 'experiment.dispatched') continue;
      const pause = at - (released.get(n) ?? Number.NEGATIVE_INFINITY);
      assert.ok(pause >= PAUSE_MS_LEAST, `experiment ${n} is pushed again after ${pause} ms`);
      released.delete(n);
    }
    from = page.value.next;
  }
}

/** Every experiment's story is in the log once: its end, and a dispatch for each attempt. */
async function checkLog(ports: Ports, group: string, experiments: number): Promise<void> {
  const ends = new Map<number, number>();
  const dispatched = new Set<string>();
  for (let from: number | null = 0; from !== null; ) {
    const page = await listEvents(ports, group, { sort: 'oldest', at: from, limit: 200 });
    assert.ok(page.ok);
    for (const { type, data } of page.value.events) {
      const n = Number(data['number'] ?? 0);
      const { attempt } = data;
      if (type === 'experiment.dispatched') {
        assert.ok(!dispatched.has(`${n}/${attempt}`), 'one hand-out is told twice');
        dispatched.add(`${n}/${attempt}`);
      }
      if (isEnd(type.replace('experiment.', ''))) ends.set(n, (ends.get(n) ?? 0) + 1);
    }
    from = page.value.next;
  }
  assert.equal(ends.size, experiments, 'an end is not in the log');
  assert.ok(
    [...ends.values()].every((times) => times === 1),
    'an end is told twice',
  );
}
