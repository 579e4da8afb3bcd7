import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { GroupClient } from '../helpers/service.ts';
import { expiryOf, LOSS, startService, THREE, tokenOf } from '../helpers/service.ts';

const service = await startService();
after(service.close);

const LEASE_SECONDS = 60;

/** Longer than a lease. */
const lapse = (): void => service.pass(LEASE_SECONDS + 1);

/** A group with short leases. */
const open = (hptuning: object = {}): Promise<GroupClient> =>
  service.open({ lease_seconds: LEASE_SECONDS, matrix: THREE, ...hptuning });

test('an experiment whose lease has lapsed is queued again, as soon as anybody looks', async () => {
  const group = await open();
  await group.next({ worker: 'a' });
  lapse();

  const experiment = await group.experiment(1);

  assert.equal(experiment.status, 'queued');
  assert.equal(experiment.lease, null);
  assert.equal(experiment.attempt, 1);
  const { progress } = await group.read();
  assert.equal(progress.queued, 1);
  assert.equal(progress.running, 0);
  assert.deepEqual(
    (await group.experiments({ status: 'queued' })).map(({ number }) => number),
    [1],
  );
  assert.deepEqual(await group.experiments({ status: 'running' }), []);
});

test('a lease holds until the time that the experiment shows', async () => {
  const group = await open();
  const experiment = await group.next();
  service.pass((expiryOf(experiment) - service.now()) / 1000 - 5);

  assert.equal((await group.experiment(1)).status, 'running');
  service.pass(6);
  assert.equal((await group.experiment(1)).status, 'queued');
});

test('a lapsed lease lets another worker take the experiment, with the same values, as attempt 2', async () => {
  const group = await open();
  const first = await group.next({ worker: 'a' });
  lapse();

  const second = await group.next({ worker: 'b' });

  assert.equal(second.number, 1);
  assert.equal(second.attempt, 2);
  assert.equal(second.worker, 'b');
  assert.equal(second.status, 'running');
  assert.deepEqual(second.values, first.values);
  assert.notEqual(tokenOf(second), tokenOf(first));
});

test('what waits to be handed out again comes before new experiments', async () => {
  const group = await open({ concurrency: 2 });
  await group.next();
  lapse();

  const { experiments } = await group.suggest({ count: 2 });

  assert.deepEqual(
    experiments.map(({ number, attempt }) => [number, attempt]),
    [
      [1, 2],
      [2, 1],
    ],
  );
});

test('a lapsed experiment keeps its place: concurrency holds even where its worker comes back', async () => {
  const group = await open({ concurrency: 2 });
  const { experiments } = await group.suggest({ count: 2 });
  lapse();
  const again = await group.suggest({ count: 5 });
  const [first] = experiments;

  assert.deepEqual(
    again.experiments.map(({ number }) => number),
    [1, 2],
  );
  assert.ok(first !== undefined);
  const json = { lease_token: tokenOf(first) };
  await group.refused('report', { number: 1, json }, 'lease_lost');
  assert.equal((await group.read()).progress.running, 2);
});

test('the worker that lost its lease is told who has it now, and overwrites nothing', async () => {
  const group = await open();
  const lost = await group.next({ worker: 'a' });
  await group.report(1, { metrics: { loss: 1 }, step: 1 });
  lapse();
  await group.next({ worker: 'node-b' });
  const before = await group.experiment(1);
  const lease_token = tokenOf(lost);

  for (const json of [
    { lease_token },
    { lease_token, metrics: { loss: 0 }, step: 1 },
    { lease_token, status: 'succeeded', message: 'mine' },
  ]) {
    const problem = await group.refused('report', { number: 1, json }, 'lease_lost');
    assert.equal(problem.status, 409);
    assert.match(problem.detail, /"node-b"/);
    assert.match(problem.detail, /[Aa]ttempt 1 .*attempt 2/s);
  }

  assert.deepEqual(await group.experiment(1), before);
  assert.equal((await group.measurements(1)).length, 1);
});

test('the worker that lost its lease is told so after the end too', async () => {
  const group = await open();
  const lost = await group.next({ worker: 'a' });
  lapse();
  await group.next({ worker: 'b' });
  await group.report(1, { status: 'succeeded' });

  const json = { lease_token: tokenOf(lost), status: 'succeeded' };
  const problem = await group.refused('report', { number: 1, json }, 'lease_lost');

  assert.match(problem.detail, /succeeded/);
});

