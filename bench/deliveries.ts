/**
 * What a delivery to a webhook costs, from the poke that tells of its event to its last attempt.
 *
 *     npm run bench deliveries
 *
 * Runs the functions of the cloud as `npm run bench cost` does, with moto's Parameter Store beside them and an endpoint
 * that answers at once. Writes results/deliveries.md. Takes two or three minutes.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { motoMissing, startParameterStore } from '../test/helpers/cloud/moto.ts';
import { startCloud } from './cost/cloud.ts';
import type { DeliveryUse, Telling } from './cost/deliveries.ts';
import { DELIVERY_POSTS, deliveryBill, measureDeliveries } from './cost/deliveries.ts';
import { ASSUMED, durationMs } from './cost/dollars.ts';
import { PRICES_AS_OF, REGIONS } from './cost/prices.ts';
import { markdownTable } from './cost/table.ts';

const RESULTS = join(import.meta.dirname, 'results/deliveries.md');
const MILLION = 1_000_000;

const TELLINGS: readonly Telling[] = [
  { name: 'one event a pair', events: ['experiment.succeeded'], failures: 0 },
  { name: 'one event a pair, two attempts fail', events: ['experiment.succeeded'], failures: 2 },
  { name: 'every event', events: ['*'], failures: 0 },
];

const missing = motoMissing();
if (missing !== null) throw new Error(missing);
const parameters = await startParameterStore();
const environment = {
  RUNGWISE_WEBHOOK_KEY: '/rungwise/bench/webhook-keys',
  RUNGWISE_SSM_ENDPOINT: parameters.endpoint,
  RUNGWISE_ALLOW_PRIVATE_WEBHOOKS: '1',
};

const uses: DeliveryUse[] = [];
let emulator = '';
for (const telling of TELLINGS) {
  const cloud = await startCloud(environment);
  emulator = cloud.emulator;
  uses.push(await measureDeliveries(cloud, telling));
  await cloud.stop();
}
parameters.stop();

const [HOME] = REGIONS;
const kinds = [...new Set(uses.flatMap(({ writesByKind }) => Object.keys(writesByKind)))].sort();
const sumOf = (bill: Readonly<Record<string, number>>): number =>
  Object.values(bill).reduce((sum, usd) => sum + usd, 0);

const report = `# What a delivery costs

A delivery is one event on its way to one webhook, from the poke that tells of it to its last attempt. Written by
\`npm run bench deliveries\`; what the figures mean stands in [docs/costs.md](../../docs/costs.md). The table was ${emulator}.
Prices are those of ${PRICES_AS_OF}.

## A delivery

${markdownTable(
  [
    'workload',
    'deliveries',
    'attempts',
    'write units',
    'read units',
    'table requests',
    'queue requests',
    'calls of advance',
    'calls of deliver-webhook',
    'bytes out',
    'bytes stored',
  ],
  uses.map((use) => [
    use.name,
    use.deliveries,
    use.attempts,
    use.writeUnits,
    use.readUnits,
    use.tableRequests,
    use.queueRequests,
    use.functions.advance.calls,
    use.functions['deliver-webhook'].calls,
    Math.round(use.bytesSent),
    Math.round(use.stored),
  ]),
)}

## Write units of a delivery by kind of item

${markdownTable(
  ['workload', ...kinds],
  uses.map(({ name, writesByKind }) => [name, ...kinds.map((kind) => writesByKind[kind] ?? 0)]),
)}

## Time of a delivery

Processor time in ms on this machine; the last two columns are what Lambda bills without the wait for the endpoint.

${markdownTable(
  ['workload', 'advance', 'deliver-webhook', 'advance, Lambda ms', 'deliver-webhook, Lambda ms'],
  uses.map(({ name, functions }) => [
    name,
    functions.advance.cpuMs,
    functions['deliver-webhook'].cpuMs,
    durationMs('advance', functions.advance),
    durationMs('deliver-webhook', functions['deliver-webhook']),
  ]),
)}

## A million deliveries, US dollars in ${HOME}

An endpoint answers after ${ASSUMED.endpointMs} ms.

${markdownTable(
  ['workload', ...DELIVERY_POSTS, ...REGIONS.map((region) => `all in, ${region}`)],
  uses.map((use) => {
    const bill = deliveryBill(use, HOME, MILLION);
    return [
      use.name,
      ...DELIVERY_POSTS.map((post) => bill[post]),
      ...REGIONS.map((region) => sumOf(deliveryBill(use, region, MILLION))),
    ];
  }),
)}
`;
console.log(report);
writeFileSync(RESULTS, report);
