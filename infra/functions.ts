/*
 * The functions of a team's stack: one row for each file in functions/. A test keeps the routes equal to the contract and
 * the grants equal to what the code of each function can reach.
 */

/** Operation of the store's port → the one action on the table that it needs. */
export const TABLE_ACTIONS = {
  get: 'dynamodb:GetItem',
  getMany: 'dynamodb:BatchGetItem',
  list: 'dynamodb:Query',
  put: 'dynamodb:PutItem',
  remove: 'dynamodb:DeleteItem',
} as const;

export type TableOperation = keyof typeof TABLE_ACTIONS;

export const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'] as const;

export type Method = (typeof METHODS)[number];

export interface FunctionRow {
  /** What it is for, in the console. */
  readonly description: string;
  /** Paths that the HTTP API hands to it, by method. */
  readonly routes: Readonly<Partial<Record<Method, readonly string[]>>>;
  readonly table: readonly TableOperation[];
  /** It asks the index for items with work to do. */
  readonly readsDue: boolean;
  /** Partitions that it may touch, as IAM writes patterns; null: all of them. */
  readonly partitions: readonly string[] | null;
  /** It sends pokes into the queue. */
  readonly pokes: boolean;
  /** It sends messages into the queue of deliveries. */
  readonly deliveries: boolean;
  /** What it does with the keys that encrypt the secrets of webhooks. */
  readonly webhookKeys: 'nothing' | 'reads' | 'creates';
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly isTraced: boolean;
}

/**
 * Lambda gives CPU by memory, 1,769 MB being one whole vCPU. A call that waits for the table most of the time is cheapest
 * at 512 MB; below that, loading the code of a cold start takes longer than the memory saves.
 */
const WAITS_MB = 512;
/** What computes pays the same for twice the memory at half the time, and answers sooner. */
const COMPUTES_MB = 1024;

/** A suggest holds 2 s at most, and the SDK tries again for about 2 s; the HTTP API itself gives up after 30 s. */
const CALL_SECONDS = 15;

const CALL: Omit<FunctionRow, 'description'> = {
  routes: {},
  table: ['get', 'getMany', 'put'],
  readsDue: false,
  partitions: null,
  pokes: true,
  deliveries: false,
  webhookKeys: 'nothing',
  memoryMb: WAITS_MB,
  timeoutSeconds: CALL_SECONDS,
  isTraced: true,
};

const GROUP = '/v1/groups/{group}';
const EXPERIMENT = `${GROUP}/experiments/{number}`;
const WEBHOOK = '/v1/webhooks/{webhook}';

/** The functions by the names of their files. */
export const FUNCTION_NAMES = [
  'create-group',
  'suggest',
  'report-metric',
  'manage',
  'manage-webhooks',
  'read',
  'insight',
  'web',
  'fallback',
  'sweep',
  'advance',
  'deliver-webhook',
] as const;

export type FunctionName = (typeof FUNCTION_NAMES)[number];

