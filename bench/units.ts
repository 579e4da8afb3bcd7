/**
 * Write and read units per suggest + report pair, as a DynamoDB server counts them for the adapter's own requests. One
 * caller, so that nothing is written twice; random search and Hyperband, with and without a history.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createLocalRuntime } from '../lib/runtime/local.ts';
import { advanceGroup } from '../lib/service/advance.ts';
import { createGroup } from '../lib/service/groups.ts';
import { leaseToken } from '../lib/service/lease.ts';
import type { Ports } from '../lib/service/ports.ts';
import { report } from '../lib/service/report.ts';
import { suggest } from '../lib/service/suggest.ts';
import { createDynamoDbStore } from '../lib/store/dynamodb.ts';
import { dynoxideMissing, startDynoxide } from '../test/helpers/dynoxide.ts';

const WRITES = new Set(['PutItemCommand', 'DeleteItemCommand']);

interface Counted {
  writes: number;
  reads: number;
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Units in an answer: one record, or a list of them. */
function unitsIn(output: unknown): number {
  const consumed = isMap(output) ? output['ConsumedCapacity'] : undefined;
  const records: readonly unknown[] = Array.isArray(consumed) ? consumed : [consumed];
  return records.reduce<number>(
    (sum, record) => sum + Number((isMap(record) ? record['CapacityUnits'] : 0) ?? 0),
    0,
  );
}

/** Makes every request ask what it consumed, and adds it up. */
function count(client: DynamoDBClient): Counted {
  const counted: Counted = { writes: 0, reads: 0 };
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (isMap(args.input)) Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' });
      const result = await next(args);
      const kind = WRITES.has(context.commandName ?? '') ? 'writes' : 'reads';
      counted[kind] += unitsIn(result.output);
      return result;
    },
    { step: 'initialize', name: 'countUnits' },
  );
  return counted;
}

const ALGORITHMS = {
  'random search': {
    random_search: { n_experiments: 400, metric: { name: 'loss', optimization: 'minimize' } },
  },
  hyperband: {
    hyperband: {
      max_iter: 81,
      eta: 3,
      resource: { name: 'epochs', type: 'int' },
      metric: { name: 'loss', optimization: 'minimize' },
    },
  },
} as const;

if (dynoxideMissing !== null) {
  console.log(dynoxideMissing);
} else {
  const server = await startDynoxide();
  console.log('algorithm       concurrency   pairs   write units/pair   read units/pair');
  for (const [name, algorithm] of Object.entries(ALGORITHMS)) {
    for (const concurrency of [1, 16, 100]) {
      const client = server.client();
      const store = createDynamoDbStore(client, await server.createTable());
      const runtime = createLocalRuntime({ folder: null, logger: console });
      const pokes: string[] = [];
      const ports: Ports = {
        ...runtime.ports,
        store,
        definitions: new Map(),
        poke: async ({ group }) => {
          pokes.push(group);
        },
      };
      const created = await createGroup(ports, runtime.call(), {
        version: 1,
        kind: 'group',
        hptuning: {
          seed: 1,
          concurrency,
          ...algorithm,
          matrix: {
            lr: { loguniform: [-9, 0] },
            momentum: { uniform: [0, 1] },
            hidden: { quniform: [16, 512, 16] },
            batch: { values: [16, 32, 64] },
            l2: { loguniform: [-12, -2] },
            activation: { values: ['relu', 'tanh'] },
          },
        },
      });
      if (!created.ok) throw new Error(created.fault.detail);
      const group = created.value.definition.config.id;
      const counted = count(client);
      let pairs = 0;
      for (;;) {
        // As many callers as there are places hold an experiment each.
        const asked = await suggest(ports, runtime.call(), {
          group,
          count: 1,
          worker: null,
          waitSeconds: 0,
        });
        if (!asked.ok || asked.value.groupStatus === 'done') break;
        for (const experiment of asked.value.experiments) {
          await report(ports, runtime.call(), {
            group,
            number: experiment.number,
            steps: [{ step: 1, metrics: { loss: Math.sin(experiment.number), accuracy: 0.5 } }],
            status: 'succeeded',
            checkpoint: null,
            message: null,
            leaseToken: leaseToken(group, experiment, experiment.attempt),
            tokenIsKey: false,
          });
          pairs++;
        }
        for (const poked of pokes.splice(0)) await advanceGroup(ports, poked);
      }
      const per = (units: number): string => (units / pairs).toFixed(2);
      console.log(
        `${name.padEnd(15)} ${String(concurrency).padStart(11)} ${String(pairs).padStart(7)} ${per(counted.writes).padStart(18)} ${per(counted.reads).padStart(17)}`,
      );
      await store.close();
      await runtime.ports.store.close();
    }
  }
  server.stop();
}
