import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { FUNCTIONS } from '../../infra/functions.ts';
import { freePort } from '../../test/helpers/free-port.ts';
import type { Cloud } from './cloud.ts';
import { ASSUMED, GB, gbSeconds } from './dollars.ts';
import type { Used } from './gateway.ts';
import type { GroupCalls, Held } from './group.ts';
import { createGroup, suggestedIn } from './group.ts';
import { storageUsd } from './idle.ts';
import { fill } from './pairs.ts';
import type { Priced, Region } from './prices.ts';
import { usdFor } from './prices.ts';
import { itemSize } from './units.ts';
import { randomSearch } from './workloads.ts';

/** What is measured: which events a webhook asks for, and how many attempts of each delivery fail. */
export interface Telling {
  readonly name: string;
  readonly events: readonly string[];
  readonly failures: number;
}

/** What one function has used for a delivery. */
interface Share {
  readonly calls: number;
  readonly cpuMs: number;
  readonly tableRounds: number;
  readonly queueRounds: number;
  readonly logBytes: number;
}

const TELLERS = ['advance', 'deliver-webhook'] as const;

/** What one delivery uses on average, from the poke on. */
export interface DeliveryUse {
  readonly name: string;
  /** Deliveries that were measured. */
  readonly deliveries: number;
  readonly attempts: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Write units of the deliveries' own items, of heads, of webhooks, of the index. */
  readonly writesByKind: Readonly<Record<string, number>>;
  readonly tableRequests: number;
  readonly queueRequests: number;
  readonly functions: Readonly<Record<(typeof TELLERS)[number], Share>>;
  /** Bytes that leave AWS: requests to the endpoint. */
  readonly bytesSent: number;
  /** Bytes of a delivery's item. */
  readonly stored: number;
}

const SENDER_GB = FUNCTIONS['deliver-webhook'].memoryMb / 1_024;
const CONCURRENCY = 16;
const EXPERIMENTS = 1_000_000;
/** Pairs that are measured, and pairs before them. */
const PAIRS = 64;
const WARM_PAIRS = 32;
/** What a function has logged arrives a little after its answer. */
const LOGS_MS = 50;
/** Longer than the wait before the second and the third attempt, ms. */
const WAITS_MS = [20_000, 1_000_000] as const;

interface Endpoint {
  readonly url: string;
  readonly sent: () => { readonly requests: number; readonly bytes: number };
  readonly answer: (status: number) => void;
  readonly stop: () => void;
}

const bytesOf = async (request: IncomingMessage): Promise<number> =>
  request.rawHeaders.reduce((bytes, part) => bytes + part.length + 2, 0) +
  Buffer.byteLength(await text(request));

