import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { GroupClient } from '../helpers/service.ts';
import { startService, THREE, tokenOf } from '../helpers/service.ts';

const service = await startService();
after(service.close);

const RULES = [
  { metric: 'accuracy', value: 0.9 },
  { metric: 'loss', value: 0.05, optimization: 'minimize' },
] as const;

/** A group with both rules, whose first two experiments are running. */
async function started(hptuning: object = {}): Promise<GroupClient> {
  const group = await service.open({
    concurrency: 2,
    matrix: THREE,
    early_stopping: RULES,
    ...hptuning,
  });
  await group.suggest({ count: 2 });
  return group;
}

const HITS = [
  { metrics: { accuracy: 0.9 }, why: 'a value equal to the bound of maximize' },
  { metrics: { accuracy: 0.95 }, why: 'a value above the bound of maximize' },
  { metrics: { loss: 0.05 }, why: 'a value equal to the bound of minimize' },
  { metrics: { loss: -3 }, why: 'a value below the bound of minimize' },
  { metrics: { accuracy: 0.1, loss: 0.01 }, why: 'the second of two rules' },
] as const;

for (const { metrics, why } of HITS) {
  test(`${why} stops the group early, in the middle of an experiment`, async () => {
    const group = await started();

    const { should_stop, stop_reason, experiment } = await group.report(1, { metrics, step: 1 });

    assert.equal(experiment.status, 'running');
    assert.equal(should_stop, true);
    assert.equal(stop_reason?.code, 'early_stopping');
    const stopping = await group.read();
    assert.equal(stopping.status, 'stopping');
    assert.equal(stopping.status_reason?.code, 'early_stopping');
  });
}

const MISSES = [
  { metrics: { accuracy: 0.89999 }, why: 'a value below the bound of maximize' },
  { metrics: { loss: 0.0501 }, why: 'a value above the bound of minimize' },
  { metrics: { accuracy: 'Infinity' }, why: 'infinity' },
  { metrics: { loss: '-Infinity' }, why: 'minus infinity' },
  { metrics: { accuracy: 'NaN', loss: 'NaN' }, why: 'NaN' },
  { metrics: { f1: 1 }, why: 'a metric without a rule' },
] as const;

for (const { metrics, why } of MISSES) {
  test(`${why} stops nothing`, async () => {
    const group = await started();

    assert.equal((await group.report(1, { metrics })).should_stop, false);

    assert.equal((await group.read()).status, 'running');
  });
}

test('the reason names the rule, the experiment and the value', async () => {
  const group = await started();
  await group.report(2, { metrics: { loss: 0.0125 } });

  const { status_reason } = await group.read();

  assert.match(status_reason?.detail ?? '', /experiment 2 .*loss = 0\.0125.*loss <= 0\.05/);
});

test('the last value of a metric counts: an earlier step that comes late stops nothing', async () => {
  const group = await started();
  await group.report(1, { metrics: { accuracy: 0.5 }, step: 9 });

  const { should_stop } = await group.report(1, { metrics: { accuracy: 0.99 }, step: 3 });

  assert.equal(should_stop, false);
});

test('nothing new is handed out after an early stop', async () => {
  const group = await started();
  await group.report(1, { metrics: { accuracy: 1 }, status: 'succeeded' });

  const none = await group.suggest();

  assert.deepEqual(none.experiments, []);
  assert.equal(none.group_status, 'stopping');
});

test('other running experiments are told to stop at their next report', async () => {
  const group = await started();
  await group.report(1, { metrics: { accuracy: 1 }, status: 'succeeded' });

  const told = await group.report(2, { metrics: { accuracy: 0.2 } });

  assert.equal(told.should_stop, true);
  assert.equal(told.stop_reason?.code, 'early_stopping');
});

test('the group is done once the last running experiment has ended, however it ends', async () => {
  const group = await started();
  await group.report(1, { metrics: { accuracy: 1 }, status: 'succeeded' });
  assert.equal((await group.read()).status, 'stopping');

  await group.report(2, { status: 'stopped' });

  const done = await group.read();
  assert.equal(done.status, 'done');
  assert.equal(done.status_reason?.code, 'early_stopping');
  assert.notEqual(done.finished_at, null);
  assert.equal(done.progress.stopped, 1);
  const over = await group.suggest();
  assert.deepEqual(over.experiments, []);
  assert.equal(over.group_status, 'done');
});

test('the group is done once the last running experiment has lapsed, which is then stopped', async () => {
  const group = await started({ lease_seconds: 60 });
  const lost = await group.experiment(2);
  await group.report(1, { metrics: { accuracy: 1 }, status: 'succeeded' });
  service.pass(61);

  const done = await group.read();

  assert.equal(done.status, 'done');
  assert.equal(done.status_reason?.code, 'early_stopping');
  const experiment = await group.experiment(2);
  assert.equal(experiment.status, 'stopped');
  assert.equal(experiment.status_reason?.code, 'early_stopping');
  const json = { lease_token: tokenOf(lost), metrics: { accuracy: 0.5 } };
  await group.refused('report', { number: 2, json }, 'experiment_finished');
});

