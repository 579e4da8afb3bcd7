import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { LOSS, startService, THREE } from '../helpers/service.ts';

const service = await startService();
after(service.close);

const MATRIX = {
  lr: { uniform: [0, 1] },
  units: { range: [16, 129, 16] },
  activation: { values: ['relu', 'elu'] },
} as const;

const RANDOM = { random_search: { n_experiments: 2, metric: LOSS }, matrix: MATRIX } as const;

const VALUES = { lr: 0.5, units: 40, activation: 'elu' } as const;

test('an own experiment is queued, and answered with 201 and its Location', async () => {
  const group = await service.open(RANDOM);

  const { status, headers, value } = await service.call('addExperiment', {
    group: group.id,
    json: { values: VALUES },
  });

  assert.equal(status, 201);
  assert.equal(headers.get('location'), `/v1/groups/${group.id}/experiments/1`);
  assert.equal(value?.status, 'queued');
  assert.equal(value?.source, 'caller');
  assert.equal(value?.attempt, 0);
  assert.equal(value?.lease, null);
  assert.equal(value?.started_at, null);
  assert.deepEqual(value?.values, VALUES);
  assert.deepEqual(await group.experiment(1), value);
});

test('own experiments are handed out before those of the search, in the order of their numbers', async () => {
  const group = await service.open({ ...RANDOM, concurrency: 10 });
  await group.next();
  for (const lr of [0.1, 0.2]) await group.add({ values: { ...VALUES, lr } });

  const { experiments } = await group.suggest({ count: 10 });

  assert.deepEqual(
    experiments.map(({ number, source }) => [number, source]),
    [
      [2, 'caller'],
      [3, 'caller'],
      [4, 'random'],
    ],
  );
});

test('own experiments stay outside the budget', async () => {
  const group = await service.open({ ...RANDOM, concurrency: 10 });
  for (const lr of [0.1, 0.2, 0.3]) await group.add({ values: { ...VALUES, lr } });

  const { experiments } = await group.suggest({ count: 10 });

  assert.equal(experiments.length, 5);
  assert.equal((await group.read()).progress.planned, 2);
});

test('own experiments stay inside concurrency', async () => {
  const group = await service.open({ ...RANDOM, concurrency: 2 });
  for (const lr of [0.1, 0.2, 0.3]) await group.add({ values: { ...VALUES, lr } });

  const { experiments } = await group.suggest({ count: 10 });

  assert.deepEqual(
    experiments.map(({ number }) => number),
    [1, 2],
  );
  assert.equal((await group.suggest()).reason, 'concurrency');
});

test('a group is not done before its own experiments have ended', async () => {
  const group = await service.open({ ...RANDOM, concurrency: 10 });
  await group.suggest({ count: 2 });
  await group.add({ values: VALUES });
  for (const number of [1, 2])
    await group.report(number, { metrics: { loss: 1 }, status: 'succeeded' });

  assert.equal((await group.read()).status, 'running');
  await group.next();
  assert.equal((await group.read()).status, 'running');
  await group.report(3, { metrics: { loss: 1 }, status: 'succeeded' });

  assert.equal((await group.read()).status, 'done');
});

test('numeric parameters take any value inside their bounds, both included', async () => {
  const group = await service.open(RANDOM);

  for (const values of [
    { ...VALUES, lr: 0, units: 16 },
    { ...VALUES, lr: 1, units: 128 },
    { ...VALUES, units: 16.5 },
  ]) {
    assert.deepEqual((await group.add({ values })).values, values);
  }
});

const OUTSIDE = [
  { values: { ...VALUES, lr: 1.0001 }, path: 'values.lr' },
  { values: { ...VALUES, lr: -0.0001 }, path: 'values.lr' },
  { values: { ...VALUES, units: 15 }, path: 'values.units' },
  { values: { ...VALUES, units: '16' }, path: 'values.units' },
  { values: { ...VALUES, units: true }, path: 'values.units' },
  { values: { ...VALUES, activation: 'tanh' }, path: 'values.activation' },
  { values: { ...VALUES, activation: 1 }, path: 'values.activation' },
  { values: { ...VALUES, lr: [0.5] }, path: 'values.lr' },
  { values: { ...VALUES, lr: null }, path: 'values.lr' },
  { values: { ...VALUES, momentum: 0.9 }, path: 'values.momentum' },
  { values: { lr: 0.5, units: 16 }, path: 'values.activation' },
  { values: {}, path: 'values.lr values.units values.activation' },
] as const;

for (const { values, path } of OUTSIDE) {
  test(`own values ${JSON.stringify(values)} are refused at ${path}`, async () => {
    const group = await service.open(RANDOM);

    const json = { values };
    const { errors, status } = await group.refused('addExperiment', { json }, 'invalid_request');

    assert.equal(status, 422);
    assert.equal(errors.map((mistake) => mistake.path).join(' '), path);
    assert.equal((await group.experiments()).length, 0);
  });
}

