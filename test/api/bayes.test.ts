import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import type { Experiment } from '../helpers/contract.ts';
import type { GroupClient, Service } from '../helpers/service.ts';
import { LOSS, startService } from '../helpers/service.ts';

const PAGE = join(import.meta.dirname, '../contract/polyaxonfiles');

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

/** A long poll: a suggestion may have to be computed. */
const ASK = { wait_seconds: 20 } as const;

const numberOf = ({ values }: Experiment, name: string): number => {
  const value = values[name];
  assert.ok(typeof value === 'number');
  return value;
};

type Judge = (experiment: Experiment) => object;

/** One worker after another's experiment, until the group has ended. */
async function work(group: GroupClient, judge: Judge): Promise<readonly Experiment[]> {
  const experiments: Experiment[] = [];
  for (;;) {
    const asked = await group.suggest(ASK);
    if (asked.experiments.length === 0) {
      assert.equal(asked.group_status, 'done', JSON.stringify(asked));
      return experiments;
    }
    for (const experiment of asked.experiments) {
      experiments.push(experiment);
      const answer = await group.report(experiment.number, judge(experiment));
      if (answer.should_stop) await group.report(experiment.number, { status: 'stopped' });
    }
  }
}

const explain = ({ id: group }: GroupClient, number: number) =>
  service.done('explain', { group, number });

const spec = (name: string): { readonly hptuning: object } =>
  parse(readFileSync(join(PAGE, `${name}.yml`), 'utf8'));

const keyOf = ({ values }: Experiment): string => JSON.stringify(values);

/** A bowl over the matrix of the Polyaxon documentation. */
const bowl: Judge = (experiment) => ({
  metrics: {
    loss: (numberOf(experiment, 'learning_rate') - 0.3) ** 2 + numberOf(experiment, 'dropout'),
  },
  status: 'succeeded',
});

test('the bo document of the Polyaxon documentation runs its 45 experiments, each point once', async () => {
  const group = await service.open(spec('bo').hptuning);
  const workers = await Promise.all([work(group, bowl), work(group, bowl)]);

  const experiments = workers.flat().toSorted((a, b) => a.number - b.number);
  const read = await group.read();
  assert.equal(read.algorithm, 'bo');
  assert.match(read.algorithm_detail, /Matérn kernel of nu 1\.9, acquisition ucb with kappa 1\.2/);
  assert.equal(read.status_reason?.code, 'exhausted');
  assert.deepEqual([read.progress.planned, read.progress.succeeded], [45, 45]);
  assert.deepEqual(
    experiments.map(({ source }) => source),
    Array.from({ length: 45 }, (_, i) => (i < 30 ? 'initial_design' : 'surrogate')),
  );
  assert.equal(new Set(experiments.map(keyOf)).size, 45);
  const learnt = experiments.slice(35).map((one) => numberOf(one, 'learning_rate'));
  assert.ok(learnt.filter((rate) => Math.abs(rate - 0.3) < 0.1).length > 5, String(learnt));
});

test('the bo document with early stopping ends by its rule', async () => {
  const group = await service.open(spec('bo-early-stopping').hptuning);
  const experiments = await work(group, (experiment) => ({
    metrics: { loss: 0.5, accuracy: experiment.number === 34 ? 0.95 : 0.5 },
    status: 'succeeded',
  }));

  const read = await group.read();
  assert.equal(read.status_reason?.code, 'early_stopping');
  assert.match(read.algorithm_detail, /RBF kernel, acquisition ei with eps 1\.2/);
  assert.equal(experiments.length, 34);
});

/** A small continuous search. */
const bo = (more: object = {}): object => ({
  seed: 5,
  bo: { n_initial_trials: 4, n_iterations: 6, metric: LOSS },
  matrix: { x: { uniform: [0, 1] }, y: { loguniform: [-7, 0] }, z: { values: ['a', 'b', 'c'] } },
  ...more,
});

const hill: Judge = (experiment) => ({
  metrics: {
    loss:
      (numberOf(experiment, 'x') - 0.7) ** 2 +
      (Math.log(numberOf(experiment, 'y')) + 3) ** 2 / 20 +
      (experiment.values['z'] === 'b' ? 0 : 0.3),
  },
  status: 'succeeded',
});

test('one at a time, every suggestion has seen every observation, and the same search runs again bit for bit', async () => {
  const runs = [];
  for (let run = 0; run < 2; run++) {
    const group = await service.open(bo());
    const experiments = await work(group, hill);
    for (const { number, source } of experiments) {
      const why = await explain(group, number);
      assert.equal(why.source, source);
      assert.equal(why.observations, number <= 4 ? 0 : number - 1);
      assert.equal(why.surrogate !== null, number > 4);
      if (why.surrogate !== null) assert.ok(why.surrogate.sd >= 0);
      assert.deepEqual(why.pending, []);
    }
    runs.push(experiments.map(({ values }) => values));
  }
  assert.deepEqual(runs[0], runs[1]);
});

