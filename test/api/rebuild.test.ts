import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Event, Experiment } from '../helpers/contract.ts';
import { assertRebuilt } from '../helpers/rebuild.ts';
import type { GroupClient } from '../helpers/service.ts';
import { LOSS, startService, THREE, tokenOf } from '../helpers/service.ts';

/*
 * The log alone tells what GET shows of groups and experiments, measurements aside.
 */

const service = await startService();
after(service.close);

const UNIT = { x: { uniform: [0, 1] } } as const;

/** It cannot be seen from the matrix that all draws come to the same. */
const ONE_POINT = { a: { qnormal: [0, 0.001, 1] } } as const;

/** Works on a group until it is done; after every report the log is held against what GET shows. */
async function workOn(
  group: GroupClient,
  reportOf: (experiment: Experiment) => object,
): Promise<void> {
  for (;;) {
    const { experiments, group_status } = await group.suggest({
      count: 2,
      worker: 'w-1',
      wait_seconds: 1,
    });
    if (group_status === 'done') return;
    await assertRebuilt(group);
    for (const experiment of experiments) {
      await group.report(experiment.number, reportOf(experiment));
      await assertRebuilt(group);
    }
  }
}

const typesOf = (events: readonly Event[]): ReadonlySet<string> =>
  new Set(events.map(({ type }) => type));

test('the log tells all of a grid search', async () => {
  const group = await service.open(
    { concurrency: 2, grid_search: { metric: LOSS }, matrix: THREE },
    { name: 'grid', description: 'three points', tags: ['a', 'b'], declarations: { batch: 32 } },
  );
  await assertRebuilt(group);

  await workOn(group, ({ number }) => ({
    metrics: { loss: number },
    status: 'succeeded',
    checkpoint: `s3://${number}`,
    message: `the ${number}th`,
  }));

  const { experiments, group: told } = await assertRebuilt(group);
  assert.equal(told['status'], 'done');
  assert.equal(experiments.get(3)?.['checkpoint'], 's3://3');
});

test('the log tells all of a random search with failures, retries and values that cannot be', async () => {
  const group = await service.open({
    concurrency: 3,
    retry_failed: true,
    max_attempts: 2,
    random_search: { n_experiments: 8, metric: LOSS },
    matrix: UNIT,
  });
  const ends = ['failed', 'infeasible', 'succeeded', 'stopped'] as const;

  await workOn(group, ({ number }) => ({
    metrics: { loss: number === 4 ? 'NaN' : 1 / number },
    status: ends[number % ends.length],
    message: 'so it went',
  }));

  const { experiments } = await assertRebuilt(group);
  assert.equal(experiments.get(8)?.['attempt'], 2);
  assert.equal(experiments.get(8)?.['status'], 'failed');
});

test('the log tells all of Hyperband, with what each experiment goes on from', async () => {
  const group = await service.open({
    concurrency: 3,
    hyperband: {
      max_iter: 9,
      eta: 3,
      resource: { name: 'epochs', type: 'int' },
      metric: LOSS,
      resume: true,
    },
    matrix: UNIT,
  });

  await workOn(group, ({ number, values }) => ({
    metrics: { loss: Number(values['x']) },
    status: number % 5 === 0 ? 'failed' : 'succeeded',
    checkpoint: `after-${number}`,
  }));

  const { experiments } = await assertRebuilt(group);
  const parents = [...experiments.values()].filter(({ resume_from }) => resume_from !== null);
  assert.ok(parents.length > 0);
  assert.ok(typesOf(await group.events()).has('group.rung_completed'));
});

test('the log tells of a Hyperband that plans fewer because nothing has succeeded', async () => {
  const group = await service.open({
    concurrency: 2,
    hyperband: { max_iter: 9, eta: 3, resource: { name: 'epochs', type: 'int' }, metric: LOSS },
    matrix: UNIT,
  });
  const { planned } = (await group.read()).progress;

  await workOn(group, () => ({ status: 'failed' }));

  await assertRebuilt(group);
  assert.ok((await group.read()).progress.planned < planned);
});

test('the log tells all of a Bayesian optimisation', async () => {
  const group = await service.open({
    concurrency: 2,
    bo: { n_initial_trials: 3, n_iterations: 4, metric: LOSS },
    matrix: UNIT,
  });

  await workOn(group, ({ values }) => ({
    metrics: { loss: (Number(values['x']) - 0.4) ** 2 },
    status: 'succeeded',
  }));

  const { experiments } = await assertRebuilt(group);
  const sources = new Set([...experiments.values()].map(({ source }) => source));
  assert.deepEqual(sources, new Set(['initial_design', 'surrogate']));
});

