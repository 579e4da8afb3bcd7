import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ExperimentState } from '../../lib/domain/experiment.ts';
import type { Json, Values } from '../../lib/domain/values.ts';
import { createStream } from '../../lib/numerics/stream.ts';
import { propose } from '../../lib/optimizers/bayes/propose.ts';
import { createLocalRuntime } from '../../lib/runtime/local.ts';
import { advanceGroup } from '../../lib/service/advance.ts';
import { addExperiment } from '../../lib/service/experiments.ts';
import { createGroup, readGroup } from '../../lib/service/groups.ts';
import { inspectGroup } from '../../lib/service/inspect.ts';
import { leaseToken } from '../../lib/service/lease.ts';
import type { Ports } from '../../lib/service/ports.ts';
import { report } from '../../lib/service/report.ts';
import { suggest } from '../../lib/service/suggest.ts';
import { askComputed } from '../helpers/ask-computed.ts';

const logger = { error() {}, warn() {}, info() {} };

interface Search {
  readonly concurrency: number;
  readonly model: boolean;
  /** Seed of the order in which experiments end. */
  readonly timing: number;
  readonly matrix?: Json;
  /** Whether each call is served by a process that knows nothing yet. */
  readonly isCold?: boolean;
  /** Whether the queue comes after every call, or only where a worker waits for it. */
  readonly isComputedEarly?: boolean;
  /** Whether everything fails that begins in the first bracket. */
  readonly failsFirst?: boolean;
  /** Whether the caller tries something too. */
  readonly hasOwn?: boolean;
}

const lossOf = ({ x, epochs }: Values): number =>
  Math.abs(Number(x) - 0.4) + 1 / (1 + Number(epochs));

const document = (search: Pick<Search, 'concurrency' | 'model' | 'matrix'>) => ({
  version: 1,
  kind: 'group',
  hptuning: {
    seed: 7,
    concurrency: search.concurrency,
    hyperband: {
      max_iter: 9,
      eta: 3,
      resource: { name: 'epochs', type: 'int' },
      metric: { name: 'loss', optimization: 'minimize' },
      resume: true,
      model: search.model,
    },
    matrix: search.matrix ?? { x: { uniform: [0, 1] } },
  },
});

/** Runs a whole search of brackets that begin with 9, 5 and 3 configurations; experiments end in an order of its own. */
async function run(search: Search) {
  const runtime = createLocalRuntime({ folder: null, logger, now: () => 1_000_000 });
  // Pokes wait for the test.
  const views: unknown[] = [];
  const warm: Ports = {
    ...runtime.ports,
    propose: async (hptuning, view) => {
      views.push(view);
      return propose(hptuning, view);
    },
    poke: async () => {},
  };
  const ports = (): Ports => (search.isCold === true ? { ...warm, definitions: new Map() } : warm);
  const created = await createGroup(ports(), runtime.call(), document(search));
  assert.ok(created.ok);
  const group = created.value.definition.config.id;
  if (search.hasOwn === true) {
    const values = { x: 0.41, epochs: 9 };
    const added = await addExperiment(ports(), runtime.call(), { group, values, result: null });
    assert.ok(added.ok);
  }
  const lot = createStream({ seed: search.timing, purpose: 98 });
  const held: ExperimentState[] = [];
  const made: ExperimentState[] = [];
  for (let turn = 0; ; turn++) {
    const asked = await askComputed({ ports, runtime }, group);
    held.push(...asked);
    made.push(...asked);
    assert.ok(held.length <= search.concurrency, 'more than the concurrency');
    if (search.isComputedEarly === true) await advanceGroup(ports(), group);
    const ended = held.splice(Math.floor(lot.uniform(turn, 0) * held.length), 1)[0];
    if (ended === undefined) break;
    const fails = search.failsFirst === true && ended.rung?.bracket === 2;
    await report(ports(), runtime.call(), {
      ...{ group, number: ended.number, tokenIsKey: false, message: null },
      checkpoint: `after-${ended.number}`,
      leaseToken: leaseToken(group, ended, ended.attempt),
      steps: [{ step: null, metrics: { loss: lossOf(ended.values) } }],
      status: fails || Number(ended.values['x']) > 0.95 ? 'failed' : 'succeeded',
    });
  }
  const view = await readGroup(warm, group);
  assert.ok(view.ok);
  const findings = await inspectGroup(warm, group);
  await warm.store.close();
  return { made, head: view.value.head, findings, views };
}

