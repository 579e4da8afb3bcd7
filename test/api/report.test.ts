import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { GroupClient } from '../helpers/service.ts';
import { expiryOf, LOSS, startService, THREE, tokenOf } from '../helpers/service.ts';

const service = await startService();
after(service.close);

/** A group whose first experiment is running. */
async function started(hptuning: object = {}): Promise<GroupClient> {
  const group = await service.open({ concurrency: 3, matrix: THREE, ...hptuning });
  await group.next();
  return group;
}

const SEARCH = { grid_search: { metric: LOSS } } as const;

test('an empty report is a heartbeat: it renews the lease and changes nothing else', async () => {
  const group = await started();
  const before = await group.experiment(1);
  service.pass(1_000);

  const { experiment, should_stop, stop_reason } = await group.report(1);

  assert.ok(expiryOf(experiment) >= expiryOf(before) + 1_000_000);
  assert.deepEqual({ ...experiment, lease: null }, { ...before, lease: null });
  assert.equal(tokenOf(experiment), tokenOf(before));
  assert.equal(should_stop, false);
  assert.equal(stop_reason, null);
});

test('a report without a body is a heartbeat', async () => {
  const group = await started();

  const { status } = await service.call('report', { group: group.id, number: 1 });

  assert.equal(status, 200);
});

test('every report renews the lease', async () => {
  const group = await started({ lease_seconds: 100 });
  for (let step = 0; step < 5; step++) {
    service.pass(90);

    await group.report(1, { metrics: { loss: 1 }, step });
  }

  assert.equal((await group.experiment(1)).status, 'running');
  assert.equal((await group.experiment(1)).attempt, 1);
});

for (const status of ['succeeded', 'failed', 'infeasible', 'stopped'] as const) {
  test(`a report can end an experiment as ${status}`, async () => {
    const group = await started();

    const { experiment, should_stop } = await group.report(1, { status, message: 'over' });

    assert.equal(experiment.status, status);
    assert.equal(experiment.lease, null);
    assert.equal(experiment.message, 'over');
    assert.notEqual(experiment.finished_at, null);
    assert.equal(should_stop, false);
    assert.equal((await group.read()).progress[status], 1);
  });
}

test('checkpoint and message stay until others come', async () => {
  const group = await started();
  await group.report(1, { checkpoint: 's3://a/1', message: 'first' });
  await group.report(1, { metrics: { loss: 1 } });
  await group.report(1, { checkpoint: 's3://a/2' });

  const { checkpoint, message } = await group.experiment(1);

  assert.equal(checkpoint, 's3://a/2');
  assert.equal(message, 'first');
});

test('metrics are summed up by last, min, max, step and count', async () => {
  const group = await started(SEARCH);
  for (const [step, loss] of [0.5, 0.2, 0.9].entries()) {
    await group.report(1, { metrics: { loss, acc: 1 - loss }, step });
  }

  const { metrics, objective } = await group.experiment(1);

  assert.deepEqual(metrics, {
    loss: { last: 0.9, min: 0.2, max: 0.9, step: 2, count: 3 },
    acc: { last: 1 - 0.9, min: 1 - 0.9, max: 0.8, step: 2, count: 3 },
  });
  assert.equal(objective, 0.9);
});

test('the last value is the one at the greatest step, in whatever order steps arrive', async () => {
  const group = await started();
  for (const step of [1, 9, 4]) await group.report(1, { metrics: { loss: step * 10 }, step });

  const { loss } = (await group.experiment(1)).metrics;

  assert.deepEqual(loss, { last: 90, min: 10, max: 90, step: 9, count: 3 });
});

test('a value without a step is the last one when it arrives last', async () => {
  const group = await started();
  await group.report(1, { metrics: { loss: 3 }, step: 7 });

  await group.report(1, { metrics: { loss: 5 } });

  const { loss } = (await group.experiment(1)).metrics;
  assert.deepEqual(loss, { last: 5, min: 3, max: 5, step: 7, count: 2 });
});

test('a step is any finite number from 0', async () => {
  const group = await started();
  for (const step of [0, 0.5, 1e300]) await group.report(1, { metrics: { loss: step }, step });

  assert.equal((await group.experiment(1)).metrics['loss']?.last, 1e300);
});

