import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint, ReceivedEvent } from '../helpers/endpoint.ts';
import { eventIn, startEndpoint, verify, withStatus } from '../helpers/endpoint.ts';
import type { GroupClient, Service } from '../helpers/service.ts';
import { LOSS, startService, THREE } from '../helpers/service.ts';

const WAIT_MS = 20;
const PUSHED = { dispatch: 'push', seed: 7, lease_seconds: 60 } as const;
const GRID = { ...PUSHED, concurrency: 2, grid_search: { metric: LOSS }, matrix: THREE };

async function serviceFor(t: TestContext): Promise<Service> {
  const service = await startService(null, { allowPrivateWebhooks: true });
  t.after(service.close);
  return service;
}

/** An endpoint that is told of every hand-out, and the secret that signs what it is told. */
async function launcherFor(
  t: TestContext,
  service: Service,
): Promise<{ readonly endpoint: Endpoint; readonly webhook: string; readonly secret: string }> {
  const endpoint = await startEndpoint(t);
  const json = { url: endpoint.url, events: ['experiment.dispatched'] };
  const { id: webhook, secret } = await service.done('createWebhook', { json });
  return { endpoint, webhook, secret: secret ?? '' };
}

interface Pushed {
  readonly number: number;
  readonly attempt: number;
  readonly values: Readonly<Record<string, number>>;
  readonly lease: { readonly token: string; readonly expires_at: string };
}

/** The experiment that a hand-out tells of. */
function pushedIn(event: ReceivedEvent): Pushed {
  const experiment: Pushed = JSON.parse(JSON.stringify(event.data['experiment'] ?? null));
  assert.ok(experiment !== null, `the event has the experiment: ${JSON.stringify(event)}`);
  return experiment;
}

const pushedOf = (endpoint: Endpoint): readonly Pushed[] =>
  endpoint.received.map((one) => pushedIn(eventIn(one)));

/** Reports the end of every experiment that is pushed until the group has ended; returns them in the order of their ends. */
async function runAll(
  group: GroupClient,
  endpoint: Endpoint,
  lossOf: (pushed: Pushed) => number,
): Promise<readonly Pushed[]> {
  const ended: Pushed[] = [];
  const known = new Set<string>();
  while ((await group.read()).status === 'running') {
    // In the order of the numbers, so that every run is the same.
    const found = pushedOf(endpoint).filter(
      ({ number, attempt }) => !known.has(`${number}/${attempt}`),
    );
    const [next] = found.toSorted((a, b) => a.number - b.number);
    if (next === undefined) {
      await sleep(WAIT_MS);
      continue;
    }
    known.add(`${next.number}/${next.attempt}`);
    const { lease_token, metrics } = {
      lease_token: next.lease.token,
      metrics: { loss: lossOf(next) },
    };
    await group.report(next.number, { lease_token, metrics, status: 'succeeded' });
    ended.push(next);
  }
  return ended;
}

describe('a group that pushes', () => {
  test('tells of each hand-out with the whole experiment and its lease, never more than the concurrency', async (t) => {
    const service = await serviceFor(t);
    const { endpoint, secret } = await launcherFor(t, service);

    const group = await service.open(GRID);
    const received = await endpoint.count(2);
    const { progress, warnings, hptuning } = await group.read();

    assert.deepEqual([progress.running, progress.planned, warnings], [2, 3, []]);
    assert.equal(hptuning['dispatch'], 'push');
    for (const one of received) verify(one, secret);
    const [first] = pushedOf(endpoint).toSorted((a, b) => a.number - b.number);
    assert.deepEqual({ ...first, lease: null }, { ...(await group.experiment(1)), lease: null });
    assert.match(first?.lease.token ?? '', /^lse_1_/);

    await group.report(1, {
      lease_token: first?.lease.token,
      metrics: { loss: 1 },
      status: 'succeeded',
    });
    await endpoint.count(3);
    assert.equal((await group.read()).progress.running, 2);
  });

  for (const [name, search] of Object.entries({
    'a random search': { random_search: { n_experiments: 7, metric: LOSS } },
    Hyperband: {
      hyperband: {
        ...{ max_iter: 9, eta: 3, metric: LOSS },
        resource: { name: 'epochs', type: 'int' },
      },
    },
    'a Bayesian optimisation': { bo: { n_initial_trials: 3, n_iterations: 3, metric: LOSS } },
  })) {
    test(`runs ${name} to its end, with the values that a worker who asks would get`, async (t) => {
      const service = await serviceFor(t);
      const { endpoint } = await launcherFor(t, service);
      const document = { seed: 7, matrix: { x: { uniform: [0, 1] } }, ...search };
      const lossOf = ({ values }: { readonly values: Readonly<Record<string, unknown>> }): number =>
        Math.abs(Number(values['x']) - 0.4) + 1 / (1 + Number(values['epochs'] ?? 1));

      const pushed = await service.open({ ...document, dispatch: 'push' });
      const ended = await runAll(pushed, endpoint, lossOf);
      const pulled = await service.open(document);
      const asked: object[] = [];
      for (;;) {
        const { experiments, group_status } = await pulled.suggest({ wait_seconds: 5 });
        const [next] = experiments;
        if (next === undefined && group_status === 'done') break;
        if (next === undefined) continue;
        asked.push(next.values);
        const metrics = { loss: lossOf(next) };
        await pulled.report(next.number, { metrics, status: 'succeeded' });
      }

      assert.deepEqual(
        ended.map(({ values }) => values),
        asked,
      );
      assert.equal((await pushed.read()).progress.planned, ended.length);
    });
  }

  test('shows leases neither in its log nor in the list of deliveries', async (t) => {
    const service = await serviceFor(t);
    const { endpoint, webhook } = await launcherFor(t, service);
    const group = await service.open(GRID);
    await endpoint.count(2);

    const deliveries = await service.call('listDeliveries', { webhook });
    const events = await service.call('listEvents', { group: group.id });

    assert.equal(deliveries.value?.items.length, 2);
    for (const { text } of [deliveries, events]) assert.ok(!text.includes('lse_'), text);
  });

  test('refuses to be asked for experiments', async (t) => {
    const service = await serviceFor(t);
    const group = await service.open(GRID);

    const problem = await group.refused('suggest', { json: {} }, 'group_pushes');

    assert.equal(problem.status, 409);
  });
});

