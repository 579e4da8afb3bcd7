import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { LOSS, startService, THREE } from '../helpers/service.ts';

const service = await startService();
after(service.close);

const DOCUMENT = {
  version: 1,
  kind: 'group',
  name: 'digits',
  description: 'the digits of the archive',
  tags: ['digits', 'night'],
  declarations: { batch_size: 128 },
  hptuning: {
    concurrency: 2,
    random_search: { n_experiments: 5, metric: LOSS },
    matrix: { lr: { uniform: '0:1' }, units: { values: [16, 32] } },
  },
  run: { cmd: 'train --batch={{ batch_size }} --lr={{ lr }} --units={{ units }}' },
};

const YAML = `
version: 1
kind: group
name: digits
hptuning:
  seed: 7
  matrix:
    lr: {range: [0.1, 0.35, 0.1]}
    relu: {values: [true, false]}
run:
  cmd: train --lr={{ lr }} \\
    --relu={{ relu }}
`;

const YAML_AS_JSON = {
  version: 1,
  kind: 'group',
  name: 'digits',
  hptuning: {
    seed: 7,
    matrix: { lr: { range: [0.1, 0.35, 0.1] }, relu: { values: [true, false] } },
  },
  run: { cmd: 'train --lr={{ lr }} \\\n--relu={{ relu }}' },
};

test('a created group is answered with 201, its Location and what reading it gives', async () => {
  const created = await service.call('createGroup', { json: DOCUMENT });

  assert.equal(created.status, 201);
  assert.equal(created.headers.get('location'), `/v1/groups/${created.value?.id}`);
  const read = await service.done('readGroup', { group: created.value?.id ?? '' });
  assert.deepEqual(read, created.value);
});

test('a group shows its document as it was sent, and what it means', async () => {
  const group = await service.done('createGroup', { json: DOCUMENT });

  assert.match(group.id, /^grp_[0-9a-z]{26}$/);
  assert.equal(group.name, 'digits');
  assert.equal(group.description, 'the digits of the archive');
  assert.deepEqual(group.tags, ['digits', 'night']);
  assert.equal(group.status, 'running');
  assert.equal(group.status_reason, null);
  assert.equal(group.algorithm, 'random');
  assert.match(group.algorithm_detail, /random search: 5 /);
  assert.deepEqual(group.spec, DOCUMENT);
  assert.deepEqual(group.warnings, []);
  assert.equal(group.best, null);
  assert.equal(group.finished_at, null);
  assert.deepEqual(group.progress, {
    planned: 5,
    queued: 0,
    running: 0,
    succeeded: 0,
    failed: 0,
    infeasible: 0,
    stopped: 0,
  });
});

test('the defaults of a document are filled in and shown, the drawn seed too', async () => {
  const groups = await Promise.all([
    service.open({ matrix: THREE }),
    service.open({ matrix: THREE }),
  ]);

  const [first, second] = await Promise.all(groups.map((group) => group.read()));

  const { seed, ...rest } = first?.hptuning ?? {};
  assert.deepEqual(rest, {
    concurrency: 1,
    lease_seconds: 3_600,
    max_attempts: 3,
    retry_failed: false,
    max_failures: null,
    dispatch: 'pull',
    grid_search: { n_experiments: null, metric: null },
    matrix: THREE,
    early_stopping: [],
  });
  assert.ok(Number.isSafeInteger(seed));
  assert.notEqual(seed, second?.hptuning['seed']);
  assert.equal(first?.name, null);
  assert.equal(first?.description, null);
  assert.deepEqual(first?.tags, []);
});

test('0 is a seed like any other, and so is the greatest exact integer', async () => {
  for (const seed of [0, Number.MAX_SAFE_INTEGER]) {
    const group = await service.open({ seed, matrix: THREE });

    assert.equal((await group.read()).hptuning['seed'], seed);
  }
});

for (const type of [
  'application/yaml',
  'text/yaml',
  'application/x-yaml',
  'text/yaml; charset=utf-8',
  'Application/YAML',
]) {
  test(`a polyaxonfile sent as ${type} is the same group as its JSON`, async () => {
    const { value } = await service.call('createGroup', { body: YAML, type });

    assert.deepEqual(value?.spec, YAML_AS_JSON);
    const group = service.of(value?.id ?? '');
    assert.equal((await group.next()).command, 'train --lr=0.1 --relu=true');
  });
}

