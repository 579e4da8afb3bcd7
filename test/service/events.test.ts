import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { ExperimentState } from '../../lib/domain/experiment.ts';
import type { PackedEvent } from '../../lib/domain/group.ts';
import { EVENT_TYPES } from '../../lib/domain/group.ts';
import { createLocalRuntime } from '../../lib/runtime/local.ts';
import { describeEvents, listEvents, readLog } from '../../lib/service/events.ts';
import { createGroup, deleteGroup } from '../../lib/service/groups.ts';
import { leaseToken } from '../../lib/service/lease.ts';
import type { Ports } from '../../lib/service/ports.ts';
import { release, report } from '../../lib/service/report.ts';
import { suggest } from '../../lib/service/suggest.ts';
import { experimentKey, headKey } from '../../lib/store/keys.ts';
import { openSqliteStore } from '../../lib/store/sqlite.ts';
import type { Put } from '../../lib/store/store.ts';
import { StoreUnavailable } from '../../lib/store/store.ts';

const LEASE_MS = 60_000;
/** Longer than a writer may take. */
const LONG_MS = 6_000;

const runtime = createLocalRuntime({ folder: null, logger: { error() {}, warn() {}, info() {} } });
after(() => runtime.ports.store.close());

/** A group, and the use cases on a store that can lose its writes. */
async function open() {
  const store = openSqliteStore(null);
  let now = Date.now();
  let lost: (put: Put<unknown>) => boolean = () => false;
  const ports: Ports = {
    ...runtime.ports,
    definitions: new Map(),
    poke: async () => {},
    now: () => now,
    store: {
      ...store,
      async put(put) {
        if (lost(put)) throw new StoreUnavailable('lost');
        return store.put(put);
      },
    },
  };
  const created = await createGroup(ports, runtime.call(), {
    version: 1,
    kind: 'group',
    hptuning: {
      lease_seconds: LEASE_MS / 1000,
      max_attempts: 9,
      grid_search: { metric: { name: 'loss', optimization: 'minimize' } },
      matrix: { lr: { values: [0.1, 0.2, 0.3] } },
    },
  });
  assert.ok(created.ok);
  const { definition } = created.value;
  const group = definition.config.id;

  const events = async (from = 0) => {
    const page = await listEvents(ports, group, { sort: 'oldest', at: from, limit: 200 });
    assert.ok(page.ok);
    assert.equal(page.value.next, null);
    return page.value.events;
  };
  return {
    ports,
    store,
    definition,
    group,
    pass(ms: number) {
      now += ms;
    },
    /** From now on writes to these items are lost; none with null. */
    lose(sk: 'head' | 'experiment' | null) {
      lost = ({ key }) => key.sk === sk;
    },
    async suggest(worker: string): Promise<readonly ExperimentState[]> {
      const request = { group, count: 1, worker, waitSeconds: 0 };
      const asked = await suggest(ports, runtime.call(), request);
      assert.ok(asked.ok);
      return asked.value.experiments;
    },
    release: (number: number) =>
      release(ports, { group, number, leaseToken: null, tokenIsKey: false }),
    async end(number: number, loss: number): Promise<void> {
      const ended = await report(ports, runtime.call(), {
        group,
        number,
        steps: [{ step: null, metrics: { loss } }],
        status: 'succeeded',
        checkpoint: null,
        message: null,
        leaseToken: null,
        tokenIsKey: false,
      });
      assert.ok(ended.ok);
    },
    events,
    async told(): Promise<readonly unknown[]> {
      return (await events()).map(({ type, data }) =>
        [type, data['attempt'], data['worker']]
          .filter((part) => part !== undefined && part !== null)
          .join(' '),
      );
    },
    /** The log as it lies in the store. */
    async stored() {
      const head = await store.get(headKey(group));
      assert.ok(head !== null);
      return readLog(ports, group, head.body, { from: 0, limit: 200 });
    },
  };
}