test('queued experiments become stopped', async () => {
  const group = await started();
  for (const lr of [0.15, 0.25]) await group.add({ values: { lr } });

  await group.report(1, { metrics: { accuracy: 1 }, status: 'succeeded' });

  for (const number of [3, 4]) {
    const { status, status_reason } = await group.experiment(number);
    assert.equal(status, 'stopped');
    assert.equal(status_reason?.code, 'early_stopping');
  }
  const { progress } = await group.read();
  assert.equal(progress.queued, 0);
  assert.equal(progress.stopped, 2);
});

test('an experiment that waits to be handed out again becomes stopped too', async () => {
  const group = await started();
  await group.release(2);

  await group.report(1, { metrics: { accuracy: 1 }, status: 'succeeded' });

  assert.equal((await group.experiment(2)).status, 'stopped');
  assert.equal((await group.read()).status, 'done');
});

test('with one experiment at a time the group is done with the report that meets the rule', async () => {
  const group = await service.open({ matrix: THREE, early_stopping: RULES });
  await group.next();

  const { should_stop } = await group.report(1, { metrics: { accuracy: 1 }, status: 'succeeded' });

  assert.equal(should_stop, false, 'an experiment that has ended has nothing to stop');
  const done = await group.read();
  assert.equal(done.status, 'done');
  assert.equal(done.status_reason?.code, 'early_stopping');
});

test('an early stop is told in the log', async () => {
  const group = await started();
  await group.report(1, { metrics: { accuracy: 1 } });

  const events = await group.events();

  const told = events.filter(({ type }) => type === 'experiment.stop_requested');
  assert.deepEqual(
    told.map(({ data }) => data['number']),
    [1, 2],
  );
  const stopping = events.find(({ type }) => type === 'group.stopping');
  const { status_reason } = await group.read();
  assert.equal(status_reason?.code, 'early_stopping');
  assert.deepEqual(stopping?.data, { status_reason });
});

test('a known result that meets a rule stops the group, with all that waits', async () => {
  const group = await service.open({ matrix: THREE, early_stopping: RULES });
  await group.add({ values: { lr: 0.15 } });

  await group.add({ values: { lr: 0.25 }, metrics: { accuracy: 1 }, status: 'succeeded' });

  const answer = await group.suggest();
  assert.deepEqual(answer.experiments, []);
  assert.equal(answer.group_status, 'done', 'a worker learns at once that all is over');
  assert.equal((await group.experiment(1)).status, 'stopped');
  const done = await group.read();
  assert.equal(done.status, 'done');
  assert.equal(done.status_reason?.code, 'early_stopping');
});

test('a group that was stopped early cannot go on, and takes no more experiments', async () => {
  const group = await started();
  await group.report(1, { metrics: { accuracy: 1 } });

  await group.refused('resumeGroup', {}, 'group_finished');
  await group.refused('addExperiment', { json: { values: { lr: 0.1 } } }, 'group_finished');
  await group.report(1, { status: 'succeeded' });
  await group.report(2, { status: 'stopped' });
  await group.refused('resumeGroup', {}, 'group_finished');
});

test('a requested stop does not hide that a rule was met', async () => {
  const group = await started();
  await group.report(1, { metrics: { accuracy: 1 } });

  const stopping = await group.stop();

  assert.equal(stopping.status_reason?.code, 'early_stopping');
});

test('failures of an early-stopped group change nothing about its reason', async () => {
  const group = await started({ max_failures: 0 });
  await group.report(1, { metrics: { accuracy: 1 } });
  await group.report(1, { status: 'failed' });
  await group.report(2, { status: 'failed' });

  const done = await group.read();

  assert.equal(done.status, 'done');
  assert.equal(done.status_reason?.code, 'early_stopping');
});

test('early stopping works with random search', async () => {
  const group = await service.open({
    concurrency: 2,
    random_search: { n_experiments: 100 },
    matrix: { x: { uniform: [0, 1] } },
    early_stopping: [{ metric: 'loss', value: 0.5, optimization: 'minimize' }],
  });
  await group.next();

  await group.report(1, { metrics: { loss: 0.5 }, status: 'succeeded' });

  assert.equal((await group.read()).status, 'done');
});

for (const optimization of ['minimize', 'MINIMIZE', 'Minimize']) {
  test(`a rule can say ${optimization}`, async () => {
    const body = `
version: 1
kind: group
hptuning:
  matrix: {lr: {values: [1, 2]}}
  early_stopping: [{metric: loss, value: 1, optimization: ${optimization}}]
`;
    const { value } = await service.call('createGroup', { body, type: 'application/yaml' });
    const group = service.of(value?.id ?? '');
    await group.next();

    assert.equal((await group.report(1, { metrics: { loss: 2 } })).should_stop, false);
    assert.equal((await group.report(1, { metrics: { loss: 0.5 } })).should_stop, true);
  });
}