test('ids of groups sort by the time at which they were created', async () => {
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.push((await service.open({ matrix: THREE })).id);

  assert.deepEqual(ids, [...ids].sort());
});

test('a group without run has experiments without a command', async () => {
  const group = await service.open({ matrix: THREE });

  assert.equal((await group.next()).command, null);
});

test('a command is rendered with the values of its experiment, which win over declarations', async () => {
  const group = await service.open(
    { matrix: { lr: { values: [0.1] }, layers: { values: [[16, 32]] }, relu: { values: [true] } } },
    {
      declarations: { lr: 5, batch_size: 128 },
      run: { cmd: 'train {{lr}} {{ batch_size }} {{ layers }} {{ relu }}' },
    },
  );

  const experiment = await group.next();

  assert.equal(experiment.command, 'train 0.1 128 [16,32] true');
  assert.deepEqual(experiment.declarations, { lr: 5, batch_size: 128 });
});

test('progress counts the experiments of each status', async () => {
  const group = await service.open({
    concurrency: 10,
    random_search: { n_experiments: 8 },
    matrix: { x: { uniform: [0, 1] } },
  });
  await group.suggest({ count: 6 });
  await group.report(1, { status: 'succeeded' });
  await group.report(2, { status: 'failed' });
  await group.report(3, { status: 'infeasible' });
  await group.report(4, { status: 'stopped' });
  await group.add({ values: { x: 0.5 } });

  const { progress } = await group.read();

  assert.deepEqual(progress, {
    planned: 8,
    queued: 1,
    running: 2,
    succeeded: 1,
    failed: 1,
    infeasible: 1,
    stopped: 1,
  });
});

const OPTIMIZATIONS = [
  { optimization: 'minimize', best: 2, value: -1 },
  { optimization: 'maximize', best: 3, value: 5 },
] as const;

for (const { optimization, best, value } of OPTIMIZATIONS) {
  test(`the best experiment of a group that shall ${optimization} follows the metric`, async () => {
    const group = await service.open({
      concurrency: 3,
      grid_search: { metric: { name: 'loss', optimization } },
      matrix: THREE,
    });
    const { experiments } = await group.suggest({ count: 3 });
    await group.report(1, { metrics: { loss: 0.5 }, status: 'succeeded' });
    await group.report(2, { metrics: { loss: -1 }, status: 'succeeded' });
    await group.report(3, { metrics: { loss: 5 }, status: 'succeeded' });

    const shown = await group.read();

    const values = experiments[best - 1]?.values;
    assert.deepEqual(shown.best, { number: best, metric: 'loss', value, values });
  });
}

test('a value that is not finite is never the best', async () => {
  const group = await service.open({
    concurrency: 3,
    grid_search: { metric: LOSS },
    matrix: THREE,
  });
  await group.suggest({ count: 3 });
  await group.report(1, { metrics: { loss: '-Infinity' }, status: 'succeeded' });
  await group.report(2, { metrics: { loss: 'NaN' }, status: 'succeeded' });
  assert.equal((await group.read()).best, null);

  await group.report(3, { metrics: { loss: 1e300 }, status: 'succeeded' });

  assert.equal((await group.read()).best?.number, 3);
});

test('of equal values the lower number is the best, whichever came first', async () => {
  const group = await service.open({
    concurrency: 3,
    grid_search: { metric: LOSS },
    matrix: THREE,
  });
  await group.suggest({ count: 3 });
  for (const number of [3, 1, 2]) {
    await group.report(number, { metrics: { loss: 1 }, status: 'succeeded' });
  }

  assert.equal((await group.read()).best?.number, 1);
});

test('failed and infeasible experiments are never the best', async () => {
  const group = await service.open({
    concurrency: 3,
    grid_search: { metric: LOSS },
    matrix: THREE,
  });
  await group.suggest({ count: 3 });
  await group.report(1, { metrics: { loss: 0 }, status: 'failed' });
  await group.report(2, { metrics: { loss: 0 }, status: 'infeasible' });

  assert.equal((await group.read()).best, null);
});

test('without a metric there is no best and no objective', async () => {
  const group = await service.open({ matrix: THREE });
  await group.next();

  const { experiment } = await group.report(1, { metrics: { loss: 1 }, status: 'succeeded' });

  assert.equal(experiment.objective, null);
  assert.equal((await group.read()).best, null);
});

