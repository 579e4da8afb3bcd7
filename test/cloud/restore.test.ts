import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isEnd } from '../../lib/domain/experiment.ts';
import { listEvents } from '../../lib/service/events.ts';
import { eventId } from '../../lib/service/ids.ts';
import { inspectGroup, inspectGroups } from '../../lib/service/inspect.ts';
import type { Experiment } from '../helpers/contract.ts';
import { dynamoDbLocalMissing, startDynamoDbLocal } from '../helpers/dynamodb-local.ts';
import type { DynamoDbServer } from '../helpers/dynamodb-server.ts';
import { tokenOf } from '../helpers/service.ts';
import { runSequentially } from '../optimizers/hyperband-reference.ts';
import type { Clock, Cloud, Held, Search, Workers } from './drill.ts';
import {
  createClock,
  createWorkers,
  deleteTable,
  fill,
  LEASE_SECONDS,
  NAMES,
  open,
  openCloud,
  outcomeOf,
  reportOf,
  SEARCHES,
  scan,
  workOff,
} from './drill.ts';

const STEPS_MAX = 300;
const STEPS_AFTER_THE_COPY = 40;
const COPIES = 6;
const WRITES_BETWEEN_COPIES = 31;

const experimentsOf = ({ handlers }: Cloud, group: string): Promise<readonly Experiment[]> =>
  handlers.of(group).experiments();

/** A rung of which some experiments have ended and others are being worked on. */
const isHalfDone = (experiments: readonly Experiment[]): boolean =>
  experiments.some(
    ({ rung, status }) =>
      status === 'running' &&
      experiments.some(
        (other) =>
          isEnd(other.status) &&
          other.rung?.bracket === rung?.bracket &&
          other.rung?.rung === rung?.rung,
      ),
  );

/** When a search is worth being interrupted. */
const IS_DEEP: Readonly<Record<Search, (experiments: readonly Experiment[]) => boolean>> = {
  random: (experiments) => experiments.length > 8,
  hyperband: (experiments) =>
    experiments.some(({ rung }) => rung?.rung === 1) && isHalfDone(experiments),
  bo: (experiments) => experiments.some(({ source }) => source === 'surrogate'),
};

/** Searches on a table, each in its own group. */
interface Scene {
  readonly clock: Clock;
  readonly table: string;
  readonly cloud: Cloud;
  readonly groups: Readonly<Record<Search, string>>;
  readonly workers: Workers;
}

async function begin(
  server: DynamoDbServer,
  seed: number,
  afterWrite: () => Promise<void> = async () => {},
): Promise<Scene> {
  const clock = createClock();
  const table = await server.createTable();
  const cloud = await openCloud(server, table, { clock, afterWrite });
  const groups = {
    random: await open(cloud, 'random'),
    hyperband: await open(cloud, 'hyperband'),
    bo: await open(cloud, 'bo'),
  };
  return { clock, table, cloud, groups, workers: createWorkers(seed) };
}

/** Workers go on until every search is in the middle, with experiments being worked on. */
async function toTheMiddle({ cloud, groups, workers }: Scene): Promise<void> {
  for (const search of NAMES) {
    for (let steps = 0; ; steps++) {
      assert.ok(steps < STEPS_MAX, `${search} never comes to its middle`);
      const experiments = await experimentsOf(cloud, groups[search]);
      const runs = experiments.some(({ status }) => status === 'running');
      if (runs && IS_DEEP[search](experiments)) break;
      await workers.step(cloud, [groups[search]]);
    }
  }
}

/** What the sequential algorithm makes of the same Hyperband search. */
const reference = (): readonly string[] =>
  runSequentially(
    {
      matrix: [{ name: 'x', option: { kind: 'uniform', low: 0, high: 1 } }],
      seed: SEARCHES.hyperband.seed,
      maxIter: 9,
      eta: 3,
      resource: { name: 'epochs', type: 'int' },
      optimization: 'minimize',
    },
    ({ values, resource }) => {
      const { end, loss } = outcomeOf(Number(values['x']), resource);
      return { end, objective: loss };
    },
  )
    .map(({ bracket, rung, values, resource, end }) =>
      JSON.stringify([bracket, rung, values['x'], resource, end]),
    )
    .toSorted();

