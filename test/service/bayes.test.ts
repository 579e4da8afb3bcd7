import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Values } from '../../lib/domain/values.ts';
import { createLocalRuntime } from '../../lib/runtime/local.ts';
import { advanceGroup } from '../../lib/service/advance.ts';
import { createGroup, readGroup } from '../../lib/service/groups.ts';
import type { Ports } from '../../lib/service/ports.ts';
import { proposeHere } from '../../lib/service/propose.ts';
import { report } from '../../lib/service/report.ts';
import { suggest } from '../../lib/service/suggest.ts';
import { createDynamoDbStore } from '../../lib/store/dynamodb.ts';
import { openSqliteStore } from '../../lib/store/sqlite.ts';
import type { Store } from '../../lib/store/store.ts';
import { dynoxideMissing, startDynoxide } from '../helpers/dynoxide.ts';

const logger = { error() {}, warn() {}, info() {} };
const runtime = createLocalRuntime({ folder: null, logger });
after(() => runtime.ports.store.close());

const PLANNED = 14;

const document = {
  version: 1,
  kind: 'group',
  hptuning: {
    seed: 9,
    bo: {
      n_initial_trials: 4,
      n_iterations: PLANNED - 4,
      metric: { name: 'loss', optimization: 'minimize' },
    },
    matrix: { x: { uniform: [0, 1] }, y: { values: ['a', 'b', 'c'] } },
  },
};

/** One process for each call, which remembers nothing, works on a group to its end; pokes are done when it asks again. */
async function work(store: Store): Promise<readonly Values[]> {
  const pokes: string[] = [];
  const fresh = (): Ports => ({
    ...runtime.ports,
    store,
    definitions: new Map(),
    propose: proposeHere,
    poke: async ({ group }) => {
      pokes.push(group);
    },
  });
  const created = await createGroup(fresh(), runtime.call(), document);
  assert.ok(created.ok);
  const group = created.value.definition.config.id;
  const values: Values[] = [];
  for (;;) {
    for (const poked of pokes.splice(0)) await advanceGroup(fresh(), poked);
    const request = { group, count: 1, worker: null, waitSeconds: 0 };
    const suggested = await suggest(fresh(), runtime.call(), request);
    assert.ok(suggested.ok);
    const [experiment] = suggested.value.experiments;
    if (experiment === undefined) {
      if (suggested.value.groupStatus === 'done') break;
      assert.equal(suggested.value.reason, 'computing');
      assert.ok(pokes.length > 0, 'somebody was told to compute');
      continue;
    }
    values.push(experiment.values);
    const loss = (Number(experiment.values['x']) - 0.4) ** 2;
    const ended = await report(fresh(), runtime.call(), {
      group,
      number: experiment.number,
      steps: [{ step: 1, metrics: { loss } }],
      status: 'succeeded',
      checkpoint: null,
      message: null,
      leaseToken: null,
      tokenIsKey: false,
    });
    assert.ok(ended.ok);
  }
  const view = await readGroup(fresh(), group);
  assert.ok(view.ok);
  assert.equal(view.value.head.counts.succeeded, PLANNED);
  return values;
}

describe('Bayesian optimisation by processes that remember nothing', () => {
  let onSqlite: readonly Values[] = [];

  test('runs to its end on SQLite, every point once', async () => {
    const store = openSqliteStore(null);

    onSqlite = await work(store);

    assert.equal(new Set(onSqlite.map((values) => JSON.stringify(values))).size, PLANNED);
    await store.close();
  });

  test('gives the same values on DynamoDB', { skip: dynoxideMissing ?? false }, async () => {
    const server = await startDynoxide();
    const store = createDynamoDbStore(server.client(), await server.createTable());

    assert.deepEqual(await work(store), onSqlite);
    await store.close();
    server.stop();
  });
});