test('the metric of the first early stopping rule stands in for one that is not named', async () => {
  const group = await service.open({
    matrix: THREE,
    early_stopping: [
      { metric: 'accuracy', value: 0.9 },
      { metric: 'loss', value: 0 },
    ],
  });
  await group.next();
  await group.report(1, { metrics: { accuracy: 0.5, loss: 3 }, status: 'succeeded' });

  const { best } = await group.read();

  assert.equal(best?.metric, 'accuracy');
  assert.equal(best?.value, 0.5);
});

test('a group whose experiments have all ended is done, exhausted', async () => {
  const group = await service.open({ matrix: THREE });
  for (let i = 0; i < 3; i++) {
    const { number } = await group.next();
    await group.report(number, { status: 'succeeded' });
  }

  const done = await group.read();

  assert.equal(done.status, 'done');
  assert.equal(done.status_reason?.code, 'exhausted');
  assert.notEqual(done.finished_at, null);
});

test('a group that is stopped while nothing runs is stopped at once', async () => {
  const group = await service.open({ matrix: THREE });

  const stopped = await group.stop();

  assert.equal(stopped.status, 'stopped');
  assert.equal(stopped.status_reason?.code, 'requested');
  assert.notEqual(stopped.finished_at, null);
});

test('a stopped group tells its running experiments to stop, and is stopping until they have', async () => {
  const group = await service.open({ concurrency: 2, matrix: THREE });
  await group.suggest({ count: 2 });

  const stopping = await group.stop();

  assert.equal(stopping.status, 'stopping');
  assert.equal(stopping.status_reason?.code, 'requested');
  assert.equal(stopping.finished_at, null);
  const heartbeat = await group.report(1);
  assert.equal(heartbeat.should_stop, true);
  assert.equal(heartbeat.stop_reason?.code, 'requested');
  const none = await group.suggest();
  assert.deepEqual(none.experiments, []);
  assert.equal(none.group_status, 'stopping');
  await group.report(1, { status: 'stopped' });
  assert.equal((await group.read()).status, 'stopping');
  await group.report(2, { status: 'succeeded' });
  assert.equal((await group.read()).status, 'stopped');
});

test('a requested stop keeps queued experiments, and resume goes on with them', async () => {
  const group = await service.open({ matrix: THREE });
  await group.add({ values: { lr: 0.25 } });

  const stopped = await group.stop();

  assert.equal(stopped.progress.queued, 1);
  const resumed = await group.resume();
  assert.equal(resumed.status, 'running');
  assert.equal(resumed.status_reason, null);
  assert.equal(resumed.finished_at, null);
  assert.deepEqual((await group.next()).values, { lr: 0.25 });
});

test('a group that is still stopping can be resumed: its experiments go on', async () => {
  const group = await service.open({ concurrency: 2, matrix: THREE });
  await group.next();
  await group.stop();

  const resumed = await group.resume();

  assert.equal(resumed.status, 'running');
  assert.equal((await group.report(1)).should_stop, false);
  assert.equal((await group.next()).number, 2);
});

test('stop changes nothing where it has stopped or is done, resume nothing where it runs', async () => {
  const stopped = await service.open({ matrix: THREE });
  const done = await service.open({ grid_search: { n_experiments: 1 }, matrix: THREE });
  const running = await service.open({ matrix: THREE });
  await stopped.stop();
  await done.next();
  await done.report(1, { status: 'succeeded' });

  const cases = [
    { before: await stopped.read(), after: await stopped.stop() },
    { before: await done.read(), after: await done.stop() },
    { before: await running.read(), after: await running.resume() },
  ];

  for (const { before, after } of cases) assert.deepEqual(after, before);
});

test('a done group cannot be resumed', async () => {
  const group = await service.open({ grid_search: { n_experiments: 1 }, matrix: THREE });
  await group.next();
  await group.report(1, { status: 'succeeded' });

  const problem = await group.refused('resumeGroup', {}, 'group_finished');

  assert.equal(problem.status, 409);
});

