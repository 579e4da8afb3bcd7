import assert from 'node:assert/strict';
import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteTableCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { SCOPES } from '../../lib/domain/api-key.ts';
import { createStream } from '../../lib/numerics/stream.ts';
import { createCloudRuntime } from '../../lib/runtime/cloud.ts';
import { readEnvironment } from '../../lib/runtime/environment.ts';
import type { Runtime } from '../../lib/runtime/runtime.ts';
import { sweepFunction } from '../../lib/runtime/sweep.ts';
import { advanceGroup } from '../../lib/service/advance.ts';
import { createKey } from '../../lib/service/api-keys.ts';
import type { Store } from '../../lib/store/store.ts';
import type { Experiment } from '../helpers/contract.ts';
import type { DynamoDbServer } from '../helpers/dynamodb-server.ts';
import type { Handlers } from '../helpers/handlers.ts';
import { createHandlers } from '../helpers/handlers.ts';
import { LOSS, tokenOf } from '../helpers/service.ts';

/*
 * What an operator does after a loss of data: searches are under way, their table is copied item by item, calls go on for
 * a while, the table is deleted, and the functions are pointed at the copy. Workers know nothing of it.
 */

// What every Lambda function finds in its environment.
process.env['AWS_REGION'] = 'eu-central-1';
process.env['AWS_ACCESS_KEY_ID'] = 'test';
process.env['AWS_SECRET_ACCESS_KEY'] = 'test';

export const LEASE_SECONDS = 60;

/** The searches of the drill: what their documents say. */
export const SEARCHES = {
  random: { seed: 1, concurrency: 3, random_search: { n_experiments: 30, metric: LOSS } },
  hyperband: {
    seed: 2,
    concurrency: 4,
    hyperband: {
      max_iter: 9,
      eta: 3,
      resource: { name: 'epochs', type: 'int' },
      metric: LOSS,
      resume: true,
    },
  },
  bo: { seed: 3, concurrency: 2, bo: { n_initial_trials: 3, n_iterations: 7, metric: LOSS } },
} as const;

export type Search = keyof typeof SEARCHES;

/** The searches by name. */
export const NAMES = ['random', 'hyperband', 'bo'] as const satisfies readonly Search[];

/** How an experiment goes: a function of its values and its resource, so that any order of work comes to the same. */
export function outcomeOf(x: number, resource: number) {
  const loss = Math.abs(x - 0.4) + 1 / (1 + resource);
  return { end: x > 0.9 ? 'failed' : 'succeeded', loss } as const;
}

/** The machine's clock, ahead of it by what a test lets pass. */
export interface Clock {
  readonly now: () => number;
  readonly pass: (seconds: number) => void;
}

export function createClock(): Clock {
  let aheadMs = 0;
  return {
    now: () => Date.now() + aheadMs,
    pass: (seconds) => {
      aheadMs += seconds * 1_000;
    },
  };
}

/** The functions on one table, with a queue that holds nothing at first. */
export interface Cloud {
  readonly table: string;
  readonly runtime: Runtime;
  readonly handlers: Handlers;
  readonly key: string;
  /** Does what the messages of the queue point at. */
  readonly drain: () => Promise<void>;
  /** The sweep, a minute after the last one. */
  readonly sweepLater: () => Promise<void>;
  readonly sweep: () => Promise<void>;
}

async function keyOf({ ports, call }: Runtime): Promise<string> {
  const made = await createKey(ports, call(), { name: null, scopes: SCOPES, expiresAt: null });
  assert.ok(made.ok);
  return made.value.text;
}

/** How the functions are pointed at a table. */
export interface Pointing {
  readonly clock: Clock;
  /** A key that the table knows; without one a new one is made. */
  readonly key?: string;
  /** Called after each write, before whoever wrote goes on. */
  readonly afterWrite?: () => Promise<void>;
}

const SWEEP_EVERY_SECONDS = 60;