/** What each function is. */
export const FUNCTIONS: Readonly<Record<FunctionName, FunctionRow>> = {
  'create-group': {
    ...CALL,
    description: 'Creates groups, and tells what a document would run',
    routes: { POST: ['/v1/groups', '/v1/groups/preview'] },
    table: ['get', 'getMany', 'list', 'put'],
    memoryMb: COMPUTES_MB,
  },
  suggest: {
    ...CALL,
    description: 'Hands out experiments',
    routes: { POST: [`${GROUP}/suggest`] },
    table: ['get', 'getMany', 'list', 'put', 'remove'],
    memoryMb: COMPUTES_MB,
  },
  'report-metric': {
    ...CALL,
    description: 'Takes reports on experiments, and experiments that are given back',
    routes: { POST: [`${EXPERIMENT}/report`, `${EXPERIMENT}/release`] },
    table: ['get', 'getMany', 'list', 'put', 'remove'],
  },
  manage: {
    ...CALL,
    description:
      "Stops, resumes and deletes groups, takes the caller's own experiments, makes keys",
    routes: {
      POST: [`${GROUP}/stop`, `${GROUP}/resume`, `${GROUP}/experiments`, '/v1/keys'],
      DELETE: [GROUP, '/v1/keys/{key}'],
    },
    table: ['get', 'getMany', 'list', 'put', 'remove'],
  },
  'manage-webhooks': {
    ...CALL,
    description: 'Everything about webhooks but sending to them',
    routes: {
      GET: ['/v1/webhooks', WEBHOOK, `${WEBHOOK}/deliveries`],
      POST: [
        '/v1/webhooks',
        `${WEBHOOK}/test`,
        `${WEBHOOK}/rotate-secret`,
        `${WEBHOOK}/recover`,
        `${WEBHOOK}/deliveries/{delivery}/redeliver`,
      ],
      PATCH: [WEBHOOK],
      DELETE: [WEBHOOK],
    },
    table: ['get', 'getMany', 'list', 'put', 'remove'],
    pokes: false,
    deliveries: true,
    webhookKeys: 'creates',
  },
  read: {
    ...CALL,
    description: 'Reads groups, experiments, measurements, events and keys',
    routes: {
      GET: [
        '/v1/health',
        '/v1/openapi.json',
        '/v1/document-schema.json',
        '/v1/groups',
        GROUP,
        `${GROUP}/experiments`,
        EXPERIMENT,
        `${EXPERIMENT}/measurements`,
        `${EXPERIMENT}/explanation`,
        `${GROUP}/events`,
        '/v1/keys',
      ],
    },
    table: ['get', 'getMany', 'list', 'put'],
  },
  insight: {
    ...CALL,
    description: 'Reads and computes what plots of a group are drawn from',
    routes: {
      GET: [
        `${GROUP}/columns`,
        `${GROUP}/curves`,
        `${GROUP}/rungs`,
        `${GROUP}/importance`,
        `${GROUP}/contour`,
      ],
    },
    table: ['get', 'getMany', 'list', 'put'],
    memoryMb: COMPUTES_MB,
  },
  web: {
    ...CALL,
    description: 'The dashboard: its page and the files of its bundle',
    routes: {
      GET: [
        '/',
        '/new',
        '/keys',
        '/webhooks',
        '/webhooks/{webhook}',
        '/groups/{proxy+}',
        '/assets/{file}',
      ],
    },
    table: [],
    pokes: false,
  },
  fallback: {
    ...CALL,
    description: 'Answers every path and method that no other function answers',
    table: [],
    pokes: false,
  },
  sweep: {
    ...CALL,
    description: 'Finishes what was left, every minute',
    table: ['get', 'getMany', 'list', 'put', 'remove'],
    readsDue: true,
    deliveries: true,
    // The next one comes after a minute: two at once would be harmless, but do everything twice.
    timeoutSeconds: 55,
    // X-Ray records the first call of every second, which is every sweep: more than the rest of an idle stack costs.
    isTraced: false,
  },
  advance: {
    ...CALL,
    description: 'Closes rungs, begins the next ones and computes suggestions, called by the queue',
    table: ['get', 'getMany', 'list', 'put', 'remove'],
    deliveries: true,
    memoryMb: COMPUTES_MB,
    timeoutSeconds: 60,
  },
  'deliver-webhook': {
    ...CALL,
    description: 'Sends events to webhooks, called by the queue of deliveries',
    table: ['get', 'put', 'remove'],
    // Whoever sends to addresses that others have chosen cannot read what groups hold, whatever becomes of its code.
    partitions: ['webhooks', 'deliveries#*'],
    pokes: false,
    deliveries: true,
    webhookKeys: 'reads',
    // All of a batch at once. An endpoint has 15 s, after up to 2 s in which it has others under way.
    timeoutSeconds: 30,
  },
};