test('a value that is not finite is data: it is kept, and min, max and best skip it', async () => {
  const group = await started(SEARCH);
  for (const [step, loss] of ['NaN', 'Infinity', '-Infinity', 2, 'NaN'].entries()) {
    await group.report(1, { metrics: { loss }, step });
  }

  const { experiment } = await group.report(1, { status: 'succeeded' });

  assert.deepEqual(experiment.metrics['loss'], { last: 'NaN', min: 2, max: 2, step: 4, count: 5 });
  assert.equal(experiment.objective, 'NaN');
  assert.equal((await group.read()).best, null);
});

test('bare NaN and Infinity are understood as Python writes them, text in quotes stays', async () => {
  const group = await started();
  const body =
    '{"metrics": {"a": NaN, "b": Infinity, "c": -Infinity, "NaN": 1}, "message": "NaN \\" -Infinity"}';

  const { value } = await service.call('report', { group: group.id, number: 1, body });

  const last = Object.entries(value?.experiment.metrics ?? {}).map(([name, metric]) => [
    name,
    metric.last,
  ]);
  assert.deepEqual(last, [
    ['a', 'NaN'],
    ['b', 'Infinity'],
    ['c', '-Infinity'],
    ['NaN', 1],
  ]);
  assert.equal(value?.experiment.message, 'NaN " -Infinity');
});

test('succeeded without ever having reported the metric of the search is refused, and runs on', async () => {
  const group = await started(SEARCH);
  await group.report(1, { metrics: { acc: 0.5 }, step: 1 });
  const sent = { number: 1, json: { metrics: { acc: 0.9 }, step: 1, status: 'succeeded' } };

  const problem = await group.refused('report', sent, 'metric_missing');

  assert.equal(problem.status, 422);
  assert.match(problem.detail, /"loss".*"acc"/s);
  assert.equal(problem.errors[0]?.path, 'metrics.loss');
  const experiment = await group.experiment(1);
  assert.equal(experiment.status, 'running');
  assert.equal(experiment.metrics['acc']?.last, 0.5, 'nothing of a refused report is kept');
  const measurements = await group.measurements(1);
  assert.deepEqual(
    measurements.map(({ value }) => value),
    [0.5],
  );
  await group.report(1, { metrics: { loss: 1 }, status: 'succeeded' });
});

test('the metric of the search can have come before the end', async () => {
  const group = await started(SEARCH);
  await group.report(1, { metrics: { loss: 0.5 }, step: 1 });

  const { experiment } = await group.report(1, { status: 'succeeded' });

  assert.equal(experiment.objective, 0.5);
});

for (const name of [
  'constructor',
  'toString',
  'hasOwnProperty',
  'loss.val/top-1 (%)',
  'ℒ',
  '👩‍🔬',
]) {
  test(`${name} is a name of a metric like any other`, async () => {
    const group = await started({ grid_search: { metric: { ...LOSS, name } } });
    await group.refused('report', { number: 1, json: { status: 'succeeded' } }, 'metric_missing');
    await group.report(1, { metrics: { loss: 1 }, step: 1 });
    await group.report(1, { metrics: { [name]: 3 }, step: 1 });
    await group.report(1, { metrics: { [name]: 2 }, step: 1 });

    const { experiment } = await group.report(1, { status: 'succeeded' });

    assert.deepEqual(experiment.metrics[name], { last: 2, min: 2, max: 2, step: 1, count: 1 });
    assert.equal(experiment.objective, 2);
    assert.equal((await group.measurements(1)).length, 2);
  });
}

test('failed, infeasible and stopped need no metric', async () => {
  const group = await service.open({ concurrency: 3, matrix: THREE, ...SEARCH });
  await group.suggest({ count: 3 });

  for (const [index, status] of ['failed', 'infeasible', 'stopped'].entries()) {
    assert.equal((await group.report(index + 1, { status })).experiment.status, status);
  }
});

test('the same report with a step twice changes nothing', async () => {
  const group = await started(SEARCH);
  const report = { metrics: { loss: 0.5 }, step: 3, message: 'm', checkpoint: 'c' };
  const first = await group.report(1, report);

  const second = await group.report(1, report);

  assert.deepEqual(second.experiment.metrics, first.experiment.metrics);
  assert.equal((await group.measurements(1)).length, 1);
});