/** Points the functions at a table. */
export async function openCloud(
  { endpoint }: DynamoDbServer,
  table: string,
  { clock, key, afterWrite }: Pointing,
): Promise<Cloud> {
  const variables = { RUNGWISE_TABLE: table, RUNGWISE_DYNAMODB_ENDPOINT: endpoint };
  const fail = (message: string, more: Readonly<Record<string, unknown>>): never =>
    assert.fail(`${message}: ${String(more['error'])}`);
  const wired = createCloudRuntime(readEnvironment(variables), {
    error: fail,
    warn: fail,
    info() {},
  });
  const pokes: string[] = [];
  const { store } = wired.ports;
  const watched: Store = {
    ...store,
    async put(put) {
      const outcome = await store.put(put);
      await afterWrite?.();
      return outcome;
    },
  };
  const ports = {
    ...wired.ports,
    store: watched,
    now: clock.now,
    poke: async ({ group }: { readonly group: string }) => void pokes.push(group),
  };
  const runtime = { ...wired, ports };
  const sweep = sweepFunction(async () => runtime);
  const held = key ?? (await keyOf(runtime));
  return {
    table,
    runtime,
    handlers: await createHandlers(runtime, held),
    key: held,
    async drain() {
      for (const group of pokes.splice(0)) await advanceGroup(ports, group);
    },
    sweep,
    async sweepLater() {
      clock.pass(SWEEP_EVERY_SECONDS);
      await sweep();
    },
  };
}

/** Creates a group that runs a search. */
export async function open({ handlers }: Cloud, search: Search): Promise<string> {
  const json = {
    version: 1,
    kind: 'group',
    hptuning: {
      lease_seconds: LEASE_SECONDS,
      max_attempts: 10,
      matrix: { x: { uniform: [0, 1] } },
      ...SEARCHES[search],
    },
  };
  return (await handlers.done('createGroup', { json })).id;
}

/** What a worker has been handed out. */
export interface Held {
  readonly group: string;
  readonly experiment: Experiment;
}

/** What a report on an experiment is sent; its end, or only a sign of life. */
export function reportOf({ experiment }: Held, isEnd: boolean): object {
  const { epochs = 1, x } = experiment.values;
  const { end, loss } = outcomeOf(Number(x), Number(epochs));
  const lease_token = tokenOf(experiment);
  if (!isEnd) return { lease_token };
  const checkpoint = `after-${experiment.number}`;
  return { metrics: { loss }, step: Number(epochs), status: end, checkpoint, lease_token };
}

/** Workers on several groups, in an order that follows from a seed: each step one of them asks, or ends one. */
export interface Workers {
  readonly held: readonly Held[];
  /** Those whose end was acknowledged, in order. */
  readonly ended: readonly Held[];
  readonly step: (cloud: Cloud, groups: readonly string[]) => Promise<void>;
}

export function createWorkers(seed: number): Workers {
  const { uniform } = createStream({ seed, purpose: 97 });
  let drawn = 0;
  const below = (count: number): number => Math.floor(uniform(drawn++, 0) * count);
  const held: Held[] = [];
  const ended: Held[] = [];
  return {
    held,
    ended,
    async step(cloud, groups) {
      const group = groups[below(groups.length)] ?? '';
      const own = held.filter((one) => one.group === group);
      const one = own[below(own.length)];
      if (one === undefined || below(2) === 0) {
        const { experiments } = await cloud.handlers.of(group).suggest();
        held.push(...experiments.map((experiment) => ({ group, experiment })));
      } else {
        held.splice(held.indexOf(one), 1);
        await cloud.handlers.of(group).report(one.experiment.number, reportOf(one, true));
        ended.push(one);
      }
      await cloud.drain();
    },
  };
}

/** Works groups off to their ends with the sweep alone: whatever message is sent is lost. */
export async function workOff(cloud: Cloud, groups: readonly string[]): Promise<void> {
  const open = new Set(groups);
  for (let round = 0; open.size > 0; round++) {
    assert.ok(round < 200, `no end of ${[...open].join()}`);
    await cloud.sweepLater();
    for (const group of open) {
      const { experiments, group_status } = await cloud.handlers.of(group).suggest({ count: 10 });
      if (group_status === 'done') open.delete(group);
      for (const experiment of experiments) {
        const json = reportOf({ group, experiment }, true);
        await cloud.handlers.of(group).report(experiment.number, json);
      }
    }
  }
}

type Attributes = Record<string, AttributeValue>;

/** Every item of a table. */
export async function scan(client: DynamoDBClient, table: string): Promise<readonly Attributes[]> {
  const items: Attributes[] = [];
  let start: Attributes | undefined;
  do {
    const page = await client.send(
      new ScanCommand({
        TableName: table,
        ConsistentRead: true,
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return items;
}

/** Writes items into a table as they are. */
export async function fill(
  client: DynamoDBClient,
  table: string,
  items: readonly Attributes[],
): Promise<void> {
  for (const Item of items) await client.send(new PutItemCommand({ TableName: table, Item }));
}

export const deleteTable = (client: DynamoDBClient, table: string): Promise<unknown> =>
  client.send(new DeleteTableCommand({ TableName: table }));