/**
 * Runs a whole search that nobody advances but where a poke says so; all results come while suggestions are computed, if any
 * are. Returns how many experiments ended.
 */
async function runByPokes(search: Pick<Search, 'concurrency' | 'timing'>): Promise<number> {
  const runtime = createLocalRuntime({ folder: null, logger, now: () => 1_000_000 });
  const lot = createStream({ seed: search.timing, purpose: 98 });
  const held: ExperimentState[] = [];
  let isPoked = false;
  let ended = 0;
  const ports: Ports = {
    ...runtime.ports,
    propose: async (hptuning, view) => {
      const count = Math.floor(lot.uniform(ended, 1) * (held.length + 1));
      for (let i = 0; i < count; i++) await end();
      return propose(hptuning, view);
    },
    poke: async () => {
      isPoked = true;
    },
  };
  const created = await createGroup(ports, runtime.call(), document({ ...search, model: true }));
  assert.ok(created.ok);
  const group = created.value.definition.config.id;
  const end = async (): Promise<void> => {
    const [one] = held.splice(Math.floor(lot.uniform(ended, 0) * held.length), 1);
    if (one === undefined) return;
    ended++;
    const answer = await report(ports, runtime.call(), {
      ...{ group, number: one.number, tokenIsKey: false, message: null, checkpoint: null },
      leaseToken: leaseToken(group, one, one.attempt),
      steps: [{ step: null, metrics: { loss: lossOf(one.values) } }],
      status: 'succeeded',
    });
    assert.ok(answer.ok);
  };
  for (;;) {
    if (isPoked) {
      isPoked = false;
      await advanceGroup(ports, group);
    }
    const request = { group, count: 1, worker: null, waitSeconds: 0 };
    const asked = await suggest(ports, runtime.call(), request);
    assert.ok(asked.ok);
    held.push(...asked.value.experiments);
    if (asked.value.experiments.length > 0 || isPoked) continue;
    if (held.length === 0) break;
    await end();
  }
  await runtime.ports.store.close();
  return ended;
}

const begun = (made: readonly ExperimentState[]): readonly ExperimentState[] =>
  made.filter(({ rung }) => rung?.rung === 0);

const shownOf = ({ index, values, source }: ExperimentState): string =>
  JSON.stringify([index, values, source]);

