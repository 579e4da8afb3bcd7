import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Experiment } from '../helpers/contract.ts';
import { assertRebuilt } from '../helpers/rebuild.ts';
import type { GroupClient, Service } from '../helpers/service.ts';
import { LOSS, startService } from '../helpers/service.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

const MATRIX = { x: { uniform: [0, 1] } };

const asha = (more: object = {}): object => ({
  asha: {
    ...{ max_iter: 9, eta: 3, resource: { name: 'epochs', type: 'int' }, metric: LOSS },
    ...{ n_experiments: 9, resume: true, ...more },
  },
  matrix: MATRIX,
  seed: 3,
});

/** Ends an experiment with a loss. */
const end = (group: GroupClient, { number }: Experiment, loss: number) =>
  group.report(number, {
    metrics: { loss },
    status: 'succeeded',
    checkpoint: `after-${number}`,
  });

/** One worker, for whom the n-th experiment has the n-th loss. */
async function work(group: GroupClient, losses: readonly number[]): Promise<readonly Experiment[]> {
  const experiments: Experiment[] = [];
  for (const loss of losses) {
    const experiment = await group.next();
    experiments.push(experiment);
    await end(group, experiment, loss);
  }
  return experiments;
}

const rungsOf = (experiments: readonly Experiment[]): readonly (number | undefined)[] =>
  experiments.map(({ rung }) => rung?.rung);

test('an experiment goes on as soon as it is among the best third of its rung so far', async () => {
  const group = await service.open(asha());

  const experiments = await work(group, [5, 1, 7, 0.9, 6, 0.5]);

  assert.deepEqual(rungsOf(experiments), [0, 0, 0, 1, 0, 0]);
  const [, best, , promoted] = experiments;
  assert.deepEqual(promoted?.values, { ...best?.values, epochs: 3 });
  assert.deepEqual(promoted?.rung, { bracket: 2, rung: 1, resource: 3 });
  assert.deepEqual(promoted?.resume_from, { number: 2, checkpoint: 'after-2' });
  assert.ok(experiments.every(({ source }) => source === 'random'));
  const next = await group.next();
  assert.deepEqual(next.resume_from, { number: 6, checkpoint: 'after-6' });
});

test('one that is overtaken has gone on all the same', async () => {
  const group = await service.open({ ...asha(), concurrency: 3 });
  const { experiments: first } = await group.suggest({ count: 3 });
  for (const [i, experiment] of first.entries()) await end(group, experiment, 3 - i);

  const { experiments: second } = await group.suggest({ count: 3 });
  const promoted = second.filter(({ rung }) => rung?.rung === 1);
  assert.deepEqual(
    promoted.map(({ resume_from }) => resume_from?.number),
    [3],
  );
  const [, better] = second;
  assert.ok(better !== undefined);
  await end(group, better, 0.1);

  const { resume_from } = await group.next();
  assert.equal(resume_from?.number, better.number);
});

test('the whole search makes every configuration, tells of each rung, and comes out of its log', async () => {
  const group = await service.open({ ...asha(), concurrency: 2 });
  for (;;) {
    const { experiments, group_status } = await group.suggest({ count: 2 });
    for (const experiment of experiments) {
      await end(group, experiment, Math.abs(Number(experiment.values['x']) - 0.4));
    }
    if (group_status === 'done') break;
  }

  const read = await group.read();
  const experiments = await group.experiments();
  assert.equal(read.status_reason?.code, 'exhausted');
  assert.equal(rungsOf(experiments).filter((rung) => rung === 0).length, 9);
  assert.equal(read.progress.planned, experiments.length);
  const events = await group.events();
  const completed = events.flatMap(({ type, data }) =>
    type === 'group.rung_completed' ? [data] : [],
  );
  const count = (rung: number): number => rungsOf(experiments).filter((one) => one === rung).length;
  assert.deepEqual(completed, [
    { bracket: 2, rung: 0, promoted: count(1) },
    { bracket: 2, rung: 1, promoted: count(2) },
    { bracket: 2, rung: 2, promoted: 0 },
  ]);
  await assertRebuilt(group);
});

test('who asks while all that is left is under way is told to wait for the rung', async () => {
  const group = await service.open({ ...asha({ n_experiments: 3 }), concurrency: 4 });
  await group.suggest({ count: 3 });

  const { reason, experiments } = await group.suggest();

  assert.deepEqual([experiments.length, reason], [0, 'rung']);
});

test('failures do not go on, and a rung of failures ends the search', async () => {
  const group = await service.open(asha({ n_experiments: 3 }));
  for (let i = 0; i < 3; i++) {
    const { number } = await group.next();
    await group.report(number, { status: 'failed' });
  }

  const { status, status_reason, progress } = await group.read();
  assert.deepEqual([status, status_reason?.code, progress.planned], ['done', 'exhausted', 3]);
});

test('an early stop leaves who would go on where it is', async () => {
  const stopping = [{ metric: 'loss', value: 0.1, optimization: 'minimize' }];
  const group = await service.open({ ...asha(), early_stopping: stopping });

  await work(group, [3, 2, 0.1]);

  const { status, status_reason } = await group.read();
  assert.deepEqual([status, status_reason?.code], ['done', 'early_stopping']);
  assert.equal((await group.experiments()).length, 3);
  await assertRebuilt(group);
});

test('a lapsed lease of one that goes on is handed out again with the same checkpoint', async () => {
  const group = await service.open(asha());
  await work(group, [3, 2, 1]);
  const promoted = await group.next();

  service.pass(4_000);
  const again = await group.next();

  assert.deepEqual([again.number, again.attempt], [promoted.number, 2]);
  assert.deepEqual(again.resume_from, { number: 3, checkpoint: 'after-3' });
});