test('a lapsed lease that nobody has taken is taken again by a report', async () => {
  const group = await open();
  const experiment = await group.next({ worker: 'a' });
  lapse();
  const lease_token = tokenOf(experiment);

  const revived = await group.report(1, { lease_token, metrics: { loss: 1 } });

  assert.equal(revived.experiment.status, 'running');
  assert.equal(revived.experiment.attempt, 1);
  assert.ok(expiryOf(revived.experiment) > service.now());
  const none = await group.suggest({ worker: 'b' });
  assert.deepEqual(none.experiments, []);
  assert.equal(none.reason, 'concurrency');
  const { progress } = await group.read();
  assert.equal(progress.running, 1);
  assert.equal(progress.queued, 0);
});

test('a lapsed lease is taken again after others have seen that it lapsed', async () => {
  const group = await open({ concurrency: 2 });
  const experiment = await group.next({ worker: 'a' });
  lapse();
  assert.equal((await group.read()).progress.queued, 1);

  await group.report(1, { lease_token: tokenOf(experiment) });

  assert.equal((await group.read()).progress.running, 1);
  assert.equal((await group.next({ worker: 'b' })).number, 2);
});

test('a report that ends an experiment is accepted although its lease has lapsed', async () => {
  const group = await open();
  const experiment = await group.next({ worker: 'a' });
  lapse();

  const { experiment: ended } = await group.report(1, {
    lease_token: tokenOf(experiment),
    status: 'succeeded',
  });

  assert.equal(ended.status, 'succeeded');
  assert.equal((await group.next()).number, 2);
});

test('a lease that has lapsed is not taken again without its token', async () => {
  const group = await open();
  await group.next();
  lapse();

  const problem = await group.refused('report', { number: 1, json: {} }, 'lease_lost');

  assert.match(problem.detail, /lease_token/);
});

test('a worker whose own lease has lapsed gets the experiment as a new attempt', async () => {
  const group = await open();
  const first = await group.next({ worker: 'a' });
  lapse();

  const second = await group.next({ worker: 'a' });

  assert.equal(second.number, 1);
  assert.equal(second.attempt, 2);
  await group.refused('report', { number: 1, json: { lease_token: tokenOf(first) } }, 'lease_lost');
});

test('a lease that lapses in the last of max_attempts makes the experiment failed', async () => {
  const group = await open({ max_attempts: 2 });
  await group.next();
  lapse();
  await group.next();
  lapse();

  const experiment = await group.experiment(1);

  assert.equal(experiment.status, 'failed');
  assert.equal(experiment.status_reason?.code, 'lease_expired');
  assert.notEqual(experiment.finished_at, null);
  assert.equal((await group.read()).progress.failed, 1);
  assert.equal((await group.next()).number, 2);
});

test('lists show a lease that lapsed for the last time as failed too', async () => {
  const group = await open({ max_attempts: 1 });
  await group.next();
  lapse();

  assert.deepEqual(
    (await group.experiments()).map(({ status }) => status),
    ['failed'],
  );
  assert.equal((await group.experiments({ status: 'failed' })).length, 1);
});

test('an experiment that failed for its lease counts towards max_failures', async () => {
  const group = await open({ max_attempts: 1, max_failures: 0 });
  await group.next();
  lapse();

  const stopped = await group.read();

  assert.equal(stopped.status, 'stopped');
  assert.equal(stopped.status_reason?.code, 'too_many_failures');
});

test('a worker that comes back to an experiment that failed for its lease may end nothing', async () => {
  const group = await open({ max_attempts: 1 });
  const experiment = await group.next();
  lapse();
  await group.read();

  const json = { lease_token: tokenOf(experiment), status: 'succeeded' };
  await group.refused('report', { number: 1, json }, 'experiment_finished');
});

test('without retry_failed a reported failure is the end', async () => {
  const group = await open();
  await group.next();

  const { experiment } = await group.report(1, { status: 'failed', message: 'no memory' });

  assert.equal(experiment.status, 'failed');
  assert.equal((await group.next()).number, 2);
});

test('with retry_failed a failure is handed out again, up to max_attempts', async () => {
  const group = await open({ retry_failed: true, max_attempts: 3 });
  const seen: (number | string)[][] = [];
  for (let i = 0; i < 4; i++) {
    const { number, attempt } = await group.next();
    const { experiment } = await group.report(number, { status: 'failed', message: 'no memory' });
    seen.push([number, attempt, experiment.status]);
  }

  assert.deepEqual(seen, [
    [1, 1, 'queued'],
    [1, 2, 'queued'],
    [1, 3, 'failed'],
    [2, 1, 'queued'],
  ]);
  assert.equal((await group.read()).progress.failed, 1);
});

