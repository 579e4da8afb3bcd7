import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { isMap } from '../../lib/matrix/numbers.ts';
import type { Event } from '../helpers/contract.ts';
import { LOSS, startService, THREE, tokenOf } from '../helpers/service.ts';

const service = await startService();
after(service.close);

const reasonOf = (data: Event['data'] | undefined): unknown =>
  data !== undefined && isMap(data['status_reason']) ? data['status_reason']['code'] : null;

const told = (events: readonly Event[]): readonly string[] =>
  events.map(({ type, data }) => {
    const { number, attempt } = data;
    return [type, number, attempt].filter((part) => part !== undefined).join(' ');
  });

test('the log tells the life of a group from its creation to its end', async () => {
  const group = await service.open({
    grid_search: { n_experiments: 2, metric: LOSS },
    matrix: THREE,
  });
  await group.next();
  await group.report(1, { metrics: { loss: 2 } });
  await group.report(1, { metrics: { loss: 1 }, status: 'succeeded' });
  await group.next();
  await group.report(2, { metrics: { loss: 3 }, status: 'failed' });

  const events = await group.events();

  assert.deepEqual(told(events), [
    'group.created',
    'experiment.dispatched 1 1',
    'experiment.started 1 1',
    'experiment.succeeded 1 1',
    'group.best_changed 1',
    'experiment.dispatched 2 1',
    'experiment.started 2 1',
    'experiment.failed 2 1',
    'group.done',
  ]);
  const data = new Map(events.map((event) => [event.type, event.data]));
  assert.equal(data.get('experiment.succeeded')?.['objective'], 1);
  assert.equal(data.get('group.best_changed')?.['value'], 1);
  assert.equal(reasonOf(data.get('group.done')), 'exhausted');
});

test('events have ids of their own, times that never go back, and their group', async () => {
  const group = await service.open({ concurrency: 3, matrix: THREE });
  await group.suggest({ count: 3 });
  for (const number of [1, 2, 3]) await group.report(number, { status: 'succeeded' });

  const events = await group.events();

  assert.equal(new Set(events.map(({ id }) => id)).size, events.length);
  assert.deepEqual(
    events.map(({ id }) => id),
    events.map(({ id }) => id).toSorted(),
  );
  assert.ok(events.every((event) => event.group === group.id));
  const times = events.map(({ timestamp }) => timestamp);
  assert.deepEqual(times, times.toSorted());
});

test('an experiment is dispatched when it is handed out, and started with its first report', async () => {
  const group = await service.open({ matrix: THREE });
  await group.next();
  assert.deepEqual(told(await group.events()).slice(1), ['experiment.dispatched 1 1']);

  await group.report(1);
  await group.report(1);

  assert.deepEqual(told(await group.events()).slice(1), [
    'experiment.dispatched 1 1',
    'experiment.started 1 1',
  ]);
});

test('the log tells of lost leases and of every new attempt', async () => {
  const group = await service.open({ lease_seconds: 60, max_attempts: 2, matrix: THREE });
  await group.next();
  service.pass(61);
  await group.next();
  await group.report(1);
  service.pass(61);

  const events = await group.events();

  assert.deepEqual(told(events).slice(1), [
    'experiment.dispatched 1 1',
    'experiment.lease_lost 1 1',
    'experiment.dispatched 1 2',
    'experiment.started 1 2',
    'experiment.failed 1 2',
  ]);
  assert.equal(reasonOf(events.at(-1)?.data), 'lease_expired');
});

test('the log tells of retries and of experiments given back', async () => {
  const group = await service.open({ retry_failed: true, matrix: THREE });
  const first = await group.next();
  await group.report(1, { status: 'failed', lease_token: tokenOf(first) });
  await group.next();
  await group.release(1);

  assert.deepEqual(told(await group.events()).slice(1), [
    'experiment.dispatched 1 1',
    'experiment.started 1 1',
    'experiment.queued 1 1',
    'experiment.dispatched 1 2',
    'experiment.queued 1 2',
  ]);
});

test('the log tells of own experiments, and of known results', async () => {
  const group = await service.open({ grid_search: { metric: LOSS }, matrix: THREE });
  await group.add({ values: { lr: 0.15 } });
  await group.add({ values: { lr: 0.25 }, metrics: { loss: 1 }, status: 'succeeded' });

  assert.deepEqual(told(await group.events()).slice(1), [
    'experiment.queued 1 0',
    'experiment.queued 2 0',
    'experiment.succeeded 2 0',
    'group.best_changed 2',
  ]);
});

test('the log tells of stop and resume, and of who was asked to stop', async () => {
  const group = await service.open({ concurrency: 2, matrix: THREE });
  await group.suggest({ count: 2 });
  await group.report(1, { status: 'infeasible' });
  await group.stop();
  await group.report(2, { status: 'stopped' });
  await group.resume();

  const events = await group.events();

  assert.deepEqual(told(events).slice(3), [
    'experiment.started 1 1',
    'experiment.infeasible 1 1',
    'group.stopping',
    'experiment.stop_requested 2',
    'experiment.started 2 1',
    'experiment.stopped 2 1',
    'group.stopped',
    'group.resumed',
  ]);
  const stopping = events.find(({ type }) => type === 'group.stopping');
  assert.equal(reasonOf(stopping?.data), 'requested');
});

test('best_changed is told only when the best has changed', async () => {
  const group = await service.open({
    concurrency: 3,
    grid_search: { metric: LOSS },
    matrix: THREE,
  });
  await group.suggest({ count: 3 });
  for (const [number, loss] of [
    [1, 2],
    [2, 3],
    [3, 1],
  ] as const) {
    await group.report(number, { metrics: { loss }, status: 'succeeded' });
  }

  const changes = (await group.events()).filter(({ type }) => type === 'group.best_changed');

  assert.deepEqual(
    changes.map(({ data }) => [data['number'], data['value']]),
    [
      [1, 2],
      [3, 1],
    ],
  );
});

test('heartbeats and numbers leave no trace in the log', async () => {
  const group = await service.open({ matrix: THREE });
  await group.next();
  await group.report(1);
  const before = await group.events();

  for (let step = 0; step < 20; step++) await group.report(1, { metrics: { loss: step }, step });

  assert.deepEqual(await group.events(), before);
});

test('a reader that goes on from where it was misses nothing and sees nothing twice', async () => {
  const group = await service.open({
    concurrency: 5,
    random_search: { n_experiments: 60 },
    matrix: { x: { uniform: [0, 1] } },
  });
  const seen: Event[] = [];
  let cursor: string | null = null;
  const readOn = async (): Promise<void> => {
    const query: Record<string, string> = { limit: '7', ...(cursor === null ? {} : { cursor }) };
    const page = await service.done('listEvents', { group: group.id, query });
    if (page.next_cursor === null) return;
    seen.push(...page.items);
    cursor = page.next_cursor;
  };
  for (let i = 0; i < 60; i++) {
    const { number } = await group.next();
    await group.report(number, { status: 'succeeded' });
    await readOn();
  }
  for (let last = -1; last < seen.length; ) {
    last = seen.length;
    await readOn();
    if (seen.length === last) break;
  }

  const all = await group.events();

  assert.equal(all.length, 1 + 60 * 3 + 1);
  assert.deepEqual(seen, all.slice(0, seen.length));
  assert.ok(all.length - seen.length <= 7);
});