test('a group that is deleted has told so in the log that it leaves', async () => {
  const { ports, group, definition, stored, suggest } = await open();
  await suggest('w');

  await deleteGroup(ports, group);

  const left = await stored();
  const told = await describeEvents(ports, definition, left);
  assert.equal(told.held, null);
  assert.deepEqual(
    told.events.map(({ type }) => type),
    ['group.created', 'experiment.dispatched', 'group.deleted'],
  );
  assert.equal((await listEvents(ports, group, { sort: 'oldest', at: null, limit: 1 })).ok, false);
});

test('a hand-out carries the whole experiment with its lease where that is asked for, and only there', async () => {
  const { ports, group, definition, stored, suggest, pass } = await open();
  const [experiment] = await suggest('w');
  assert.ok(experiment !== undefined);
  const events = await stored();

  const plain = await describeEvents(ports, definition, events);
  const leased = await describeEvents(ports, definition, events, { withLeases: true });

  const carried = leased.events.map(({ data: { experiment: whole, ...data } }) => ({
    whole,
    data,
  }));
  assert.deepEqual(
    carried.map(({ data }) => data),
    plain.events.map(({ data }) => data),
  );
  const token = leaseToken(group, experiment, 1);
  assert.ok(JSON.stringify(carried[1]?.whole).includes(`"lease":{"token":"${token}"`));
  assert.ok(!JSON.stringify(plain).includes(token));
  pass(LEASE_MS);
  const lapsed = await describeEvents(ports, definition, events, { withLeases: true });
  assert.deepEqual(lapsed, plain);
});

test('the log waits for a hand-out whose experiment is not written, and no longer than its writer may take', async () => {
  const { suggest, lose, told, pass, events } = await open();
  lose('experiment');
  await assert.rejects(suggest('lost'), StoreUnavailable);
  lose(null);

  assert.deepEqual(await told(), ['group.created']);

  pass(LONG_MS);
  await told();
  pass(LONG_MS);
  assert.deepEqual(await told(), [
    'group.created',
    'experiment.dispatched 1',
    'experiment.lease_lost 1',
  ]);
  const [handOut] = await events(1);
  assert.deepEqual(handOut?.data['values'], { lr: 0.1 });
  assert.equal(handOut?.data['worker'], null);
});

test('attempts that only the experiment knows of are told with their workers and their ends', async () => {
  const { suggest, lose, told, pass, release } = await open();
  await suggest('first');
  pass(LEASE_MS);
  assert.equal((await told()).at(-1), 'experiment.lease_lost 1');
  lose('head');
  await assert.rejects(suggest('second'), StoreUnavailable);
  await assert.rejects(release(1), StoreUnavailable);
  lose(null);

  await suggest('third');

  assert.deepEqual((await told()).slice(3), [
    'experiment.dispatched 2 second',
    'experiment.queued 2',
    'experiment.dispatched 3 third',
  ]);
});

test('events as earlier versions stored them still read', async () => {
  const { store, group, suggest, end, events, stored } = await open();
  await suggest('w');
  await end(1, 0.5);
  await suggest('w');
  const now = await events();
  const head = await store.get(headKey(group));
  assert.ok(head !== null);
  const more: Readonly<Record<string, object>> = {
    'experiment.succeeded': { objective: 0.5 },
    'group.best_changed': { value: 0.5 },
  };
  const old = head.body.events.map((packed): PackedEvent => {
    const [type, at, n] = packed;
    const data = more[EVENT_TYPES[type] ?? ''];
    return data === undefined || n === undefined ? packed : [type, at, n, null, null, { ...data }];
  });

  await store.put({ key: headKey(group), body: { ...head.body, events: old }, expect: head.rev });

  assert.ok((await stored()).some(({ data }) => data !== undefined));
  assert.deepEqual(await events(), now);
});

test('an experiment as earlier versions stored it, without its earlier attempts, is told all the same', async () => {
  const { store, group, suggest, told, pass } = await open();
  await suggest('first');
  pass(LEASE_MS);
  await suggest('second');
  const item = await store.get(experimentKey(group, 1));
  assert.ok(item !== null);
  const { earlier: _earlier, ...body } = item.body;

  await store.put({ key: experimentKey(group, 1), body, expect: item.rev });

  assert.deepEqual((await told()).slice(1), [
    'experiment.dispatched 1',
    'experiment.lease_lost 1',
    'experiment.dispatched 2 second',
  ]);
});