test('the same failure reported twice is one attempt', async () => {
  const group = await open({ retry_failed: true });
  const { lease } = await group.next();
  const report = { status: 'failed', lease_token: lease?.token };
  await group.report(1, report);

  const { experiment } = await group.report(1, report);

  assert.equal(experiment.status, 'queued');
  assert.equal(experiment.attempt, 1);
});

test('after a failure that is tried again, other reports of its attempt are refused', async () => {
  const group = await open({ retry_failed: true });
  const { lease } = await group.next();
  await group.report(1, { status: 'failed' });

  const json = { lease_token: lease?.token, metrics: { loss: 1 } };
  await group.refused('report', { number: 1, json }, 'lease_lost');
});

test('the numbers of a new attempt stand beside those of the old one', async () => {
  const group = await open({ grid_search: { metric: LOSS } });
  await group.next();
  await group.report(1, { metrics: { loss: 1 }, step: 1 });
  await group.report(1, { metrics: { loss: 2 }, step: 2 });
  lapse();
  await group.next();

  const { experiment } = await group.report(1, { metrics: { loss: 5 }, step: 1 });

  assert.deepEqual(experiment.metrics['loss'], { last: 5, min: 5, max: 5, step: 1, count: 1 });
  const listed = await group.measurements(1);
  assert.deepEqual(
    listed.map(({ attempt, step, value }) => [attempt, step, value]),
    [
      [1, 1, 1],
      [1, 2, 2],
      [2, 1, 5],
    ],
  );
});

test('a stopping group is stopped once the last of its leases has lapsed', async () => {
  const group = await open();
  await group.next();
  await group.stop();
  assert.equal((await group.read()).status, 'stopping');
  lapse();

  const stopped = await group.read();

  assert.equal(stopped.status, 'stopped');
  assert.equal(stopped.progress.queued, 1);
});

test('in a stopped group a lapsed lease can be taken again, to be told to stop', async () => {
  const group = await open();
  const experiment = await group.next();
  await group.stop();
  lapse();
  assert.equal((await group.read()).status, 'stopped');
  const lease_token = tokenOf(experiment);

  const { should_stop } = await group.report(1, { lease_token });

  assert.equal(should_stop, true);
  assert.equal((await group.read()).status, 'stopping');
  await group.report(1, { lease_token, status: 'stopped' });
  assert.equal((await group.read()).status, 'stopped');
});

test('an experiment given back is handed out to another worker at once', async () => {
  const group = await open();
  const first = await group.next({ worker: 'a' });

  const { experiment, should_stop } = await group.release(1, { lease_token: tokenOf(first) });

  assert.equal(experiment.status, 'queued');
  assert.equal(experiment.status_reason?.code, 'released');
  assert.equal(should_stop, true);
  const second = await group.next({ worker: 'b' });
  assert.equal(second.number, 1);
  assert.equal(second.attempt, 2);
});

test('giving back twice is harmless, after another has taken it it is refused', async () => {
  const group = await open();
  const first = await group.next({ worker: 'a' });
  const json = { lease_token: tokenOf(first) };
  await group.release(1, json);
  await group.release(1, json);
  await group.next({ worker: 'b' });

  const problem = await group.refused('release', { number: 1, json }, 'lease_lost');

  assert.match(problem.detail, /"b"/);
  assert.equal((await group.experiment(1)).worker, 'b');
});

test('an experiment that has ended or was never handed out cannot be given back', async () => {
  const group = await open();
  await group.next();
  await group.report(1, { status: 'succeeded' });
  const { number } = await group.add({ values: { lr: 0.1 } });

  await group.refused('release', { number: 1, json: {} }, 'experiment_finished');
  await group.refused('release', { number, json: {} }, 'experiment_not_running');
});

test('who asks for many experiments renews all that it gets back', async () => {
  const group = await open({ concurrency: 3 });
  await group.suggest({ count: 3, worker: 'a' });
  service.pass(LEASE_SECONDS - 5);
  await group.suggest({ count: 3, worker: 'a' });
  service.pass(LEASE_SECONDS - 5);

  assert.equal((await group.read()).progress.running, 3);
});

for (const lease_seconds of [10, 604_800]) {
  test(`a lease can be as ${lease_seconds === 10 ? 'short' : 'long'} as ${lease_seconds} seconds`, async () => {
    const group = await open({ lease_seconds });

    const experiment = await group.next();

    const startedMs = Date.parse(experiment.started_at ?? '');
    assert.equal(expiryOf(experiment) - startedMs, lease_seconds * 1000);
  });
}
