import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import type { FunctionName } from '../../infra/functions.ts';
import { MAX_RECEIVES } from '../../infra/queues.ts';
import { PACES } from '../../infra/triggers.ts';
import { SCOPES } from '../../lib/domain/api-key.ts';
import { createCalls } from '../../lib/runtime/call.ts';
import { createKey } from '../../lib/service/api-keys.ts';
import { createDynamoDbStore } from '../../lib/store/dynamodb.ts';
import { dynamoDbLocalMissing, startDynamoDbLocal } from '../../test/helpers/dynamodb-local.ts';
import type { DynamoDbServer } from '../../test/helpers/dynamodb-server.ts';
import { dynoxideMissing, startDynoxide } from '../../test/helpers/dynoxide.ts';
import { createQueue, emulatorClient } from '../../test/helpers/sqs.ts';
import type { ApiAnswer, ApiCall, Used } from './gateway.ts';
import { answerOf, bytesIn, eventOf, MEASURED } from './gateway.ts';
import type { Charge, Ledger } from './ledger.ts';
import { createLedger } from './ledger.ts';
import type { Metered } from './meter.ts';
import { startMeter } from './meter.ts';
import type { FunctionProcess } from './process.ts';
import { startFunction } from './process.ts';

/** What everything so far has used. */
export interface Total {
  readonly table: Metered;
  /** Requests to the queue, those that Lambda makes for its consumer among them. */
  readonly queueRequests: number;
  /** Bytes of logs by function. */
  readonly logBytes: Readonly<Partial<Record<FunctionName, number>>>;
  readonly charges: readonly Charge[];
}

/** A batch of messages about deliveries. */
export interface Sent {
  readonly used: Used;
  readonly bodies: readonly string[];
}

/** The functions with an emulator of everything that they call. */
export interface Cloud {
  /** Which server stands for DynamoDB. */
  readonly emulator: string;
  /** What each function finds in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly call: (call: ApiCall) => Promise<ApiAnswer>;
  /** Hands the pokes in the queue to `advance`; what each batch has used. */
  readonly deliver: () => Promise<readonly Used[]>;
  /** Hands the messages about deliveries to `deliver-webhook`; what each batch has used, and its bodies. */
  readonly send: (messagesPerCall?: number) => Promise<readonly Sent[]>;
  /** Hands a message that is delayed over, on a clock that is so much ahead. */
  readonly sendLater: (body: string, aheadMs: number) => Promise<Used>;
  readonly sweep: () => Promise<Used>;
  readonly total: () => Total;
  /** Forgets the charges so far. */
  readonly forget: () => void;
  readonly items: Ledger['items'];
  readonly stop: () => Promise<void>;
}

/** Who may reach an emulator: anybody. */
const EMULATED = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
} as const;

const INDEX = { keys: ['duePk', 'due'], tableKeys: ['pk', 'sk'] } as const;
/** Lambda's own requests for a batch: a receive and a removal. */
const BATCH_REQUESTS = 2;
/** As Lambda gives it to a function that X-Ray traces. */
const TRACE = 'Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=0';

/** Starts the best server for DynamoDB that there is here, with its name. */
export async function startTable(): Promise<readonly [emulator: string, server: DynamoDbServer]> {
  if (dynamoDbLocalMissing() === null) return ['DynamoDB Local', await startDynamoDbLocal()];
  if (dynoxideMissing !== null) throw new Error(dynoxideMissing);
  return ['dynoxide', await startDynoxide()];
}