test('the same end twice is harmless, with its metrics and without', async () => {
  const group = await started(SEARCH);
  const end = { metrics: { loss: 0.5, acc: 1 }, status: 'succeeded' };
  const first = await group.report(1, end);

  const again = [
    await group.report(1, end),
    await group.report(1, { status: 'succeeded' }),
    await group.report(1),
  ];

  for (const { experiment } of again) assert.deepEqual(experiment, first.experiment);
  assert.equal((await group.measurements(1)).length, 2);
  assert.equal((await group.read()).progress.succeeded, 1);
});

test('a different end than the one on record is refused', async () => {
  const group = await started();
  await group.report(1, { status: 'succeeded' });

  const sent = { number: 1, json: { status: 'failed' } };
  const problem = await group.refused('report', sent, 'experiment_finished');

  assert.equal(problem.status, 409);
  assert.match(problem.detail, /succeeded/);
  assert.equal((await group.experiment(1)).status, 'succeeded');
});

test('new metrics after the end are refused, those on record are not', async () => {
  const group = await started();
  await group.report(1, { metrics: { loss: 2 }, step: 1 });
  await group.report(1, { metrics: { loss: 1 }, step: 2, status: 'succeeded' });

  const after = { number: 1, json: { metrics: { loss: 0 }, step: 3 } };
  const changed = { number: 1, json: { metrics: { loss: 0 }, step: 1 } };
  await group.refused('report', after, 'experiment_finished');
  await group.refused('report', changed, 'experiment_finished');
  await group.report(1, { metrics: { loss: 2 }, step: 1 });

  assert.equal((await group.measurements(1)).length, 2);
});

test('without a lease token a report counts as that of the current holder', async () => {
  const group = await started();
  await group.report(1, { metrics: { loss: 1 } });

  const { experiment } = await group.report(1, { status: 'succeeded' });

  assert.equal(experiment.status, 'succeeded');
});

test('a report on an experiment that nobody was handed is refused', async () => {
  const group = await service.open({ matrix: THREE });
  const { number } = await group.add({ values: { lr: 0.1 } });

  const problem = await group.refused('report', { number, json: {} }, 'experiment_not_running');

  assert.equal(problem.status, 409);
});

test('a made-up lease token, and that of another experiment, prove nothing', async () => {
  const group = await started();
  const other = await group.next();

  for (const lease_token of ['lse_1_abcdefghijklmnopqrstuv', 'x', tokenOf(other)]) {
    await group.refused('report', { number: 1, json: { lease_token } }, 'lease_lost');
  }
});

test('a report on an unknown number is answered with 404', async () => {
  const group = await started();

  for (const number of [2, 0, -1, 1.5, 'one', '01', '99999999999']) {
    const problem = await group.refused('report', { number, json: {} }, 'experiment_not_found');
    assert.equal(problem.status, 404);
  }
});

test('measurements bring the numbers of many steps at once', async () => {
  const group = await started();
  const measurements = [3, 1, 2].map((step) => ({ step, metrics: { loss: step * 10 } }));

  const { experiment } = await group.report(1, { measurements, metrics: { loss: 40 }, step: 4 });

  assert.deepEqual(experiment.metrics['loss'], { last: 40, min: 10, max: 40, step: 4, count: 4 });
  const listed = await group.measurements(1);
  assert.deepEqual(listed.map(({ value }) => value).toSorted(), [10, 20, 30, 40]);
});

test('500 measurements with 100 metrics are one report', async () => {
  const group = await started();
  const names = Array.from({ length: 100 }, (_, i) => `m${i}`);
  const measurements = Array.from({ length: 500 }, (_, step) => ({
    step,
    metrics: Object.fromEntries(names.map((name, i) => [name, step * 100 + i])),
  }));

  const { experiment } = await group.report(1, { measurements });

  assert.equal(Object.keys(experiment.metrics).length, 100);
  for (const [i, name] of names.entries()) {
    const max = 49_900 + i;
    assert.deepEqual(experiment.metrics[name], { last: max, min: i, max, step: 499, count: 500 });
  }
  const page = await service.done('listMeasurements', {
    group: group.id,
    number: 1,
    query: { limit: '200' },
  });
  assert.deepEqual(
    page.items.map(({ value }) => value),
    Array.from({ length: 200 }, (_, i) => i),
  );
});