test('more failures than max_failures stop the group', async () => {
  const group = await service.open({
    concurrency: 4,
    max_failures: 1,
    random_search: { n_experiments: 10 },
    matrix: { x: { uniform: [0, 1] } },
  });
  await group.suggest({ count: 4 });
  await group.report(1, { status: 'failed' });
  assert.equal((await group.read()).status, 'running');

  await group.report(2, { status: 'failed' });

  const stopping = await group.read();
  assert.equal(stopping.status, 'stopping');
  assert.equal(stopping.status_reason?.code, 'too_many_failures');
  const told = await group.report(3);
  assert.equal(told.should_stop, true);
  assert.equal(told.stop_reason?.code, 'too_many_failures');
  await group.report(3, { status: 'stopped' });
  await group.report(4, { status: 'stopped' });
  assert.equal((await group.read()).status, 'stopped');
});

test('max_failures 0 stops the group at the first failure', async () => {
  const group = await service.open({ max_failures: 0, matrix: THREE });
  await group.next();

  await group.report(1, { status: 'failed' });

  const stopped = await group.read();
  assert.equal(stopped.status, 'stopped');
  assert.equal(stopped.status_reason?.code, 'too_many_failures');
});

test('a group stopped by failures can be resumed, and counts failures anew', async () => {
  const group = await service.open({ max_failures: 0, matrix: THREE });
  await group.next();
  await group.report(1, { status: 'failed' });

  assert.equal((await group.resume()).status, 'running');

  await group.next();
  await group.report(2, { status: 'failed' });
  assert.equal((await group.read()).status, 'stopped');
});

test('a resumed group that has nothing left is done', async () => {
  const group = await service.open({ grid_search: { n_experiments: 1 }, matrix: THREE });
  await group.next();
  await group.stop();
  await group.report(1, { status: 'succeeded' });
  assert.equal((await group.read()).status, 'stopped');

  const resumed = await group.resume();

  assert.equal(resumed.status, 'done');
  assert.equal(resumed.status_reason?.code, 'exhausted');
});

test('a deleted group is gone for every call', async () => {
  const group = await service.open({ concurrency: 2, matrix: THREE });
  await group.next();
  await group.add({ values: { lr: 0.1 } });

  const { status, text } = await service.call('deleteGroup', { group: group.id });

  assert.equal(status, 204);
  assert.equal(text, '');
  const values = { lr: 0.1 };
  for (const problem of [
    await group.refused('readGroup', {}, 'group_not_found'),
    await group.refused('deleteGroup', {}, 'group_not_found'),
    await group.refused('suggest', { json: {} }, 'group_not_found'),
    await group.refused('stopGroup', {}, 'group_not_found'),
    await group.refused('resumeGroup', {}, 'group_not_found'),
    await group.refused('listExperiments', {}, 'group_not_found'),
    await group.refused('addExperiment', { json: { values } }, 'group_not_found'),
    await group.refused('readExperiment', { number: 1 }, 'group_not_found'),
    await group.refused('report', { number: 1, json: {} }, 'group_not_found'),
    await group.refused('release', { number: 1, json: {} }, 'group_not_found'),
    await group.refused('listMeasurements', { number: 1 }, 'group_not_found'),
    await group.refused('explain', { number: 1 }, 'group_not_found'),
    await group.refused('listEvents', {}, 'group_not_found'),
  ]) {
    assert.equal(problem.status, 404);
  }
  const { items } = await service.done('listGroups', { query: { limit: '200' } });
  assert.ok(items.every(({ id }) => id !== group.id));
});

test('a call that waits for a group learns at once that it was deleted', async () => {
  const group = await service.open({ matrix: THREE });
  await group.next();
  const waiting = group.refused('suggest', { json: { wait_seconds: 20 } }, 'group_not_found');

  await group.delete();

  await waiting;
});