describe('hyperband with a model on the use cases', () => {
  const search: Search = { model: true, concurrency: 3, timing: 1 };

  test('makes the experiments that it plans, and draws only the first bracket and one in five', async () => {
    for (let timing = 1; timing <= 3; timing++) {
      const plain = await run({ ...search, model: false, timing });
      const { made, head, findings } = await run({ ...search, timing });

      const indices = (all: readonly ExperimentState[]) =>
        all.map(({ index }) => index ?? -1).toSorted((a, b) => a - b);
      assert.deepEqual([head.status, head.planned], ['done', plain.head.planned]);
      assert.deepEqual(indices(made), indices(plain.made));
      assert.deepEqual(findings, []);
      const draws = new Map(plain.made.map(({ index, values }) => [index, values]));
      for (const { index, values, source, batch } of begun(made)) {
        if (source === 'random') assert.deepEqual(values, draws.get(index));
        if ((index ?? 0) < 9) assert.deepEqual([source, batch], ['random', undefined]);
      }
      const modelled = begun(made).filter(({ source }) => source === 'surrogate');
      assert.ok(modelled.length >= 3, String(modelled.length));
    }
  });

  test('stands still nowhere, whatever comes while the model computes', async () => {
    for (const concurrency of [1, 2, 4, 8]) {
      for (let timing = 1; timing <= 10; timing++) {
        const plain = await run({ ...search, model: false, concurrency });
        const ended = await runByPokes({ concurrency, timing });
        assert.equal(ended, plain.head.planned, `${concurrency} at once, timing ${timing}`);
      }
    }
  });

  test('draws as without a model until a rung is complete, and asks the model for every one after that', async () => {
    for (let timing = 1; timing <= 3; timing++) {
      const { made } = await run({ ...search, timing });

      const firsts = begun(made);
      const from = firsts.findIndex(({ batch }) => batch !== undefined);
      assert.ok(from >= 9, String(from));
      assert.ok(firsts.slice(from).every(({ batch }) => batch !== undefined));
      // A whole first rung has ended by then.
      const results = Number(firsts[from]?.batch?.split('.')[1]);
      assert.ok(results >= 9, String(results));
    }
  });

  test('what goes on keeps the values, the source and the checkpoint of what it continues', async () => {
    const { made } = await run(search);

    const byNumber = new Map(made.map((one) => [one.number, one]));
    const promoted = made.filter(({ rung }) => rung !== null && rung.rung > 0);
    assert.equal(promoted.length, 3 + 1 + 1);
    for (const { values, source, resumeFrom } of promoted) {
      const parent = byNumber.get(resumeFrom?.number ?? 0);
      assert.equal(values['x'], parent?.values['x']);
      assert.equal(source, parent?.source);
      assert.equal(resumeFrom?.checkpoint, `after-${parent?.number}`);
    }
  });

  test('one worker gets the same whether processes remember, and every suggestion has seen every result', async () => {
    const alone = { ...search, concurrency: 1 };
    const { made } = await run(alone);
    const cold = await run({ ...alone, isCold: true });
    const early = await run({ ...alone, isComputedEarly: true });

    assert.deepEqual(cold.made.map(shownOf), made.map(shownOf));
    // The queue decides which of two brackets comes first, not what is in them.
    assert.equal(early.head.planned, made.length);
    for (const { number, batch } of made) {
      if (batch !== undefined) assert.equal(Number(batch.split('.')[1]), number - 1);
    }
  });

  test('the same order of hand-outs and results gives the same, bit for bit', async () => {
    for (const isComputedEarly of [false, true]) {
      const first = await run({ ...search, timing: 5, isComputedEarly });
      const second = await run({ ...search, timing: 5, isComputedEarly, isCold: true });

      assert.deepEqual(second.made.map(shownOf), first.made.map(shownOf));
      assert.deepEqual(second.views, first.views);
    }
  });

  test('without an observation it goes on as it began, and learns from the first one', async () => {
    const { made, head } = await run({ ...search, failsFirst: true, concurrency: 1 });

    const sources = begun(made).map(({ source }) => source);
    assert.equal(head.status, 'done');
    // The one bracket is gone with its first rung; the second one begins without any observation.
    assert.equal(begun(made).length, 9 + 5 + 3);
    assert.ok(sources.slice(0, 10).every((source) => source === 'random'));
    assert.ok(sources.slice(10).includes('surrogate'), sources.join());
  });

  test('what the caller has tried is known to it', async () => {
    const { made, head, views } = await run({ ...search, hasOwn: true });

    assert.equal(head.status, 'done');
    assert.equal(made.filter(({ source }) => source === 'caller').length, 1);
    assert.ok(views.length > 0);
    assert.ok(JSON.stringify(views.at(-1)).includes('0.41'));
  });

  for (const [title, matrix, first] of [
    ['listed', { x: { values: [0.1, 0.3, 0.4, 0.9] } }, [4, 4, 3]],
    ['one point', { x: { values: [0.4] } }, [1, 1, 1]],
    // Three doubles, which nobody has counted: found out by drawing.
    ['drawn', { x: { uniform: [0.5, 0.5000000000000003] } }, [3, 3, 3]],
  ] as const) {
    test(`brackets of a matrix of few points end with these, each once: ${title}`, async () => {
      for (const concurrency of [1, 3]) {
        const asked: Search = { ...search, concurrency, matrix };
        const plain = await run({ ...asked, model: false });
        const { made, head, findings } = await run(asked);

        assert.deepEqual(
          [2, 1, 0].map((bracket) => {
            const own = begun(made).filter(({ rung }) => rung?.bracket === bracket);
            assert.equal(new Set(own.map(({ values }) => values['x'])).size, own.length);
            return own.length;
          }),
          first,
        );
        assert.deepEqual([head.status, head.planned], ['done', plain.head.planned]);
        assert.equal(made.length, head.planned);
        assert.deepEqual(findings, []);
      }
    });
  }
});
