import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ExperimentState } from '../../lib/domain/experiment.ts';
import type { Matrix, Parameter } from '../../lib/domain/hptuning.ts';
import { optionToWire } from '../../lib/matrix/wire.ts';
import { createStream } from '../../lib/numerics/stream.ts';
import { createLocalRuntime } from '../../lib/runtime/local.ts';
import { advanceGroup } from '../../lib/service/advance.ts';
import { addExperiment } from '../../lib/service/experiments.ts';
import { createGroup, readGroup } from '../../lib/service/groups.ts';
import { leaseToken } from '../../lib/service/lease.ts';
import type { Call, Ports } from '../../lib/service/ports.ts';
import { report } from '../../lib/service/report.ts';
import { suggest } from '../../lib/service/suggest.ts';
import { sweep } from '../../lib/service/sweep.ts';
import { runSequentially } from '../optimizers/hyperband-reference.ts';

const logger = { error() {}, warn() {}, info() {} };

interface Search {
  readonly maxIter: number;
  readonly eta: number;
  readonly type: 'int' | 'float';
  readonly concurrency: number;
  readonly resume: boolean;
  /** Seed of the order in which experiments end. */
  readonly timing: number;
  readonly drive: 'queue' | 'sweep';
  /** Matrix of few points; the continuous one where left out. */
  readonly space?: keyof typeof SPACES;
}

const Y: Parameter = { name: 'y', option: { kind: 'values', values: ['a', 'b', 'c'] } };

/** Matrices in their normal form, by what they are like. */
const SPACES = {
  continuous: [{ name: 'x', option: { kind: 'uniform', low: 0, high: 1 } }, Y],
  finite: [{ name: 'x', option: { kind: 'values', values: [0.1, 0.4, 0.9] } }, Y],
  // Three doubles, which nobody has counted: found out by drawing.
  narrow: [{ name: 'x', option: { kind: 'uniform', low: 0.5, high: 0.5000000000000003 } }],
} as const satisfies Record<string, Matrix>;

const spaceOf = ({ space = 'continuous' }: Search): Matrix => SPACES[space];

/** Ends of every kind, as a function of the values and the resource alone. */
function outcomeOf(x: number, resource: number): { end: 'succeeded' | 'failed'; loss: number } {
  return { end: x > 0.93 ? 'failed' : 'succeeded', loss: Math.abs(x - 0.4) + 1 / (1 + resource) };
}