/** A key as an operator makes the first one: straight in the table. */
async function firstKey(endpoint: string, table: string): Promise<string> {
  const client = new DynamoDBClient({
    endpoint,
    region: EMULATED.AWS_REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const store = createDynamoDbStore(client, table);
  const made = await createKey({ store, now: Date.now }, createCalls(Date.now)(), {
    name: 'bench',
    scopes: SCOPES,
    expiresAt: null,
  });
  await store.close();
  if (!made.ok) throw new Error(made.fault.detail);
  return made.value.text;
}

/** Starts everything; `stop` ends it. The functions find `more` in their environment. */
export async function startCloud(more: Readonly<Record<string, string>> = {}): Promise<Cloud> {
  const [emulator, server] = await startTable();
  const table = await server.createTable();
  const ledger = createLedger(INDEX);
  let charges: Charge[] = [];
  const tableMeter = await startMeter(server.endpoint, (exchange) => {
    charges.push(...ledger.charge(exchange));
  });

  const sqs = await startFauxqs({ port: 0, logger: false });
  const sqsEndpoint = `http://127.0.0.1:${sqs.port}`;
  const queueMeter = await startMeter(sqsEndpoint);
  const queueClient: SQSClient = emulatorClient(sqsEndpoint);
  const pokes = await createQueue(queueClient, 'pokes', MAX_RECEIVES);
  const deliveries = await createQueue(queueClient, 'deliveries', MAX_RECEIVES);

  const environment = {
    ...EMULATED,
    _X_AMZN_TRACE_ID: TRACE,
    RUNGWISE_TABLE: table,
    RUNGWISE_DYNAMODB_ENDPOINT: tableMeter.url,
    RUNGWISE_QUEUE_URL: pokes.queueUrl,
    RUNGWISE_DELIVERIES_URL: deliveries.queueUrl,
    RUNGWISE_SQS_ENDPOINT: queueMeter.url,
    ...more,
  };
  const functions = new Map<FunctionName, FunctionProcess>();
  async function processOf(name: FunctionName): Promise<FunctionProcess> {
    const file = join(import.meta.dirname, `../../functions/${name}.ts`);
    const found = functions.get(name) ?? (await startFunction(file, environment));
    functions.set(name, found);
    return found;
  }
  for (const name of MEASURED) await processOf(name);
  const key = await firstKey(tableMeter.url, table);

  async function invoke(
    name: FunctionName,
    event: unknown,
    aheadMs = 0,
  ): Promise<{ result: unknown; used: Used }> {
    const called = await processOf(name);
    const tableBefore = tableMeter.counted().rounds;
    const queueBefore = queueMeter.counted().rounds;
    const { result, cpuMs } = await called.invoke(event, aheadMs);
    const used = {
      name,
      cpuMs,
      tableRounds: tableMeter.counted().rounds - tableBefore,
      queueRounds: queueMeter.counted().rounds - queueBefore,
    };
    return { result, used };
  }

  const queues = {
    advance: { ...pokes, ...PACES.pokes },
    'deliver-webhook': { ...deliveries, ...PACES.deliveries },
  };

  let consumed = 0;
  let delivered = 0;

  /** Hands what waits in the queue of a function over, batch by batch. */
  async function handOver(
    name: keyof typeof queues,
    messagesPerCall: number = queues[name].messagesPerCall,
  ): Promise<readonly Sent[]> {
    const { queueUrl } = queues[name];
    const all: Sent[] = [];
    for (;;) {
      const { Messages = [] } = await queueClient.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: messagesPerCall }),
      );
      if (Messages.length === 0) return all;
      consumed += BATCH_REQUESTS;
      const Records = Messages.map(({ MessageId, Body }) => ({ messageId: MessageId, body: Body }));
      const { used } = await invoke(name, { Records });
      all.push({ used, bodies: Messages.map(({ Body = '' }) => Body) });
      for (const { ReceiptHandle } of Messages) {
        await queueClient.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
      }
    }
  }

  return {
    emulator,
    environment,
    async call(call) {
      const { result, used } = await invoke(call.name, eventOf(call, key));
      return { ...answerOf(result), bytesIn: bytesIn(call), used };
    },
    async deliver() {
      const all: Used[] = [];
      // What was not sent need not be looked for.
      while (queueMeter.counted().requests > delivered) {
        delivered = queueMeter.counted().requests;
        all.push(...(await handOver('advance')).map(({ used }) => used));
      }
      return all;
    },
    send: (messagesPerCall) => handOver('deliver-webhook', messagesPerCall),
    async sendLater(body, aheadMs) {
      consumed += BATCH_REQUESTS;
      const Records = [{ messageId: 'later', body }];
      return (await invoke('deliver-webhook', { Records }, aheadMs)).used;
    },
    sweep: async () => (await invoke('sweep', {})).used,
    total: () => ({
      table: tableMeter.counted(),
      queueRequests: queueMeter.counted().requests + consumed,
      logBytes: Object.fromEntries(
        [...functions].map(([name, { logBytes }]) => [name, logBytes()]),
      ),
      charges,
    }),
    forget() {
      charges = [];
    },
    items: ledger.items,
    async stop() {
      for (const { stop } of functions.values()) stop();
      await tableMeter.close();
      await queueMeter.close();
      queueClient.destroy();
      await sqs.stop();
      server.stop();
    },
  };
}