test('the log tells of a search that finds fewer points than planned, as soon as GET does', async () => {
  const group = await service.open({
    concurrency: 4,
    random_search: { n_experiments: 9 },
    matrix: ONE_POINT,
  });
  await group.next();
  await assertRebuilt(group);
  await group.suggest();

  const { group: told } = await assertRebuilt(group);

  assert.equal((await group.read()).progress.planned, 1);
  assert.deepEqual(told['warnings'], (await group.read()).warnings);
  const changes = (await group.events()).filter(({ type }) => type === 'group.planned_changed');
  assert.equal(changes.length, 1);
});

test('the log tells of a Hyperband whose space holds fewer points than its brackets', async () => {
  const group = await service.open({
    concurrency: 2,
    hyperband: { max_iter: 9, eta: 3, resource: { name: 'epochs', type: 'int' }, metric: LOSS },
    matrix: ONE_POINT,
  });

  await workOn(group, () => ({ metrics: { loss: 1 }, status: 'succeeded' }));

  const { experiments } = await assertRebuilt(group);
  assert.equal((await group.read()).progress.planned, experiments.size);
});

test('the log tells of a Bayesian optimisation whose space holds fewer points than planned', async () => {
  const group = await service.open({
    concurrency: 3,
    bo: { n_initial_trials: 2, n_iterations: 6, metric: LOSS },
    matrix: THREE,
  });

  await workOn(group, ({ number }) => ({ metrics: { loss: number }, status: 'succeeded' }));

  const { experiments } = await assertRebuilt(group);
  assert.equal((await group.read()).progress.planned, experiments.size);
});

test('the log tells of an early stop, and of what it ends', async () => {
  const group = await service.open({
    concurrency: 3,
    grid_search: { metric: LOSS },
    early_stopping: [{ metric: 'loss', value: 0.5, optimization: 'minimize' }],
    matrix: THREE,
  });
  await group.suggest({ count: 2 });
  await group.add({ values: { lr: 0.15 } });
  await assertRebuilt(group);
  await group.report(1, { metrics: { loss: 0.1 }, status: 'succeeded' });
  await assertRebuilt(group);
  await group.report(2, { status: 'stopped' });

  const { experiments, group: told } = await assertRebuilt(group);

  assert.equal(told['status'], 'done');
  assert.equal(experiments.get(3)?.['status'], 'stopped');
});

test("the log tells all of the caller's own experiments and of known results", async () => {
  const group = await service.open({ grid_search: { metric: LOSS }, matrix: THREE });
  await group.add({ values: { lr: 0.15 } });
  await group.add({
    values: { lr: 0.25 },
    metrics: { loss: 1 },
    status: 'succeeded',
    message: 'known',
  });
  await group.next({ worker: 'w-1' });

  const { experiments } = await assertRebuilt(group);

  assert.equal(experiments.get(1)?.['status'], 'running');
  assert.equal(experiments.get(2)?.['message'], 'known');
});

test('the log tells of stops and resumes', async () => {
  const group = await service.open({ concurrency: 2, max_failures: 0, matrix: THREE });
  await group.suggest({ count: 2 });
  await group.stop();
  await assertRebuilt(group);
  await group.report(1, { status: 'stopped' });
  await group.release(2);
  await assertRebuilt(group);
  await group.resume();
  await assertRebuilt(group);
  await group.next();
  await group.report(2, { status: 'failed' });

  const { group: told } = await assertRebuilt(group);

  assert.equal(told['status'], 'stopped');
});

test('the log tells who had which attempt, and how it was lost', async () => {
  const group = await service.open({ lease_seconds: 60, max_attempts: 3, matrix: THREE });
  await group.next({ worker: 'first' });
  service.pass(61);
  await assertRebuilt(group);
  await group.next({ worker: 'second' });
  await group.release(1);
  await assertRebuilt(group);
  await group.next();
  await assertRebuilt(group);
  service.pass(61);
  await assertRebuilt(group);

  const events = await group.events();

  const handOuts = events.filter(({ type }) => type === 'experiment.dispatched');
  assert.deepEqual(
    handOuts.map(({ data }) => [data['attempt'], data['worker']]),
    [
      [1, 'first'],
      [2, 'second'],
      [3, null],
    ],
  );
});