test('with several at once no view lags behind by as many observations as experiments are running', async () => {
  const group = await service.open(bo({ concurrency: 3 }));
  const first = await group.suggest({ count: 3 });
  const running = [...first.experiments];
  let ended = 0;
  let atOnce = running.length;
  while (running.length > 0) {
    const [oldest] = running.splice(0, 1);
    assert.ok(oldest !== undefined);
    await group.report(oldest.number, hill(oldest));
    ended += 1;
    const asked = await group.suggest({ wait_seconds: 1, count: 1 });
    running.push(...asked.experiments);
    atOnce = Math.max(atOnce, running.length);
    for (const { number, source } of asked.experiments) {
      if (source !== 'surrogate') continue;
      const why = await explain(group, number);
      assert.ok(
        ended - why.observations < running.length,
        `${ended} ended, ${why.observations} seen`,
      );
      const others = running.map((one) => one.number).filter((one) => one !== number);
      assert.ok(
        others.every((one) => why.pending.includes(one)),
        JSON.stringify(why),
      );
    }
  }
  assert.equal(atOnce, 3);
  const read = await group.read();
  assert.deepEqual([read.progress.succeeded, read.status], [10, 'done']);
});

test('while nothing is observed a further point of the design stands in', async () => {
  const group = await service.open(
    bo({ concurrency: 4, bo: { n_initial_trials: 2, n_iterations: 6, metric: LOSS } }),
  );
  const { experiments } = await group.suggest({ count: 4 });

  assert.deepEqual(
    experiments.map(({ source }) => source),
    ['initial_design', 'initial_design', 'fallback', 'fallback'],
  );
  assert.equal(new Set(experiments.map(keyOf)).size, 4);
  assert.equal((await explain(group, 3)).surrogate, null);
});

test('an initial design that ends without an observation ends the group', async () => {
  const group = await service.open(
    bo({ bo: { n_initial_trials: 3, n_iterations: 6, metric: LOSS } }),
  );
  const experiments = await work(group, ({ number }) =>
    number === 2 ? { status: 'infeasible' } : { status: 'failed' },
  );

  const read = await group.read();
  assert.equal(experiments.length, 3);
  assert.deepEqual([read.status, read.status_reason?.code], ['done', 'no_observations']);
});

test('NaN, failed and infeasible experiments leave a search that goes on to its end', async () => {
  const group = await service.open(
    bo({ bo: { n_initial_trials: 4, n_iterations: 12, metric: LOSS } }),
  );
  const experiments = await work(group, (experiment) => {
    if (experiment.number % 4 === 1) return { metrics: { loss: 'NaN' }, status: 'succeeded' };
    if (experiment.number % 4 === 2) return { status: 'failed' };
    if (experiment.number % 4 === 3) return { status: 'infeasible' };
    return hill(experiment);
  });

  assert.equal(experiments.length, 16);
  assert.equal(new Set(experiments.map(keyOf)).size, 16);
});

test('a finite matrix is tried to its last point, the caller’s own experiments not again', async () => {
  const group = await service.open({
    seed: 1,
    bo: { n_initial_trials: 3, n_iterations: 100, metric: LOSS },
    matrix: { a: { values: [1, 2, 3] }, b: { values: ['x', 'y'] }, c: { range: [0, 2, 1] } },
  });
  assert.equal((await group.read()).progress.planned, 12);
  await group.add({
    values: { a: 2, b: 'y', c: 1 },
    metrics: { loss: 0.5 },
    status: 'succeeded',
  });
  const experiments = await work(group, (experiment) => ({
    metrics: { loss: numberOf(experiment, 'a') },
    status: 'succeeded',
  }));

  const read = await group.read();
  assert.deepEqual([read.status, read.status_reason?.code], ['done', 'exhausted']);
  assert.equal(new Set(experiments.map(keyOf)).size, 11);
  const added = { a: 2, b: 'y', c: 1 };
  assert.ok(experiments.every(({ values }) => JSON.stringify(values) !== JSON.stringify(added)));
});

test('known results of the caller are observations, and preview shows the initial design', async () => {
  const hptuning = bo();
  const document = { version: 1, kind: 'group', hptuning };
  const preview = await service.done('previewGroup', { json: document });
  assert.deepEqual([preview.planned, preview.points.length], [10, 4]);

  const group = await service.open(hptuning);
  const first = await group.next();
  assert.deepEqual(first.values, preview.points[0]);
  await group.report(first.number, hill(first));
  await group.add({
    values: { x: 0.7, y: 0.05, z: 'b' },
    metrics: { loss: 0 },
    status: 'succeeded',
  });
  await work(group, hill);
  const last = await explain(group, 11);
  assert.equal(last.observations, 10);
});

test('auto needs a budget and a metric, runs to its end and says how it came to each experiment', async () => {
  const group = await service.open({
    seed: 3,
    matrix: { x: { uniform: [0, 1] }, y: { uniform: [0, 1] } },
    auto: { n_experiments: 14, metric: LOSS },
  });
  const far = (experiment: Experiment): number =>
    (numberOf(experiment, 'x') - 0.3) ** 2 + (numberOf(experiment, 'y') - 0.6) ** 2;
  const experiments = await work(group, (experiment) => ({
    metrics: { loss: far(experiment) },
    status: 'succeeded',
  }));

  assert.deepEqual(experiments[0]?.values, { x: 0.5, y: 0.5 });
  assert.deepEqual(
    experiments.map(({ source }) => source),
    Array.from({ length: 14 }, (_, i) => (i < 4 ? 'initial_design' : 'surrogate')),
  );
  assert.ok(Math.min(...experiments.map(far)) < 1e-3);
  const read = await service.done('readGroup', { group: group.id });
  assert.equal(read.algorithm, 'auto');
  assert.deepEqual(read.hptuning['auto'], {
    n_experiments: 14,
    metric: LOSS,
    resource: null,
    max_iter: null,
    eta: 3,
    resume: false,
  });
  const explanation = await explain(group, 9);
  assert.match(explanation.detail, /^suggestion 9: /);
});