/** The log of a group has no gap, and tells each end and each hand-out once. */
async function assertLog({ runtime }: Cloud, group: string, experiments: number): Promise<void> {
  const told: string[] = [];
  let expected = 0;
  for (let from: number | null = 0; from !== null; ) {
    const page = await listEvents(runtime.ports, group, { sort: 'oldest', at: from, limit: 7 });
    assert.ok(page.ok);
    for (const { id, type, data } of page.value.events) {
      assert.equal(id, eventId(group, expected++), 'the log has a gap');
      const { number: n, attempt } = data;
      const isHandOut = type === 'experiment.dispatched';
      if (isHandOut) told.push(`${n} attempt ${attempt}`);
      else if (isEnd(type.replace('experiment.', ''))) told.push(`${n} ends`);
    }
    from = page.value.next;
  }
  assert.equal(new Set(told).size, told.length, 'something is told twice');
  assert.equal(told.filter((line) => line.endsWith('ends')).length, experiments);
}

/** Every search has come to its end as if nothing had happened. */
async function assertEnds(
  cloud: Cloud,
  groups: Scene['groups'],
  searches: readonly Search[] = NAMES,
): Promise<void> {
  for (const search of searches) {
    const group = await cloud.handlers.of(groups[search]).read();
    const experiments = await experimentsOf(cloud, group.id);

    assert.equal(group.status, 'done');
    assert.equal(group.status_reason?.code, 'exhausted');
    assert.equal(experiments.length, group.progress.planned, `the budget of ${search}`);
    assert.deepEqual(
      experiments.map(({ number }) => number),
      experiments.map((_, index) => index + 1),
    );
    for (const { status, values, objective } of experiments) {
      const { end, loss } = outcomeOf(Number(values['x']), Number(values['epochs'] ?? 1));
      assert.deepEqual([status, objective], [end, loss]);
    }
    await assertLog(cloud, group.id, experiments.length);
  }
  const hyperband = await experimentsOf(cloud, groups.hyperband);
  const shown = hyperband.map(({ rung, values, status }) =>
    JSON.stringify([rung?.bracket, rung?.rung, values['x'], values['epochs'], status]),
  );
  assert.deepEqual(shown.toSorted(), reference());
  const points = (await experimentsOf(cloud, groups.bo)).map(({ values }) => values['x']);
  assert.equal(new Set(points).size, points.length, 'a point twice');
}

const missing = dynamoDbLocalMissing();