test('all mistakes of a document come back together, each with its path', async () => {
  const json = {
    version: 2,
    kind: 'group',
    nmae: 'digits',
    hptuning: {
      concurency: 2,
      random_search: { n_experiments: 0 },
      matrix: { lr: { range: [2, 1, 0.1] }, dropout: { unifrom: [0, 1] } },
    },
    run: { cmd: 'train {{ learning_rate }}' },
  };

  const { errors, status } = await service.refused('createGroup', { json }, 'invalid_document');

  assert.equal(status, 422);
  const paths = new Map(errors.map((mistake) => [mistake.path, mistake]));
  for (const path of [
    'version',
    'nmae',
    'hptuning.concurency',
    'hptuning.random_search.n_experiments',
    'hptuning.matrix.lr.range',
    'hptuning.matrix.dropout.unifrom',
    'run.cmd',
  ]) {
    const found = [...paths.keys()].find((known) => known.startsWith(path));
    assert.notEqual(found, undefined, `${path} among ${[...paths.keys()].join(', ')}`);
  }
  assert.equal(paths.get('nmae')?.suggestion, 'name');
  assert.equal(paths.get('hptuning.concurency')?.suggestion, 'concurrency');
  assert.match(paths.get('hptuning.concurency')?.message ?? '', /concurrency/);
});

test('what this version does not do is refused, never accepted and ignored', async () => {
  const metric = LOSS;
  const resource = { name: 'epochs', type: 'int' };
  const matrix = { lr: { uniform: [0, 1] } };
  const utility_function = { acquisition_function: 'ucb', kappa: 1.2 };
  const cases = [
    { hptuning: { matrix, hyperband: { max_iter: 9, eta: 3, resource, metric } }, is: 'hyperband' },
    {
      hptuning: { matrix, hyperband: { max_iter: 9, eta: 3, resource, metric, model: true } },
      is: 'hyperband',
    },
    {
      hptuning: {
        matrix,
        bo: { n_initial_trials: 2, n_iterations: 3, metric, utility_function },
      },
      is: 'bo',
    },
    { hptuning: { matrix, auto: { n_experiments: 5, metric } }, is: 'auto' },
    {
      hptuning: { matrix, asha: { max_iter: 9, eta: 3, resource, metric, n_experiments: 5 } },
      is: 'asha',
    },
    {
      hptuning: { matrix, dispatch: 'push', random_search: { n_experiments: 5 } },
      is: 'random',
    },
  ];
  for (const { hptuning, is } of cases) {
    for (const operation of ['createGroup', 'previewGroup'] as const) {
      const json = { version: 1, kind: 'group', hptuning };

      const { problem, value } = await service.call(operation, { json });

      if (problem === null) {
        assert.equal(value.algorithm, is);
        if ('hptuning' in value)
          assert.equal(value.hptuning['dispatch'], 'dispatch' in hptuning ? 'push' : 'pull');
      } else {
        assert.equal(problem.code, 'not_supported');
        assert.equal(problem.status, 422);
        assert.equal(problem.errors[0]?.code, 'not_supported');
      }
    }
  }
});

test('traps of the matrix are warned of in the answer', async () => {
  const group = await service.open({
    random_search: { n_experiments: 3 },
    matrix: {
      lr: { logspace: '0.01:0.1:5' },
      activation: {
        pvalues: [
          ['relu', 0.1],
          ['sigmoid', 0.8],
        ],
      },
    },
  });

  const { warnings } = await group.read();

  assert.deepEqual(
    warnings.map(({ path }) => path.split('.').slice(0, 3).join('.')),
    ['hptuning.matrix.lr', 'hptuning.matrix.activation'],
  );
  assert.match(warnings[0]?.message ?? '', /1\.0233.*geomspace/s);
  assert.match(warnings[1]?.message ?? '', /0\.9/);
});

const LIMITED = [
  {
    what: 'a name of 128 characters',
    good: { name: 'n'.repeat(128) },
    bad: { name: 'n'.repeat(129) },
    path: 'name',
  },
  {
    what: 'tags of 64 characters',
    good: { tags: ['t'.repeat(64)] },
    bad: { tags: ['t'.repeat(65)] },
    path: 'tags[0]',
  },
  {
    what: '20 tags',
    good: { tags: Array.from({ length: 20 }, (_, i) => `t${i}`) },
    bad: { tags: Array.from({ length: 21 }, (_, i) => `t${i}`) },
    path: 'tags',
  },
] as const;

for (const { what, good, bad, path } of LIMITED) {
  test(`a group can have ${what}, not more`, async () => {
    await service.open({ matrix: THREE }, good);

    const json = { version: 1, kind: 'group', hptuning: { matrix: THREE }, ...bad };
    const { errors } = await service.refused('createGroup', { json }, 'invalid_document');

    assert.deepEqual(
      errors.map((mistake) => mistake.path),
      [path],
    );
  });
}