/** Runs a whole Hyperband search against the use cases; experiments end in a random order. */
async function run(search: Search): Promise<{
  readonly experiments: readonly ExperimentState[];
  readonly planned: number;
  readonly most: number;
}> {
  let now = 1_000_000;
  const runtime = createLocalRuntime({ folder: null, logger, now: () => now });
  const pokes: string[] = [];
  const ports: Ports = {
    ...runtime.ports,
    poke: async ({ group }) => {
      if (search.drive === 'queue') pokes.push(group);
    },
  };
  const created = await createGroup(ports, runtime.call(), {
    version: 1,
    kind: 'group',
    hptuning: {
      seed: 7,
      concurrency: search.concurrency,
      hyperband: {
        max_iter: search.maxIter,
        eta: search.eta,
        resource: { name: 'epochs', type: search.type },
        metric: { name: 'loss', optimization: 'minimize' },
        resume: search.resume,
      },
      matrix: Object.fromEntries(
        spaceOf(search).map(({ name, option }) => [name, optionToWire(option)]),
      ),
    },
  });
  assert.ok(created.ok);
  const group = created.value.definition.config.id;
  const random = createStream({ seed: search.timing, purpose: 98 });
  let drawn = 0;
  const running: ExperimentState[] = [];
  const ended: ExperimentState[] = [];
  let most = 0;
  for (let round = 0; round < 20_000; round++) {
    now += 10;
    const asked = await suggest(ports, runtime.call(), {
      group,
      count: 3,
      worker: null,
      waitSeconds: 0,
    });
    assert.ok(asked.ok);
    running.push(...asked.value.experiments);
    most = Math.max(most, running.length);
    if (asked.value.groupStatus === 'done') break;
    if (running.length === 0) {
      // Nobody works: only the queue or the sweep can bring the group on.
      assert.equal(asked.value.reason, 'computing');
    }
    const [one] = running.splice(Math.floor(random.uniform(drawn++, 0) * running.length), 1);
    if (one !== undefined) {
      const resource = Number(one.values['epochs']);
      const { end, loss } = outcomeOf(Number(one.values['x']), resource);
      const answered = await report(ports, runtime.call(), {
        group,
        number: one.number,
        steps: [{ step: resource, metrics: { loss } }],
        status: end,
        checkpoint: `after-${one.number}`,
        message: null,
        leaseToken: leaseToken(group, one, one.attempt),
        tokenIsKey: false,
      });
      assert.ok(answered.ok);
      ended.push(answered.value.experiment);
    }
    if (search.drive === 'sweep' && (running.length === 0 || round % 50 === 0)) {
      now += SWEEP_EVERY_MS;
      await sweep(ports);
    }
    for (const poked of pokes.splice(0)) {
      await advanceGroup(ports, poked);
      // Delivered twice.
      await advanceGroup(ports, poked);
    }
  }
  const view = await readGroup(ports, group);
  assert.ok(view.ok);
  assert.equal(view.value.head.status, 'done');
  assert.equal(view.value.head.reason?.code, 'exhausted');
  await ports.store.close();
  return { experiments: ended, planned: view.value.head.planned, most };
}

/** The sweep comes once a minute. */
const SWEEP_EVERY_MS = 60_000;

/** Works a group off, one experiment after another, with the sweep alone. */
async function workOff(
  ports: Ports,
  call: () => Call,
  group: string,
  pass: () => void,
): Promise<{ readonly experiments: readonly ExperimentState[] }> {
  const experiments: ExperimentState[] = [];
  for (;;) {
    const request = { group, count: 10, worker: null, waitSeconds: 0 };
    const asked = await suggest(ports, call(), request);
    assert.ok(asked.ok);
    if (asked.value.groupStatus === 'done') return { experiments };
    for (const one of asked.value.experiments) {
      experiments.push(one);
      const answered = await report(ports, call(), {
        group,
        number: one.number,
        steps: [{ step: 1, metrics: { loss: Math.abs(Number(one.values['x']) - 0.4) } }],
        status: 'succeeded',
        checkpoint: null,
        message: null,
        leaseToken: leaseToken(group, one, one.attempt),
        tokenIsKey: false,
      });
      assert.ok(answered.ok);
    }
    pass();
    await sweep(ports);
  }
}

/** The experiments in the words of bracket, rung and values, without their order in time. */
const shown = (experiments: readonly ExperimentState[]): readonly string[] =>
  experiments
    .map(({ rung, values, status }) => JSON.stringify([rung?.bracket, rung?.rung, values, status]))
    .toSorted();

function reference(search: Search): readonly string[] {
  const experiments = runSequentially(
    {
      matrix: spaceOf(search),
      seed: 7,
      maxIter: search.maxIter,
      eta: search.eta,
      resource: { name: 'epochs', type: search.type },
      optimization: 'minimize',
    },
    ({ values, resource }) => {
      const { end, loss } = outcomeOf(Number(values['x']), resource);
      return { end, objective: loss };
    },
  );
  return experiments
    .map(({ bracket, rung, values, resource, end }) =>
      JSON.stringify([bracket, rung, { ...values, epochs: resource }, end]),
    )
    .toSorted();
}