describe('a table that is restored', { skip: missing ?? false }, () => {
  let server: DynamoDbServer;
  let client: DynamoDBClient;
  before(async () => {
    server = await startDynamoDbLocal();
    client = server.client();
  });
  after(() => {
    client.destroy();
    server.stop();
  });

  /** Puts the items into a new table and points the functions at it; the old one is deleted. */
  async function restore(
    { clock, table, cloud }: Pick<Scene, 'clock' | 'table' | 'cloud'>,
    items: Awaited<ReturnType<typeof scan>>,
  ): Promise<Cloud> {
    await deleteTable(client, table);
    const copy = await server.createTable();
    await fill(client, copy, items);
    return openCloud(server, copy, { clock, key: cloud.key });
  }

  for (const seed of [1, 2, 3]) {
    test(`brings every search to its end, and tells late workers what to do (seed ${seed})`, async () => {
      const scene = await begin(server, seed);
      const { clock, cloud, groups, workers } = scene;
      await toTheMiddle(scene);
      const known = await Promise.all(NAMES.map((name) => experimentsOf(cloud, groups[name])));
      const heldThen = [...workers.held];
      const endedThen = workers.ended.length;
      const items = await scan(client, scene.table);
      for (let step = 0; step < STEPS_AFTER_THE_COPY; step++) {
        await workers.step(cloud, Object.values(groups));
      }
      const younger = await open(cloud, 'random');

      const restored = await restore(scene, items);

      const tell = (held: Held, isEnd: boolean) =>
        restored.handlers.call('report', {
          group: held.group,
          number: held.experiment.number,
          json: reportOf(held, isEnd),
        });
      // Who held an experiment when the copy was taken holds it still.
      for (const held of workers.held.filter((one) => heldThen.includes(one))) {
        const { problem, value } = await tell(held, false);
        assert.equal(problem, null);
        assert.equal(value?.should_stop, false);
      }
      // Who was given one later is told that there is none, or that it is not theirs.
      for (const held of workers.held.filter((one) => !heldThen.includes(one))) {
        const { problem } = await tell(held, true);
        assert.ok(['experiment_not_found', 'lease_lost'].includes(problem?.code ?? ''));
      }
      // An end that came later is lost, and is taken when it comes again.
      for (const held of workers.ended.slice(endedThen)) {
        const { problem, value } = await tell(held, true);
        if (heldThen.includes(held)) assert.ok(isEnd(value?.experiment.status ?? ''));
        else assert.ok(['experiment_not_found', 'lease_lost'].includes(problem?.code ?? ''));
      }
      await restored.handlers.refused('readGroup', { group: younger }, 'group_not_found');
      clock.pass(LEASE_SECONDS + 1);
      await workOff(restored, Object.values(groups));

      await assertEnds(restored, groups);
      for (const [position, search] of NAMES.entries()) {
        const now = await experimentsOf(restored, groups[search]);
        for (const before of known[position] ?? []) {
          const { status, values, objective } = now[before.number - 1] ?? {};
          assert.deepEqual(values, before.values, 'an experiment of the copy is another one now');
          if (isEnd(before.status)) {
            assert.deepEqual([status, objective], [before.status, before.objective]);
          }
        }
      }
    });
  }

  test('brings every search to its end whatever write the copy was taken after', async () => {
    const copies: Awaited<ReturnType<typeof scan>>[] = [];
    const ends: number[] = [];
    let copy = async (): Promise<void> => {};
    let writes = 0;
    const scene = await begin(server, 5, async () => {
      if (++writes % WRITES_BETWEEN_COPIES === 0) await copy();
    });
    const { clock, table, cloud, groups, workers } = scene;
    copy = async () => {
      copies.push(await scan(client, table));
      ends.push(workers.ended.length);
    };
    while (copies.length < COPIES) await workers.step(cloud, Object.values(groups));
    clock.pass(LEASE_SECONDS + 1);

    for (const [position, items] of copies.entries()) {
      const name = await server.createTable();
      await fill(client, name, items);
      const restored = await openCloud(server, name, { clock, key: cloud.key });
      for (const group of Object.values(groups)) {
        assert.deepEqual(await inspectGroup(restored.runtime.ports, group), []);
      }
      // What was acknowledged by then is there.
      for (const { group, experiment } of workers.ended.slice(0, ends[position])) {
        const { status } = await restored.handlers.of(group).experiment(experiment.number);
        assert.ok(isEnd(status), 'an acknowledged end is lost');
      }
      await workOff(restored, Object.values(groups));
      await assertEnds(restored, groups);
      await deleteTable(client, name);
    }
  });

  test('hands out again what was handed out again after the copy, and takes both workers’ word', async () => {
    const { clock, table, cloud, groups } = await begin(server, 6);
    const group = groups.random;
    const { number } = await cloud.handlers.of(group).next();
    clock.pass(LEASE_SECONDS + 1);
    const items = await scan(client, table);
    const second = { group, experiment: await cloud.handlers.of(group).next() };
    const restored = await restore({ clock, table, cloud }, items);
    const third = { group, experiment: await restored.handlers.of(group).next() };

    // The secret is the experiment's own and the attempt has the same number: the tokens are the same.
    assert.deepEqual([second.experiment.number, third.experiment.number], [number, number]);
    assert.equal(tokenOf(second.experiment), tokenOf(third.experiment));
    await restored.handlers.of(group).report(number, reportOf(second, true));
    const json = { ...reportOf(third, true), metrics: { loss: 7 } };
    await restored.handlers.refused('report', { group, number, json }, 'experiment_finished');

    const { progress } = await restored.handlers.of(group).read();
    assert.deepEqual([progress.succeeded + progress.failed, progress.running], [1, 0]);
  });

  test('gives a number anew, which only a report without a lease token can mistake for its own', async () => {
    const { clock, table, cloud, groups } = await begin(server, 7);
    const group = groups.bo;
    const items = await scan(client, table);
    const early = { group, experiment: await cloud.handlers.of(group).next() };
    const { number } = early.experiment;
    const restored = await restore({ clock, table, cloud }, items);
    const { lease } = await restored.handlers.of(group).next();

    await restored.handlers.refused(
      'report',
      { group, number, json: reportOf(early, true) },
      'lease_lost',
    );
    const answer = await restored.handlers.of(group).report(number, { metrics: { loss: 1 } });

    assert.equal(answer.experiment.lease?.token, lease?.token);
  });

  test('has a group again that was deleted since', async () => {
    const scene = await begin(server, 8);
    const { clock, table, cloud, groups } = scene;
    await toTheMiddle(scene);
    const before = await experimentsOf(cloud, groups.hyperband);
    const items = await scan(client, table);
    await cloud.handlers.of(groups.hyperband).delete();
    await cloud.sweep();
    assert.deepEqual(
      (await scan(client, table)).filter(({ pk }) => pk?.S?.startsWith(groups.hyperband)),
      [],
    );

    const restored = await restore({ clock, table, cloud }, items);

    assert.deepEqual(await experimentsOf(restored, groups.hyperband), before);
    const { items: listed } = await restored.handlers.done('listGroups');
    assert.equal(listed.filter(({ id }) => id === groups.hyperband).length, 1);
    clock.pass(LEASE_SECONDS + 1);
    await workOff(restored, Object.values(groups));
    await assertEnds(restored, groups);
  });

  test('goes on with the removal of a group that was half removed', async () => {
    const scene = await begin(server, 9);
    const { clock, table, cloud, groups } = scene;
    await toTheMiddle(scene);
    await cloud.handlers.of(groups.random).delete();
    const items = (await scan(client, table)).filter(
      ({ pk }) => !['#0000000002', '#0000000005'].some((end) => pk?.S === groups.random + end),
    );

    const restored = await restore(scene, items);

    await restored.handlers.refused('readGroup', { group: groups.random }, 'group_not_found');
    await restored.sweep();
    const left = await scan(client, restored.table);
    assert.deepEqual(
      left.filter(({ pk }) => pk?.S?.startsWith(groups.random)),
      [],
    );
    clock.pass(LEASE_SECONDS + 1);
    await workOff(restored, [groups.bo]);
  });

  for (const [what, pick] of [
    ['heads older than the rest', [true, false]],
    ['heads younger than the rest', [false, true]],
  ] as const) {
    test(`torn between its items (${what}) hurts, and shows, only the group that was changed meanwhile`, async () => {
      const scene = await begin(server, 10);
      const { clock, table, cloud, groups, workers } = scene;
      await toTheMiddle(scene);
      const first = await scan(client, table);
      for (let step = 0; step < STEPS_AFTER_THE_COPY; step++) {
        await workers.step(cloud, [groups.random]);
      }
      const second = await scan(client, table);
      const [before, after] = pick;
      const items = [
        ...first.filter(({ sk }) => (sk?.S === 'head') === before),
        ...second.filter(({ sk }) => (sk?.S === 'head') === after),
      ];

      const restored = await restore(scene, items);
      const found = await Array.fromAsync(inspectGroups(restored.runtime.ports));
      const torn = found.filter(({ findings }) => findings.length > 0);
      assert.deepEqual(
        torn.map(({ group }) => group),
        [groups.random],
      );
      clock.pass(LEASE_SECONDS + 1);
      await workOff(restored, [groups.hyperband, groups.bo]);

      await assertEnds(restored, groups, ['hyperband', 'bo']);
      // The other one keeps its limits, whether it gets to its end or not.
      const { progress } = await restored.handlers.of(groups.random).read();
      assert.ok(progress.running <= SEARCHES.random.concurrency);
    });
  }
});
