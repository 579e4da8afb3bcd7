import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { createCalls } from '../../lib/runtime/call.ts';
import { createKey } from '../../lib/service/api-keys.ts';
import { createDynamoDbStore } from '../../lib/store/dynamodb.ts';
import { dynamoDbLocalMissing, startDynamoDbLocal } from '../../test/helpers/dynamodb-local.ts';
import type { DynamoDbServer } from '../../test/helpers/dynamodb-server.ts';
import { dynoxideMissing, startDynoxide } from '../../test/helpers/dynoxide.ts';
import { createQueue, emulatorClient } from '../../test/helpers/sqs.ts';
import type { ApiAnswer, ApiCall, Measured, Used } from './gateway.ts';
import { answerOf, bytesIn, eventOf } from './gateway.ts';
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
  readonly logBytes: Readonly<Record<Measured, number>>;
  readonly charges: readonly Charge[];
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
const POKES_PER_CALL = 5;
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
    scopes: ['groups:write', 'work'],
    expiresAt: null,
  });
  await store.close();
  if (!made.ok) throw new Error(made.fault.detail);
  return made.value.text;
}

/** Starts everything; `stop` ends it. */
export async function startCloud(): Promise<Cloud> {
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
  const { queueUrl } = await createQueue(queueClient, 'pokes', 5);

  const environment = {
    ...EMULATED,
    _X_AMZN_TRACE_ID: TRACE,
    RUNGWISE_TABLE: table,
    RUNGWISE_DYNAMODB_ENDPOINT: tableMeter.url,
    RUNGWISE_QUEUE_URL: queueUrl,
    RUNGWISE_SQS_ENDPOINT: queueMeter.url,
  };
  const start = (name: Measured): Promise<FunctionProcess> =>
    startFunction(join(import.meta.dirname, `../../functions/${name}.ts`), environment);
  const functions: Readonly<Record<Measured, FunctionProcess>> = {
    'create-group': await start('create-group'),
    suggest: await start('suggest'),
    'report-metric': await start('report-metric'),
    advance: await start('advance'),
    sweep: await start('sweep'),
  };
  const key = await firstKey(tableMeter.url, table);

  async function invoke(name: Measured, event: unknown): Promise<{ result: unknown; used: Used }> {
    const tableBefore = tableMeter.counted().rounds;
    const queueBefore = queueMeter.counted().rounds;
    const { result, cpuMs } = await functions[name].invoke(event);
    const used = {
      name,
      cpuMs,
      tableRounds: tableMeter.counted().rounds - tableBefore,
      queueRounds: queueMeter.counted().rounds - queueBefore,
    };
    return { result, used };
  }

  let consumed = 0;
  let delivered = 0;
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
        for (;;) {
          const { Messages = [] } = await queueClient.send(
            new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: POKES_PER_CALL }),
          );
          if (Messages.length === 0) break;
          consumed += 2;
          const Records = Messages.map(({ MessageId, Body }) => ({
            messageId: MessageId,
            body: Body,
          }));
          all.push((await invoke('advance', { Records })).used);
          for (const { ReceiptHandle } of Messages) {
            await queueClient.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
          }
        }
      }
      return all;
    },
    sweep: async () => (await invoke('sweep', {})).used,
    total: () => ({
      table: tableMeter.counted(),
      queueRequests: queueMeter.counted().requests + consumed,
      logBytes: {
        'create-group': functions['create-group'].logBytes(),
        suggest: functions.suggest.logBytes(),
        'report-metric': functions['report-metric'].logBytes(),
        advance: functions.advance.logBytes(),
        sweep: functions.sweep.logBytes(),
      },
      charges,
    }),
    forget() {
      charges = [];
    },
    items: ledger.items,
    async stop() {
      for (const { stop } of Object.values(functions)) stop();
      await tableMeter.close();
      await queueMeter.close();
      queueClient.destroy();
      await sqs.stop();
      server.stop();
    },
  };
}