const SEARCHES: readonly Search[] = [
  { maxIter: 9, eta: 3, type: 'int', concurrency: 1, resume: false, timing: 1, drive: 'queue' },
  { maxIter: 81, eta: 3, type: 'int', concurrency: 2, resume: false, timing: 2, drive: 'queue' },
  { maxIter: 81, eta: 3, type: 'int', concurrency: 16, resume: true, timing: 3, drive: 'queue' },
  { maxIter: 81, eta: 3, type: 'int', concurrency: 40, resume: true, timing: 4, drive: 'sweep' },
  { maxIter: 10, eta: 3, type: 'float', concurrency: 5, resume: true, timing: 5, drive: 'sweep' },
  { maxIter: 243, eta: 3, type: 'int', concurrency: 64, resume: false, timing: 6, drive: 'queue' },
  { maxIter: 1000, eta: 10, type: 'int', concurrency: 9, resume: true, timing: 7, drive: 'queue' },
  {
    maxIter: 81,
    eta: 3,
    type: 'int',
    concurrency: 4,
    resume: true,
    timing: 8,
    drive: 'queue',
    space: 'finite',
  },
  {
    maxIter: 81,
    eta: 3,
    type: 'int',
    concurrency: 6,
    resume: true,
    timing: 9,
    drive: 'sweep',
    space: 'narrow',
  },
];

describe('Hyperband', () => {
  for (const search of SEARCHES) {
    const { maxIter, eta, concurrency, drive, space = 'continuous' } = search;
    test(`of ${maxIter}/${eta} in a ${space} space with ${concurrency} at once, driven by the ${drive}, comes out as one after another`, async () => {
      const { experiments, planned, most } = await run(search);

      assert.deepEqual(shown(experiments), reference(search));
      assert.equal(experiments.length, planned);
      assert.ok(most <= concurrency);
      const byNumber = new Map(experiments.map((one) => [one.number, one]));
      assert.equal(byNumber.size, Math.max(...byNumber.keys()), 'numbers have gaps');
      for (const { rung, resumeFrom, values } of experiments) {
        if (!search.resume || rung?.rung === 0) {
          assert.equal(resumeFrom, null);
          continue;
        }
        const parent = byNumber.get(resumeFrom?.number ?? 0);
        assert.equal(resumeFrom?.checkpoint, `after-${parent?.number}`);
        assert.equal(parent?.rung?.rung, (rung?.rung ?? 0) - 1);
        assert.equal(parent.rung.bracket, rung?.bracket);
        assert.equal(parent.values['x'], values['x']);
      }
    });
  }

  test("never promotes the caller's own experiments, which name the resource themselves", async () => {
    let now = Date.now();
    const runtime = createLocalRuntime({ folder: null, logger, now: () => now });
    const { ports } = runtime;
    const created = await createGroup(ports, runtime.call(), {
      version: 1,
      kind: 'group',
      hptuning: {
        seed: 1,
        concurrency: 10,
        hyperband: {
          max_iter: 9,
          eta: 3,
          resource: { name: 'epochs', type: 'int' },
          metric: { name: 'loss', optimization: 'minimize' },
        },
        matrix: { x: { uniform: [0, 1] } },
      },
    });
    assert.ok(created.ok);
    const group = created.value.definition.config.id;
    const own = (values: Readonly<Record<string, number>>) =>
      addExperiment(ports, runtime.call(), { group, values, result: null });

    const without = await own({ x: 0.5 });
    const beyond = await own({ x: 0.5, epochs: 10 });
    const right = await own({ x: 0.4, epochs: 5 });

    assert.equal(without.ok, false);
    assert.equal(beyond.ok, false);
    assert.ok(right.ok);
    assert.equal(right.value.experiment.rung, null);
    const { experiments } = await workOff(ports, runtime.call, group, () => {
      now += SWEEP_EVERY_MS;
    });
    assert.equal(experiments.filter(({ index }) => index === null).length, 1);
    const view = await readGroup(ports, group);
    assert.ok(view.ok);
    assert.equal(experiments.length, view.value.head.planned + 1);
    await ports.store.close();
  });
});