describe('a pushed experiment', () => {
  test('whose lease lapses is handed out again, as a new attempt with an event of its own', async (t) => {
    const service = await serviceFor(t);
    const { endpoint } = await launcherFor(t, service);
    const group = await service.open({ ...GRID, concurrency: 1 });
    await endpoint.count(1);

    service.pass(61);
    await group.read();
    await endpoint.count(2);

    const [lost, again] = pushedOf(endpoint);
    assert.deepEqual([lost?.number, lost?.attempt, again?.number, again?.attempt], [1, 1, 1, 2]);
    await group.refused(
      'report',
      { number: 1, json: { lease_token: lost?.lease.token } },
      'lease_lost',
    );
    await group.report(1, { lease_token: again?.lease.token });
  });

  test('that fails is pushed again at once where failures are retried', async (t) => {
    const service = await serviceFor(t);
    const { endpoint } = await launcherFor(t, service);
    const group = await service.open({ ...GRID, concurrency: 1, retry_failed: true });
    await endpoint.count(1);

    await group.report(1, { status: 'failed' });
    await endpoint.count(2);

    assert.deepEqual(
      pushedOf(endpoint).map(({ number, attempt }) => [number, attempt]),
      [
        [1, 1],
        [1, 2],
      ],
    );
  });

  test('that was given back waits a while, longer each time, before it is pushed again', async (t) => {
    const service = await serviceFor(t);
    const { endpoint } = await launcherFor(t, service);
    const group = await service.open({ ...GRID, concurrency: 1 });
    await endpoint.count(1);

    for (const [attempt, seconds] of [
      [1, 10],
      [2, 20],
    ] as const) {
      await group.release(1);
      service.pass(seconds - 1);
      await group.read();
      assert.equal((await group.experiment(1)).status, 'queued');
      assert.equal((await group.experiment(1)).attempt, attempt);
      service.pass(2);
      await group.read();
      await endpoint.count(attempt + 1);
    }

    assert.equal((await group.experiment(1)).attempt, 3);
  });

  test("is one of the caller's own too, and comes before the search's", async (t) => {
    const service = await serviceFor(t);
    const { endpoint } = await launcherFor(t, service);
    const group = await service.open({ ...GRID, concurrency: 1 });
    await endpoint.count(1);
    await group.add({ values: { lr: 0.25 } });

    await group.report(1, { metrics: { loss: 1 }, status: 'succeeded' });
    await endpoint.count(2);

    assert.deepEqual(pushedOf(endpoint)[1]?.values, { lr: 0.25 });
  });
});

describe('nothing is pushed', () => {
  test('while no webhook takes it, which the group warns of, until one does', async (t) => {
    const service = await serviceFor(t);
    const group = await service.open(GRID);
    const deaf = await startEndpoint(t);
    await service.done('createWebhook', { json: { url: deaf.url, events: ['group.*'] } });

    const { warnings, progress } = await group.read();
    assert.deepEqual([warnings.map(({ code }) => code), progress.running], [['no_webhook'], 0]);

    const { endpoint } = await launcherFor(t, service);
    service.pass(31);
    await service.sweep();
    await endpoint.count(2);
    assert.deepEqual((await group.read()).warnings, []);
  });

  test('after a stop, until the group goes on', async (t) => {
    const service = await serviceFor(t);
    const { endpoint } = await launcherFor(t, service);
    const group = await service.open({ ...GRID, concurrency: 1 });
    await endpoint.count(1);

    await group.stop();
    await group.report(1, { metrics: { loss: 1 }, status: 'stopped' });
    assert.deepEqual([(await group.read()).status, endpoint.received.length], ['stopped', 1]);
    await group.resume();
    await endpoint.count(2);

    assert.deepEqual(
      pushedOf(endpoint).map(({ number }) => number),
      [1, 2],
    );
  });

  test('to an endpoint that fails until it answers, within the same lease', async (t) => {
    const service = await serviceFor(t);
    const { endpoint, webhook } = await launcherFor(t, service);
    endpoint.answer(withStatus(500));
    const group = await service.open({ ...GRID, concurrency: 1 });
    const attempts = async (): Promise<number> =>
      (await service.done('listDeliveries', { webhook })).items[0]?.attempt_count ?? 0;
    while ((await attempts()) < 1) await sleep(WAIT_MS);

    endpoint.answer(withStatus(204));
    service.pass(10);
    const [first, second] = await endpoint.count(2);

    assert.equal(first?.headers['webhook-id'], second?.headers['webhook-id']);
    assert.equal(first?.body, second?.body);
    await group.report(1, { lease_token: pushedOf(endpoint)[1]?.lease.token });
  });
});
