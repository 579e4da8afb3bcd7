import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunction } from '../../../infra/bundle.ts';
import type { FunctionName } from '../../../infra/functions.ts';
import { FUNCTIONS } from '../../../infra/functions.ts';
import { webhookKeysName } from '../../../infra/webhook-keys.ts';
import type { LambdaEnvironment } from './lambda-emulator.ts';
import { startEnvironment } from './lambda-emulator.ts';

/** Environments that a function has at most; those with several callers need some. */
const ENVIRONMENTS: Readonly<Partial<Record<FunctionName, number>>> = {
  suggest: 3,
  'report-metric': 2,
  'manage-webhooks': 2,
};

/** The functions of a stack, each with as many environments as are called at once. */
export interface Lambda {
  /** Calls a function in an environment that is free. Throws `InvocationFailed`. */
  readonly invoke: (name: FunctionName, event: unknown) => Promise<unknown>;
  /** Lets the next call of a function begin in a new environment, which remembers nothing. */
  readonly renew: (name: FunctionName) => void;
  readonly stop: () => void;
}

export interface LambdaOptions {
  readonly table: string;
  readonly tableEndpoint: string;
  readonly queueUrl: string;
  readonly deliveriesUrl: string;
  readonly queueEndpoint: string;
  /** Where the Parameter Store is; without one no webhook can be made. */
  readonly parametersEndpoint?: string;
  /** Where a function is to have less time than in the stack. */
  readonly timeoutSeconds?: number;
}

/** Name of the parameter with the keys that encrypt the secrets of webhooks. */
export const WEBHOOK_KEYS = webhookKeysName('test');

const variablesOf = (name: FunctionName, options: LambdaOptions): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_SESSION_TOKEN: 'test',
  RUNGWISE_TABLE: options.table,
  RUNGWISE_DYNAMODB_ENDPOINT: options.tableEndpoint,
  RUNGWISE_SQS_ENDPOINT: options.queueEndpoint,
  ...(FUNCTIONS[name].pokes ? { RUNGWISE_QUEUE_URL: options.queueUrl } : {}),
  ...(FUNCTIONS[name].deliveries ? { RUNGWISE_DELIVERIES_URL: options.deliveriesUrl } : {}),
  ...(FUNCTIONS[name].webhookKeys === 'nothing' || options.parametersEndpoint === undefined
    ? {}
    : {
        RUNGWISE_WEBHOOK_KEY: WEBHOOK_KEYS,
        RUNGWISE_SSM_ENDPOINT: options.parametersEndpoint,
        RUNGWISE_ALLOW_PRIVATE_WEBHOOKS: '1',
      }),
});

/** Environments of one function. */
interface Pool {
  readonly use: <R>(work: (environment: LambdaEnvironment) => Promise<R>) => Promise<R>;
  readonly clear: () => void;
}

function createPool(most: number, start: () => Promise<LambdaEnvironment>): Pool {
  let free: LambdaEnvironment[] = [];
  let all: LambdaEnvironment[] = [];
  let starting = 0;
  const waiting: (() => void)[] = [];

  async function take(): Promise<LambdaEnvironment> {
    for (;;) {
      const found = free.pop();
      if (found !== undefined) return found;
      if (all.length + starting < most) {
        starting++;
        const started = await start().finally(() => starting--);
        all.push(started);
        return started;
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  }

  return {
    async use(work) {
      const environment = await take();
      try {
        return await work(environment);
      } finally {
        if (all.includes(environment)) free.push(environment);
        waiting.shift()?.();
      }
    },
    clear() {
      for (const environment of all) environment.stop();
      free = [];
      all = [];
    },
  };
}

/** The functions on a table and a queue; each is bundled, and its environments are started, when it is called. */
export function createLambda(options: LambdaOptions): Lambda {
  const folder = mkdtempSync(join(tmpdir(), 'rungwise-lambda-'));
  const pools = new Map<FunctionName, Pool>();

  const createPoolOf = (name: FunctionName): Pool => {
    bundleFunction(name, join(folder, name));
    return createPool(ENVIRONMENTS[name] ?? 1, () =>
      startEnvironment({
        file: join(folder, name, 'index.mjs'),
        timeoutSeconds: options.timeoutSeconds ?? FUNCTIONS[name].timeoutSeconds,
        variables: variablesOf(name, options),
      }),
    );
  };
  const poolOf = (name: FunctionName): Pool => {
    const pool = pools.get(name) ?? createPoolOf(name);
    pools.set(name, pool);
    return pool;
  };

  return {
    invoke: (name, event) => poolOf(name).use((environment) => environment.invoke(event)),
    renew: (name) => pools.get(name)?.clear(),
    stop() {
      for (const pool of pools.values()) pool.clear();
      rmSync(folder, { recursive: true });
    },
  };
}