test('a report has at most 500 measurements and 100 metrics', async () => {
  const group = await started();
  const measurements = Array.from({ length: 501 }, (_, step) => ({ step, metrics: { loss: 1 } }));
  const metrics = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`m${i}`, 1]));

  for (const [json, path] of [
    [{ measurements }, 'measurements'],
    [{ metrics }, 'metrics'],
    [{ measurements: [{ metrics }] }, 'measurements[0].metrics'],
  ] as const) {
    const { errors } = await group.refused('report', { number: 1, json }, 'invalid_request');
    assert.deepEqual(
      errors.map((mistake) => mistake.path),
      [path],
    );
    assert.match(errors[0]?.message ?? '', /at most (500|100)/);
  }
  assert.equal((await group.measurements(1)).length, 0);
});

test('an experiment has at most 200 metrics over all its reports', async () => {
  const group = await started();
  for (const part of [0, 1]) {
    const names = Array.from({ length: 100 }, (_, i) => [`m${part}-${i}`, 1]);
    await group.report(1, { metrics: Object.fromEntries(names) });
  }

  const json = { metrics: { 'm0-0': 2, oneTooMany: 1 } };
  const problem = await group.refused('report', { number: 1, json }, 'invalid_request');

  assert.match(problem.detail, /at most 200.*201/);
  assert.equal((await group.measurements(1)).length, 200);
});

const é = 'é';
const LIMITED = [
  {
    what: 'a message of 4 KiB',
    good: { message: é.repeat(2048) },
    bad: { message: `${é.repeat(2048)}x` },
  },
  {
    what: 'a checkpoint of 1 KiB',
    good: { checkpoint: é.repeat(512) },
    bad: { checkpoint: `${é.repeat(512)}x` },
  },
  {
    what: 'metric names of 128 characters',
    good: { metrics: { ['m'.repeat(128)]: 1 } },
    bad: { metrics: { ['m'.repeat(129)]: 1 } },
  },
] as const;

for (const { what, good, bad } of LIMITED) {
  test(`a report can have ${what}, not more`, async () => {
    const group = await started();
    await group.report(1, good);

    const { status, errors } = await group.refused(
      'report',
      { number: 1, json: bad },
      'invalid_request',
    );

    assert.equal(status, 422);
    assert.equal(errors.length, 1);
  });
}

const MISTAKEN = [
  { json: { metrics: { loss: null } }, path: 'metrics.loss' },
  { json: { metrics: { loss: '0.5' } }, path: 'metrics.loss' },
  { json: { metrics: { loss: 'nan' } }, path: 'metrics.loss' },
  { json: { metrics: { loss: [1] } }, path: 'metrics.loss' },
  { json: { metrics: { loss: true } }, path: 'metrics.loss' },
  { json: { metrics: { '': 1 } }, path: 'metrics.' },
  { json: { metrics: { 'a\nb': 1 } }, path: 'metrics.a\nb' },
  { json: { metrics: [1] }, path: 'metrics' },
  { json: { metrics: { loss: 1 }, step: -1 }, path: 'step' },
  { json: { metrics: { loss: 1 }, step: '1' }, path: 'step' },
  { json: { metrics: { loss: 1 }, step: 'NaN' }, path: 'step' },
  { json: { status: 'queued' }, path: 'status' },
  { json: { status: 'success' }, path: 'status' },
  { json: { measurements: [{ step: 1 }] }, path: 'measurements[0].metrics' },
  { json: { measurements: { step: 1 } }, path: 'measurements' },
  { json: { metric: { loss: 1 } }, path: 'metric' },
  { json: { lease_token: 5 }, path: 'lease_token' },
  { json: { checkpoint: 5 }, path: 'checkpoint' },
] as const;

