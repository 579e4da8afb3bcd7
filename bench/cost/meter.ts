import { once } from 'node:events';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as requestTo } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Exchange } from './ledger.ts';

/** What a meter has counted so far. */
export interface Metered {
  readonly requests: number;
  /** Times that something was under way: requests at the same time make one round trip. */
  readonly rounds: number;
  /** Writes whose condition was not met. */
  readonly conflicts: number;
  /** Units as the server itself tells them. */
  readonly writesTold: number;
  readonly readsTold: number;
}

/** A server between a client and an emulator that passes everything on and counts it. */
export interface Meter {
  readonly url: string;
  readonly counted: () => Metered;
  readonly close: () => Promise<void>;
}

async function textOf(message: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part);
  return Buffer.concat(parts).toString();
}

const answerTo = (request: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => request.on('response', resolve).on('error', reject));

interface Capacity {
  readonly CapacityUnits?: number;
}

/** Units that an answer tells of: one record, or a list of them. */
const toldIn = ({
  ConsumedCapacity: told = [],
}: {
  readonly ConsumedCapacity?: Capacity | readonly Capacity[];
}): number => [told].flat().reduce((units, record) => units + (record.CapacityUnits ?? 0), 0);

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem']);
const HOP_HEADERS = new Set(['content-length', 'connection', 'host', 'transfer-encoding']);

/** Starts a meter before the emulator at `target`; `seen` is told each exchange with DynamoDB in order of the answers. */
export async function startMeter(
  target: string,
  seen: (exchange: Exchange) => void = () => {},
): Promise<Meter> {
  const agent = new Agent({ keepAlive: true });
  const { hostname, port } = new URL(target);
  let underWay = 0;
  const counted = { requests: 0, rounds: 0, conflicts: 0, writesTold: 0, readsTold: 0 };

  function note(operation: string, sent: string, status: number, got: string): void {
    const output = JSON.parse(got);
    const isRefused = status === 400 && /ConditionalCheckFailed/.test(String(output.__type));
    if (isRefused) counted.conflicts++;
    if (WRITES.has(operation)) counted.writesTold += toldIn(output);
    else counted.readsTold += toldIn(output);
    if (status === 200 || isRefused) {
      seen({ operation, input: JSON.parse(sent), output: isRefused ? null : output });
    }
  }

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [service = '', operation = ''] = String(request.headers['x-amz-target']).split('.');
    const isDynamoDb = service.startsWith('DynamoDB');
    const body = await textOf(request);
    const sent = isDynamoDb
      ? JSON.stringify({ ...JSON.parse(body), ReturnConsumedCapacity: 'TOTAL' })
      : body;
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => !HOP_HEADERS.has(name)),
    );
    counted.requests++;
    if (underWay++ === 0) counted.rounds++;
    const { method, url: path } = request;
    const length = { 'content-length': Buffer.byteLength(sent) };
    const options = { hostname, port, method, path, agent, headers: { ...headers, ...length } };
    const onward = requestTo(options);
    onward.end(sent);
    const answer = await answerTo(onward);
    const got = await textOf(answer);
    underWay--;
    const status = answer.statusCode ?? 500;
    if (isDynamoDb) note(operation, sent, status, got);
    const kept = Object.entries(answer.headers).filter(([name]) => !HOP_HEADERS.has(name));
    response.writeHead(status, Object.fromEntries(kept)).end(got);
  }

  const server = createServer((request, response) => {
    pass(request, response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the meter has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    counted: () => ({ ...counted }),
    async close() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}