test('the log tells of a lost lease that its silent worker takes again', async () => {
  const group = await service.open({ lease_seconds: 60, matrix: THREE });
  const token = { lease_token: tokenOf(await group.next()) };
  for (const isFirst of [true, false]) {
    service.pass(61);
    await assertRebuilt(group);
    await group.report(1, token);
    const { experiments } = await assertRebuilt(group);
    assert.equal(experiments.get(1)?.['status'], 'running', String(isFirst));
  }

  const events = await group.events();

  assert.deepEqual(
    events.slice(2).map(({ type, data }) => [type, data['attempt'], data['retaken']]),
    [
      ['experiment.lease_lost', 1, undefined],
      ['experiment.started', 1, true],
      ['experiment.lease_lost', 1, undefined],
      ['experiment.started', 1, true],
    ],
  );
});

test('a silent worker that comes back after a stop makes the group stop once more', async () => {
  const group = await service.open({ lease_seconds: 60, matrix: THREE });
  const token = { lease_token: tokenOf(await group.next()) };
  await group.stop();
  service.pass(61);
  assert.equal((await group.read()).status, 'stopped');
  await assertRebuilt(group);

  await group.report(1, token);

  const { group: told } = await assertRebuilt(group);
  assert.equal(told['status'], 'stopping');
  await group.report(1, { ...token, status: 'stopped' });
  const after = await assertRebuilt(group);
  assert.equal(after.group['status'], 'stopped');
});

test('no event shows a lease token', async () => {
  const group = await service.open({ concurrency: 3, matrix: THREE });
  const { experiments } = await group.suggest({ count: 3 });
  const tokens = experiments.map(tokenOf);

  const text = JSON.stringify(await group.events());

  for (const token of tokens) assert.ok(!text.includes(token));
  assert.ok(!text.includes('lse_'));
});

test('events stay what they were, whatever happens to their experiments', async () => {
  const group = await service.open({
    retry_failed: true,
    max_attempts: 3,
    grid_search: { metric: LOSS },
    matrix: THREE,
  });
  let before: readonly Event[] = [];
  for (const worker of ['one', 'two', 'three']) {
    const experiment = await group.next({ worker });
    await group.report(experiment.number, {
      metrics: { loss: worker.length },
      status: worker === 'two' ? 'succeeded' : 'failed',
      message: `${worker} has ended it`,
    });
    const events = await group.events();

    assert.deepEqual(events.slice(0, before.length), before);

    assert.ok(events.length > before.length);
    before = events;
  }
});

test('a reader that polls while many work misses nothing and sees nothing twice', async () => {
  const group = await service.open({
    concurrency: 8,
    random_search: { n_experiments: 60, metric: LOSS },
    matrix: UNIT,
  });
  let working = 8;
  const work = async (worker: string): Promise<void> => {
    for (;;) {
      const { experiments, group_status } = await group.suggest({ worker });
      if (group_status === 'done') break;
      for (const { number } of experiments) {
        await group.report(number, { metrics: { loss: number }, status: 'succeeded' });
      }
    }
    working--;
  };
  const seen: Event[] = [];
  const follow = async (): Promise<void> => {
    let query: Record<string, string> = { limit: '7' };
    let hasMore = true;
    while (working > 0 || hasMore) {
      const wasWorking = working > 0;
      const page = await service.done('listEvents', { group: group.id, query });
      // The last page has no cursor: it is read again, and what was seen passed over.
      seen.push(...page.items.filter(({ id }) => id > (seen.at(-1)?.id ?? '')));
      hasMore = wasWorking || page.next_cursor !== null;
      if (page.next_cursor !== null) query = { limit: '7', cursor: page.next_cursor };
    }
  };

  await Promise.all([follow(), ...Array.from({ length: 8 }, (_, index) => work(`w-${index}`))]);

  assert.deepEqual(seen, await group.events());
  const sequences = seen.map(({ id }) => Number.parseInt(id.slice(-8), 32));
  assert.deepEqual(
    sequences,
    sequences.map((_, index) => index),
  );
  await assertRebuilt(group);
});

test('the log tells what a silent worker does with an experiment that nobody has taken since', async () => {
  const group = await service.open({ lease_seconds: 60, retry_failed: true, matrix: THREE });
  const first = { lease_token: tokenOf(await group.next()) };
  service.pass(61);
  await assertRebuilt(group);
  await group.release(1, first);
  await assertRebuilt(group);
  const second = { lease_token: tokenOf(await group.next()) };
  service.pass(61);
  await assertRebuilt(group);
  await group.report(1, { ...second, status: 'failed' });
  await assertRebuilt(group);
  await group.next();

  const { experiments } = await assertRebuilt(group);

  assert.equal(experiments.get(1)?.['attempt'], 3);
});