test("the caller's own experiments are on no rung and promote nobody", async () => {
  const group = await service.open(asha());
  for (const x of [0.1, 0.2, 0.3]) {
    await group.add({ values: { x, epochs: 1 }, status: 'succeeded', metrics: { loss: 0 } });
  }

  const { rung, number } = await group.next();

  assert.deepEqual([rung?.rung, number], [0, 4]);
});

test('an explanation says whether it is a new configuration or one that goes on', async () => {
  const group = await service.open(asha());
  await work(group, [3, 2, 1, 0.5]);

  const explain = (number: number) => service.done('explain', { group: group.id, number });
  assert.match((await explain(1)).detail, /^configuration 1, /);
  assert.match((await explain(4)).detail, /^goes on from rung 0 to rung 1/);
});

test('a preview shows the rungs', async () => {
  const json = { version: 1, kind: 'group', hptuning: asha() };

  const preview = await service.done('previewGroup', { json });

  assert.equal(preview.algorithm, 'asha');
  assert.equal(preview.planned, 13);
  assert.deepEqual(preview.brackets, [
    {
      bracket: 2,
      rungs: [
        { experiments: 9, resource: 1 },
        { experiments: 3, resource: 3 },
        { experiments: 1, resource: 9 },
      ],
    },
  ]);
  assert.equal(preview.points[0]?.['epochs'], 1);
});

test('a search that plans more than a million experiments is refused', async () => {
  const hptuning = asha({ n_experiments: 1_000_000 });

  const { problem } = await service.call('createGroup', {
    json: { version: 1, kind: 'group', hptuning },
  });

  assert.equal(problem?.code, 'invalid_document');
  assert.equal(problem?.errors[0]?.path, 'hptuning.asha.n_experiments');
});

const auto = (more: object = {}): object => ({
  auto: {
    ...{ max_iter: 9, resource: { name: 'epochs', type: 'int' }, metric: LOSS },
    ...{ n_experiments: 12, ...more },
  },
  matrix: MATRIX,
  seed: 3,
});

/** Opens a group and ends its experiments until there are no more, the best of them near x = 0.4. */
async function finished(document: object): Promise<GroupClient> {
  const group = await service.open(document);
  for (;;) {
    const { experiments, group_status } = await group.suggest({ wait_seconds: 20 });
    for (const experiment of experiments) {
      await end(group, experiment, Math.abs(Number(experiment.values['x']) - 0.4));
    }
    if (group_status === 'done') return group;
  }
}

test('auto with a resource and resume goes on from the checkpoint', async () => {
  const group = await finished(auto({ resume: true }));

  const experiments = await group.experiments();
  const promoted = experiments.filter(({ rung }) => rung?.rung !== 0);
  assert.ok(promoted.length >= 4, String(promoted.length));
  for (const { rung, values, resume_from } of promoted) {
    const parent = experiments.find(
      (one) => one.values['x'] === values['x'] && one.rung?.rung === (rung?.rung ?? 0) - 1,
    );
    const number = parent?.number;
    assert.deepEqual(resume_from, { number, checkpoint: `after-${number}` });
  }
});

test('auto with a resource takes new configurations from the surrogate, and trains the best for longer', async () => {
  const group = await finished(auto());

  const experiments = await group.experiments();
  const begun = experiments.filter(({ rung }) => rung?.rung === 0);
  assert.deepEqual(
    begun.map(({ source }) => source),
    [...Array(4).fill('initial_design'), ...Array(8).fill('surrogate')],
  );
  assert.ok(begun.every(({ values }) => values['epochs'] === 1));
  const promoted = experiments.filter(({ rung }) => rung?.rung !== 0);
  assert.ok(promoted.length >= 4, String(promoted.length));
  for (const { values, source, resume_from } of promoted) {
    const parent = begun.find((one) => one.values['x'] === values['x']);
    assert.equal(source, parent?.source);
    assert.equal(resume_from, null);
  }
  const { algorithm, progress } = await group.read();
  assert.deepEqual([algorithm, progress.planned], ['auto', experiments.length]);
  const last = begun.at(-1)?.number ?? 0;
  const { surrogate, observations } = await service.done('explain', {
    ...{ group: group.id, number: last },
  });
  assert.notEqual(surrogate, null);
  // Every result before it, with little resource or with much.
  assert.equal(observations, last - 1);
  await assertRebuilt(group);
});

test('auto with a resource ends where the initial design has shown nothing', async () => {
  const group = await service.open(auto());
  for (;;) {
    const { experiments, group_status } = await group.suggest({ wait_seconds: 5 });
    for (const { number } of experiments) await group.report(number, { status: 'failed' });
    if (group_status === 'done') break;
  }

  const { status_reason, progress } = await group.read();
  assert.deepEqual([status_reason?.code, progress.failed], ['no_observations', 4]);
});

test('a preview of auto with a resource shows the rungs and the points of the initial design', async () => {
  const json = { version: 1, kind: 'group', hptuning: auto() };

  const preview = await service.done('previewGroup', { json });

  assert.equal(preview.planned, 22);
  assert.deepEqual(
    preview.brackets?.[0]?.rungs.map(({ experiments }) => experiments),
    [12, 6, 4],
  );
  assert.deepEqual(
    preview.points.map(({ epochs }) => epochs),
    [1, 1, 1, 1],
  );
});
