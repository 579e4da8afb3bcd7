/**
 * Whether a group of 100,000 experiments on DynamoDB stays as fast as it began, and whether an item grows.
 *
 *     npm run bench long-group [EXPERIMENTS]
 *
 * Runs the use cases in this process on an emulator; takes a quarter of an hour.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { paginateScan } from '@aws-sdk/client-dynamodb';
import { createLocalRuntime } from '../lib/runtime/local.ts';
import { definitionOf } from '../lib/service/definitions.ts';
import { createGroup } from '../lib/service/groups.ts';
import { readHead } from '../lib/service/head.ts';
import { readHistory } from '../lib/service/history.ts';
import type { Ports } from '../lib/service/ports.ts';
import { createDynamoDbStore } from '../lib/store/dynamodb.ts';
import { workAsCallers } from '../test/helpers/callers.ts';
import { startTable } from './cost/cloud.ts';
import { kindOf } from './cost/ledger.ts';
import { itemSize } from './cost/units.ts';

const EXPERIMENTS = Number(process.argv[2] ?? 100_000);
const CALLERS = 16;
const PARTS = 10;

/** The largest item of each kind, bytes, and how many there are. */
async function itemsOf(
  client: DynamoDBClient,
  table: string,
): Promise<Readonly<Record<string, { readonly count: number; readonly largest: number }>>> {
  const kinds: Record<string, { readonly count: number; readonly largest: number }> = {};
  for await (const page of paginateScan({ client }, { TableName: table })) {
    for (const item of page.Items ?? []) {
      const { count, largest } = kinds[kindOf(item)] ?? { count: 0, largest: 0 };
      kinds[kindOf(item)] = { count: count + 1, largest: Math.max(largest, itemSize(item)) };
    }
  }
  return kinds;
}

const [emulator, server] = await startTable();
const client = server.client();
const table = await server.createTable();
const runtime = createLocalRuntime({
  folder: null,
  logger: { error: console.error, warn() {}, info() {} },
});
const store = createDynamoDbStore(client, table);
const ports: Ports = { ...runtime.ports, store, definitions: new Map() };
const created = await createGroup(ports, runtime.call(), {
  version: 1,
  kind: 'group',
  hptuning: {
    concurrency: CALLERS,
    random_search: {
      n_experiments: EXPERIMENTS,
      metric: { name: 'loss', optimization: 'minimize' },
    },
    matrix: { x: { uniform: [0, 1] }, y: { uniform: [0, 1] } },
  },
});
if (!created.ok) throw new Error(created.fault.detail);
const group = created.value.definition.config.id;

console.log(`${EXPERIMENTS} experiments, ${CALLERS} callers, ${emulator}`);
const rates: number[] = [];
let handedOut = 0;
let since = performance.now();
await workAsCallers(ports, runtime.call, {
  group,
  callers: CALLERS,
  waitSeconds: 0,
  handedOut() {
    if (++handedOut % (EXPERIMENTS / PARTS) !== 0) return;
    const rate = (EXPERIMENTS / PARTS / (performance.now() - since)) * 1000;
    since = performance.now();
    rates.push(rate);
    console.log(`${handedOut} handed out, the last of them at ${rate.toFixed(0)} pairs a second`);
  },
});
const [first = 0, last = 0] = [rates[0], rates.at(-1)];
console.log(
  `pairs a second of the last tenth over those of the first: ${(last / first).toFixed(2)}`,
);

const definition = await definitionOf(ports, group);
const head = await readHead(ports, group);
if (definition === null || !head.ok) throw new Error('the group is gone');
console.log(`${head.value.body.counts.succeeded} succeeded`);
for (const what of ['put together', 'read again']) {
  const start = performance.now();
  const { learnt } = await readHistory(ports, definition, head.value.body);
  const ms = performance.now() - start;
  console.log(`history of ${learnt.observations.length} ${what}: ${ms.toFixed(0)} ms`);
}
console.table(await itemsOf(client, table));
await store.close();
server.stop();
process.exit();