for (const { json, path } of MISTAKEN) {
  test(`a report of ${JSON.stringify(json)} is refused at ${JSON.stringify(path)}`, async () => {
    const group = await started();

    const { errors, status } = await group.refused(
      'report',
      { number: 1, json },
      'invalid_request',
    );

    assert.equal(status, 422);
    assert.deepEqual(
      errors.map((mistake) => mistake.path),
      [path],
    );
  });
}

test('a word close to the right one is named', async () => {
  const group = await started();

  const json = { status: 'succeded', metric: { loss: 1 } };
  const { errors } = await group.refused('report', { number: 1, json }, 'invalid_request');

  const suggested = errors.map(({ path, suggestion }) => [path, suggestion]);
  assert.deepEqual(suggested.toSorted(), [
    ['metric', 'metrics'],
    ['status', 'succeeded'],
  ]);
});

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

test('a lease token as Bearer may report on its experiment', async () => {
  const group = await started();
  const headers = bearer(tokenOf(await group.experiment(1)));
  const at = { group: group.id, number: 1, headers };

  const running = await service.done('report', { ...at, json: { metrics: { loss: 1 } } });
  const ended = await service.done('report', { ...at, json: { status: 'succeeded' } });

  assert.equal(running.experiment.metrics['loss']?.last, 1);
  assert.equal(ended.experiment.status, 'succeeded');
});

test('a lease token as Bearer may give its experiment back', async () => {
  const group = await started();
  const headers = bearer(tokenOf(await group.experiment(1)));

  const { experiment } = await service.done('release', { group: group.id, number: 1, headers });

  assert.equal(experiment.status, 'queued');
});

test('a lease token as Bearer may do nothing else', async () => {
  const group = await started();
  const headers = bearer(tokenOf(await group.experiment(1)));
  const values = { lr: 0.1 };
  const json = { version: 1, kind: 'group', hptuning: { matrix: THREE } };

  for (const problem of [
    await group.refused('readGroup', { headers }, 'forbidden'),
    await group.refused('suggest', { headers, json: {} }, 'forbidden'),
    await group.refused('stopGroup', { headers }, 'forbidden'),
    await group.refused('resumeGroup', { headers }, 'forbidden'),
    await group.refused('deleteGroup', { headers }, 'forbidden'),
    await group.refused('listExperiments', { headers }, 'forbidden'),
    await group.refused('addExperiment', { headers, json: { values } }, 'forbidden'),
    await group.refused('readExperiment', { headers, number: 1 }, 'forbidden'),
    await group.refused('listMeasurements', { headers, number: 1 }, 'forbidden'),
    await group.refused('explain', { headers, number: 1 }, 'forbidden'),
    await group.refused('listEvents', { headers }, 'forbidden'),
    await service.refused('listGroups', { headers }, 'forbidden'),
    await service.refused('createGroup', { headers, json }, 'forbidden'),
    await service.refused('previewGroup', { headers, json }, 'forbidden'),
  ]) {
    assert.equal(problem.status, 403);
  }
});

test('a lease token as Bearer is no key to another experiment', async () => {
  const group = await started();
  const headers = bearer(tokenOf(await group.experiment(1)));
  const { number, lease } = await group.next();

  await group.refused('report', { number, headers, json: {} }, 'forbidden');
  const json = { lease_token: lease?.token };
  await group.refused('report', { number, headers, json }, 'forbidden');
  await group.refused('report', { number: 1, headers, json }, 'forbidden');
  await group.refused('release', { number, headers, json: {} }, 'forbidden');
});

test('health and the contract need no key, whatever is sent as one', async () => {
  for (const authorization of ['Bearer lse_1_x', 'Bearer', 'Basic YTpi']) {
    assert.equal((await service.done('health', { headers: { authorization } })).status, 'ok');
    await service.done('openapi', { headers: { authorization } });
  }
});

test('reports that come at once are all recorded', async () => {
  const group = await started();

  await Promise.all(
    Array.from({ length: 40 }, (_, step) => group.report(1, { metrics: { loss: step }, step })),
  );

  const { metrics } = await group.experiment(1);
  assert.deepEqual(metrics['loss'], { last: 39, min: 0, max: 39, step: 39, count: 40 });
  assert.equal((await group.measurements(1)).length, 40);
});