test('a known result is recorded as it is: ended, with its metrics', async () => {
  const group = await service.open(RANDOM);

  const known = await group.add({
    values: VALUES,
    metrics: { loss: 0.25, acc: 'NaN' },
    status: 'succeeded',
    message: 'from last week',
  });

  assert.equal(known.status, 'succeeded');
  assert.equal(known.objective, 0.25);
  assert.equal(known.message, 'from last week');
  assert.deepEqual(known.metrics, {
    loss: { last: 0.25, min: 0.25, max: 0.25, step: null, count: 1 },
    acc: { last: 'NaN', min: null, max: null, step: null, count: 1 },
  });
  assert.notEqual(known.finished_at, null);
  assert.deepEqual(
    (await group.measurements(1)).map(({ metric, value }) => [metric, value]),
    [
      ['loss', 0.25],
      ['acc', 'NaN'],
    ],
  );
  assert.equal((await group.read()).progress.succeeded, 1);
});

test('a known result counts for the best, and uses up nothing of the budget', async () => {
  const group = await service.open(RANDOM);
  await group.add({ values: VALUES, metrics: { loss: 0.25 }, status: 'succeeded' });

  const { best, progress } = await group.read();

  assert.deepEqual(best, { number: 1, metric: 'loss', value: 0.25, values: VALUES });
  assert.equal(progress.planned, 2);
  assert.equal((await group.next()).number, 2);
});

test('a known result can end in every way', async () => {
  const group = await service.open(RANDOM);

  for (const status of ['failed', 'infeasible', 'stopped'] as const) {
    assert.equal((await group.add({ values: VALUES, status })).status, status);
  }
});

test('a known success needs the metric of the search', async () => {
  const group = await service.open(RANDOM);

  const json = { values: VALUES, metrics: { acc: 1 }, status: 'succeeded' };
  const problem = await group.refused('addExperiment', { json }, 'metric_missing');

  assert.match(problem.detail, /"loss"/);
  assert.equal((await group.experiments()).length, 0);
});

test('metrics without a final status are refused', async () => {
  const group = await service.open(RANDOM);

  const json = { values: VALUES, metrics: { loss: 1 } };
  const { errors } = await group.refused('addExperiment', { json }, 'invalid_request');

  assert.deepEqual(
    errors.map(({ path }) => path),
    ['status'],
  );
});

test('running and queued are no status of a known result', async () => {
  const group = await service.open(RANDOM);

  for (const status of ['running', 'queued']) {
    const json = { values: VALUES, status };
    await group.refused('addExperiment', { json }, 'invalid_request');
  }
});

test('a known result can bring a bare NaN', async () => {
  const group = await service.open(RANDOM);
  const body = `{"values": ${JSON.stringify(VALUES)}, "metrics": {"loss": NaN}, "status": "succeeded"}`;

  const { value } = await service.call('addExperiment', { group: group.id, body });

  assert.equal(value?.objective, 'NaN');
});

test('a done group takes no more experiments', async () => {
  const group = await service.open({ grid_search: { n_experiments: 1 }, matrix: THREE });
  await group.next();
  await group.report(1, { status: 'succeeded' });

  const json = { values: { lr: 0.1 } };
  const problem = await group.refused('addExperiment', { json }, 'group_finished');

  assert.equal(problem.status, 409);
});

test('a stopped group takes experiments, and hands them out when it goes on', async () => {
  const group = await service.open({ matrix: THREE });
  await group.stop();

  await group.add({ values: { lr: 0.15 } });

  assert.equal((await group.read()).status, 'stopped');
  await group.resume();
  assert.deepEqual((await group.next()).values, { lr: 0.15 });
});

test('1,000 own experiments can wait, not more', async () => {
  const group = await service.open({ matrix: THREE });
  const add = (): Promise<unknown> => group.add({ values: { lr: 0.15 } });
  for (let i = 0; i < 100; i++) await Promise.all(Array.from({ length: 10 }, add));

  const json = { values: { lr: 0.15 } };
  const problem = await group.refused('addExperiment', { json }, 'too_many_queued');

  assert.equal(problem.status, 409);
  assert.equal((await group.experiments({ status: 'queued' })).length, 1_000);
  await group.add({ ...json, status: 'failed' });
  await group.next();
  await group.add(json);
});

test('own experiments that are added at once all get a number of their own', async () => {
  const group = await service.open({ matrix: THREE });

  const added = await Promise.all(
    Array.from({ length: 20 }, () => group.add({ values: { lr: 0.15 } })),
  );

  const numbers = added.map(({ number }) => number).toSorted((a, b) => a - b);
  assert.deepEqual(
    numbers,
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
});

test('an own experiment whose lease lapsed is handed out again like any other', async () => {
  const group = await service.open({ lease_seconds: 60, matrix: THREE });
  await group.add({ values: { lr: 0.15 } });
  await group.next();
  service.pass(61);

  const again = await group.next();

  assert.equal(again.attempt, 2);
  assert.deepEqual(again.values, { lr: 0.15 });
});

test('the explanation of an own experiment says that the values are the caller’s', async () => {
  const group = await service.open(RANDOM);
  await group.add({ values: VALUES });
  await group.next();
  await group.report(1, { status: 'failed' });
  await group.next();

  const own = await service.done('explain', { group: group.id, number: 1 });
  const search = await service.done('explain', { group: group.id, number: 2 });

  assert.equal(own.source, 'caller');
  assert.equal(own.index, null);
  assert.match(own.detail, /caller/);
  assert.equal(search.source, 'random');
  assert.equal(search.index, 0);
  assert.equal(search.seed, (await group.read()).hptuning['seed']);
  assert.equal(search.rung, null);
  assert.equal(search.surrogate, null);
  assert.deepEqual(search.pending, []);
});