async function startEndpoint(): Promise<Endpoint> {
  const sent = { requests: 0, bytes: 0 };
  let status = 204;
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    sent.bytes += await bytesOf(request);
    sent.requests++;
    response.writeHead(status).end();
  }
  const port = await freePort();
  const server = createServer((request, response) => void take(request, response));
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${port}/hook`,
    sent: () => ({ ...sent }),
    answer(next) {
      status = next;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function createWebhook(cloud: Cloud, url: string, events: readonly string[]): Promise<void> {
  const { status, body } = await cloud.call({
    name: 'manage-webhooks',
    route: 'POST /v1/webhooks',
    parameters: {},
    body: { url, events },
  });
  if (status !== 201) throw new Error(`no webhook: ${status} ${body}`);
}

/** Everything that was used for deliveries so far. */
interface Spent {
  writes: number;
  reads: number;
  byKind: Record<string, number>;
  requests: number;
  used: Used[];
  messages: string[];
}

/** Ends the oldest experiment and asks for another. */
async function pair(group: GroupCalls, held: Held[]): Promise<void> {
  const [first] = held.splice(0, 1);
  if (first === undefined) return;
  await group.report(first, 1, 'succeeded');
  held.push(...suggestedIn(await group.suggest(1)).experiments);
}

/** Does work of which everything counts as used for deliveries. */
async function spend(
  cloud: Cloud,
  spent: Spent,
  work: () => Promise<readonly Used[]>,
): Promise<void> {
  cloud.forget();
  const { requests } = cloud.total().table;
  spent.used.push(...(await work()));
  const { charges, table } = cloud.total();
  spent.requests += table.requests - requests;
  for (const { isWrite, kind, units } of charges) {
    if (isWrite) spent.writes += units;
    else spent.reads += units;
    if (isWrite) spent.byKind[kind] = (spent.byKind[kind] ?? 0) + units;
  }
}

/** Tells what there is to tell. */
const tell = (cloud: Cloud, spent: Spent): Promise<void> => spend(cloud, spent, cloud.deliver);

/** Makes the first attempt of what was told. */
const send = (cloud: Cloud, spent: Spent, messagesPerCall?: number): Promise<void> =>
  spend(cloud, spent, async () => {
    const sent = await cloud.send(messagesPerCall);
    spent.messages.push(...sent.flatMap(({ bodies }) => bodies));
    return sent.map(({ used }) => used);
  });

/** Makes attempts that fail, all first ones before the second ones, and one that does not. */
async function sendUntilDone(
  cloud: Cloud,
  spent: Spent,
  { endpoint, failures }: { readonly endpoint: Endpoint; readonly failures: number },
): Promise<void> {
  endpoint.answer(503);
  // One by one, as the attempts after them come: each waits for a time of its own.
  await send(cloud, spent, 1);
  for (let attempt = 1; attempt <= failures; attempt++) {
    endpoint.answer(attempt < failures ? 503 : 204);
    await spend(cloud, spent, async () => {
      const used: Used[] = [];
      for (const body of spent.messages) {
        used.push(await cloud.sendLater(body, WAITS_MS[attempt - 1] ?? 0));
      }
      return used;
    });
  }
}

const NOTHING = (): Spent => ({
  writes: 0,
  reads: 0,
  byKind: {},
  requests: 0,
  used: [],
  messages: [],
});

/** Bytes of the deliveries' items on average. */
function storedBytes(cloud: Cloud): number {
  const sizes = [...cloud.items()]
    .filter(({ pk }) => pk?.S?.startsWith('deliveries#'))
    .map((item) => itemSize(item));
  return sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
}

/** Measures what deliveries use in a random search with so many experiments out; the cloud must be a new one. */
export async function measureDeliveries(cloud: Cloud, telling: Telling): Promise<DeliveryUse> {
  const { name, events, failures } = telling;
  const endpoint = await startEndpoint();
  await createWebhook(cloud, endpoint.url, events);
  const group = await createGroup(cloud, randomSearch(CONCURRENCY, EXPERIMENTS), false);
  const held = await fill(group, CONCURRENCY);
  for (let warm = 0; warm < WARM_PAIRS; warm++) {
    await pair(group, held);
    await tell(cloud, NOTHING());
    await send(cloud, NOTHING());
  }
  await sleep(LOGS_MS);

  const before = cloud.total();
  const sentBefore = endpoint.sent();
  const spent = NOTHING();
  for (let done = 0; done < PAIRS; done++) {
    await pair(group, held);
    await tell(cloud, spent);
    if (failures === 0) await send(cloud, spent);
  }
  if (failures > 0) await sendUntilDone(cloud, spent, { endpoint, failures });
  await sleep(LOGS_MS);
  const after = cloud.total();
  const sent = endpoint.sent();
  endpoint.stop();

  const deliveries = spent.messages.length;
  const per = (amount: number): number => amount / deliveries;
  const shareOf = (one: (typeof TELLERS)[number]): Share => {
    const own = spent.used.filter((used) => used.name === one);
    const sum = (of: (used: Used) => number): number =>
      per(own.reduce((total, used) => total + of(used), 0));
    return {
      calls: per(own.length),
      cpuMs: sum(({ cpuMs }) => cpuMs),
      tableRounds: sum(({ tableRounds }) => tableRounds),
      queueRounds: sum(({ queueRounds }) => queueRounds),
      logBytes: per((after.logBytes[one] ?? 0) - (before.logBytes[one] ?? 0)),
    };
  };
  const attempts = 1 + failures;
  const requests = sent.requests - sentBefore.requests;
  if (requests !== attempts * deliveries) {
    throw new Error(`${deliveries} deliveries of ${attempts} attempts made ${requests} requests`);
  }
  return {
    name,
    deliveries,
    attempts,
    writeUnits: per(spent.writes),
    readUnits: per(spent.reads),
    writesByKind: Object.fromEntries(
      Object.entries(spent.byKind).map(([kind, units]) => [kind, per(units)]),
    ),
    tableRequests: per(spent.requests),
    queueRequests: per(after.queueRequests - before.queueRequests),
    functions: { advance: shareOf('advance'), 'deliver-webhook': shareOf('deliver-webhook') },
    bytesSent: per(sent.bytes - sentBefore.bytes) + attempts * ASSUMED.tlsBytes,
    stored: storedBytes(cloud),
  };
}

/** Where the money of deliveries goes. */
export const DELIVERY_POSTS = [
  'lambda requests',
  'lambda time',
  'dynamodb writes',
  'dynamodb reads',
  'sqs',
  'logs',
  'x-ray',
  'data out',
  'stored 30 days',
] as const;
export type DeliveryBill = Readonly<Record<(typeof DELIVERY_POSTS)[number], number>>;

/** What so many deliveries cost, US dollars. */
export function deliveryBill(use: DeliveryUse, region: Region, deliveries: number): DeliveryBill {
  const usd = (what: Priced, amount: number): number => usdFor(region, what, amount * deliveries);
  const { advance, 'deliver-webhook': sender } = use.functions;
  const calls = advance.calls + sender.calls;
  const waitSeconds = (sender.calls * ASSUMED.endpointMs) / 1_000;
  const waitGb = waitSeconds * SENDER_GB;
  return {
    'lambda requests': usd('lambdaRequest', calls),
    'lambda time': usd(
      'lambdaGbSecond',
      gbSeconds('advance', advance) + gbSeconds('deliver-webhook', sender) + waitGb,
    ),
    'dynamodb writes': usd('dynamoDbWrite', use.writeUnits),
    'dynamodb reads': usd('dynamoDbRead', use.readUnits),
    sqs: usd('sqsRequest', use.queueRequests),
    logs: usd('logIngestion', (advance.logBytes + sender.logBytes) / GB),
    'x-ray': usd('trace', calls * ASSUMED.tracedShare),
    'data out': usd('dataOut', use.bytesSent / GB),
    'stored 30 days': storageUsd(region, { bytes: use.stored * deliveries, items: deliveries }),
  };
}
