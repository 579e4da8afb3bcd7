import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { createLocalRuntime } from '../../lib/runtime/local.ts';
import { noTurns } from '../../lib/runtime/turns.ts';
import { listEvents } from '../../lib/service/events.ts';
import { listExperiments } from '../../lib/service/experiments.ts';
import { createGroup, readGroup } from '../../lib/service/groups.ts';
import type { Ports } from '../../lib/service/ports.ts';
import { createDynamoDbStore } from '../../lib/store/dynamodb.ts';
import { openSqliteStore } from '../../lib/store/sqlite.ts';
import type { Store } from '../../lib/store/store.ts';
import { workAsCallers } from '../helpers/callers.ts';
import { dynoxideMissing, startDynoxide } from '../helpers/dynoxide.ts';

const CALLERS = 24;
const CONCURRENCY = 6;
const PLANNED = 48;

const logger = { error() {}, warn() {}, info() {} };
const runtime = createLocalRuntime({ folder: null, logger });
after(() => runtime.ports.store.close());

const document = {
  version: 1,
  kind: 'group',
  hptuning: {
    seed: 5,
    concurrency: CONCURRENCY,
    random_search: { n_experiments: PLANNED, metric: { name: 'loss', optimization: 'minimize' } },
    matrix: { x: { uniform: [0, 1] }, y: { values: ['a', 'b', 'c'] } },
  },
};

interface Outcome {
  readonly numbers: readonly number[];
  readonly values: ReadonlyMap<number, unknown>;
  readonly status: string;
  readonly succeeded: number;
  readonly sorted: readonly number[];
  readonly events: readonly string[];
}

/** Many callers at once work on one group to its end. */
async function work(store: Store): Promise<Outcome> {
  // As in the cloud, nobody waits for a turn.
  const ports: Ports = { ...runtime.ports, store, definitions: new Map(), inTurn: noTurns };
  const created = await createGroup(ports, runtime.call(), document);
  assert.ok(created.ok);
  const group = created.value.definition.config.id;
  const values = new Map<number, unknown>();

  await workAsCallers(ports, runtime.call, {
    group,
    callers: CALLERS,
    waitSeconds: 1,
    handedOut(experiment) {
      assert.ok(!values.has(experiment.number), 'handed out twice');
      values.set(experiment.number, experiment.values);
    },
  });
  const view = await readGroup(ports, group);
  assert.ok(view.ok);
  const listed = await listExperiments(ports, {
    group,
    sort: 'objective',
    status: 'succeeded',
    limit: 200,
    after: null,
  });
  assert.ok(listed.ok);
  const events: string[] = [];
  for (let from: number | null = 0; from !== null; ) {
    const page = await listEvents(ports, group, { sort: 'oldest', at: from, limit: 7 });
    assert.ok(page.ok);
    events.push(...page.value.events.map(({ type, data }) => `${type} ${data['number'] ?? ''}`));
    from = page.value.next;
  }
  return {
    numbers: [...values.keys()].sort((a, b) => a - b),
    values,
    status: view.value.head.status,
    succeeded: view.value.head.counts.succeeded,
    sorted: listed.value.experiments.map(({ number }) => number),
    events,
  };
}

function verify(outcome: Outcome): void {
  const numbers = Array.from({ length: PLANNED }, (_, i) => i + 1);
  assert.deepEqual(outcome.numbers, numbers);
  assert.equal(outcome.status, 'done');
  assert.equal(outcome.succeeded, PLANNED);
  assert.deepEqual(
    outcome.sorted,
    numbers.toSorted((a, b) => ((a * 7) % 13) - ((b * 7) % 13) || a - b),
  );
  for (const type of ['dispatched', 'started', 'succeeded']) {
    const told = outcome.events.filter((event) => event.startsWith(`experiment.${type} `));
    assert.equal(told.length, PLANNED, type);
    assert.equal(new Set(told).size, PLANNED, type);
  }
  assert.equal(outcome.events[0], 'group.created ');
  assert.equal(outcome.events.at(-1), 'group.done ');
}

describe('one group under many callers', () => {
  let onSqlite: Outcome | undefined;

  test('ends with the exact budget on SQLite', async () => {
    const store = openSqliteStore(null);

    onSqlite = await work(store);

    verify(onSqlite);
    await store.close();
  });

  test('ends with the exact budget and the same values on DynamoDB', {
    skip: dynoxideMissing ?? false,
  }, async () => {
    const server = await startDynoxide();
    const store = createDynamoDbStore(server.client(), await server.createTable());

    const onDynamoDb = await work(store);

    verify(onDynamoDb);
    assert.deepEqual(
      [...onDynamoDb.values].sort(([a], [b]) => a - b),
      [...(onSqlite?.values ?? [])].sort(([a], [b]) => a - b),
    );
    await store.close();
    server.stop();
  });
});
