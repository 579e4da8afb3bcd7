import assert from 'node:assert/strict';
import { startLocalServer } from '../../cli/local-server.ts';
import type { Laptop } from '../../lib/runtime/local.ts';
import { createLocalRuntime } from '../../lib/runtime/local.ts';
import { sweepFunction } from '../../lib/runtime/sweep.ts';
import type {
  Contract,
  Event,
  Experiment,
  Group,
  Measurement,
  OpenApi,
  Operation,
  Problem,
  RawAnswer,
  ReportAnswer,
  Success,
  SuggestAnswer,
} from './contract.ts';
import { createContract } from './contract.ts';

/*
 * A real service for black-box tests: HTTP in, HTTP out, on a clock that a test can move. Whatever passes through here
 * is held against the OpenAPI document that the same service serves.
 */

/** What a call sends. */
export interface Sent {
  readonly group?: string;
  readonly number?: number | string;
  /** Id of a key. */
  readonly keyId?: string;
  readonly webhook?: string;
  readonly delivery?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Content type; that of JSON where there is a body and this is left out. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that keeps the contract: done with a value, or refused with a problem. */
export type Answer<T> = RawAnswer &
  (
    | { readonly problem: null; readonly value: T }
    | { readonly problem: Problem; readonly value: null }
  );

type Refused = (operation: Operation, sent: Sent, code: Problem['code']) => Promise<Problem>;

/** A service in this process, and how to call it. */
export interface Service {
  readonly url: string;
  readonly contract: Contract;
  /** Time on the service's clock, ms. */
  readonly now: () => number;
  /** Moves the service's clock forward. */
  readonly pass: (seconds: number) => void;
  /** Makes the pass that comes every minute. */
  readonly sweep: () => Promise<void>;
  /** Makes a call of the contract. */
  readonly call: <K extends Operation>(operation: K, sent?: Sent) => Promise<Answer<Success[K]>>;
  /** Makes a call that must be done. */
  readonly done: <K extends Operation>(operation: K, sent?: Sent) => Promise<Success[K]>;
  /** Makes a call that must be refused with a code. */
  readonly refused: Refused;
  /** Makes any request at all; its answer keeps what holds for all of them. */
  readonly request: (
    method: string,
    path: string,
    sent?: Sent,
  ) => Promise<RawAnswer & { readonly problem: Problem | null }>;
  /** Creates a group. */
  readonly open: (hptuning: object, more?: object) => Promise<GroupClient>;
  /** Calls for a group that exists. */
  readonly of: (group: string) => GroupClient;
  readonly close: () => Promise<void>;
}

/** How to call a service, wherever it runs. */
export type Caller = Omit<Service, 'now' | 'pass' | 'sweep' | 'close'>;

/** Calls for one group; each must be done. */
export interface GroupClient {
  readonly id: string;
  readonly read: () => Promise<Group>;
  readonly stop: () => Promise<Group>;
  readonly resume: () => Promise<Group>;
  readonly delete: () => Promise<null>;
  readonly suggest: (json?: object) => Promise<SuggestAnswer>;
  /** Asks for one experiment, which there must be. */
  readonly next: (json?: object) => Promise<Experiment>;
  readonly report: (number: number, json?: object) => Promise<ReportAnswer>;
  readonly release: (number: number, json?: object) => Promise<ReportAnswer>;
  readonly add: (json: object) => Promise<Experiment>;
  readonly experiment: (number: number) => Promise<Experiment>;
  /** Every experiment, page by page. */
  readonly experiments: (query?: Sent['query']) => Promise<readonly Experiment[]>;
  readonly events: () => Promise<readonly Event[]>;
  readonly measurements: (number: number) => Promise<readonly Measurement[]>;
  /** Makes a call for this group that must be refused with a code. */
  readonly refused: Refused;
}

/** A metric to minimize. */
export const LOSS = { name: 'loss', optimization: 'minimize' } as const;

/** A matrix with three points. */
export const THREE = { lr: { values: [0.1, 0.2, 0.3] } } as const;

/** The lease token of an experiment, which must have one. */
export function tokenOf({ lease }: Experiment): string {
  assert.ok(lease !== null && lease.token !== null, 'the experiment has a lease with a token');
  return lease.token;
}

/** When the lease of an experiment lapses, ms. */
export function expiryOf({ lease }: Experiment): number {
  assert.ok(lease !== null, 'the experiment has a lease');
  return Date.parse(lease.expires_at);
}

interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

/** Reads a list to its end. */
export async function walk<T>(
  read: (cursor: { readonly cursor?: string }) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const items: T[] = [];
  let cursor: { readonly cursor?: string } = {};
  for (;;) {
    const page: Page<T> = await read(cursor);
    items.push(...page.items);
    if (page.next_cursor === null) return items;
    cursor = { cursor: page.next_cursor };
  }
}

const LONG_PAGE = { limit: '200' } as const;

/** Calls for a group of a service. */
export function groupClient(
  { done, refused }: Pick<Service, 'done' | 'refused'>,
  group: string,
): GroupClient {
  const suggest = (json: object = {}): Promise<SuggestAnswer> => done('suggest', { group, json });
  return {
    id: group,
    read: () => done('readGroup', { group }),
    stop: () => done('stopGroup', { group }),
    resume: () => done('resumeGroup', { group }),
    delete: () => done('deleteGroup', { group }),
    suggest,
    async next(json) {
      const [experiment] = (await suggest(json)).experiments;
      assert.ok(experiment !== undefined, 'an experiment is free');
      return experiment;
    },
    report: (number, json = {}) => done('report', { group, number, json }),
    release: (number, json = {}) => done('release', { group, number, json }),
    add: (json) => done('addExperiment', { group, json }),
    experiment: (number) => done('readExperiment', { group, number }),
    experiments: (query = {}) =>
      walk((at) => done('listExperiments', { group, query: { ...LONG_PAGE, ...query, ...at } })),
    events: () => walk((at) => done('listEvents', { group, query: { ...LONG_PAGE, ...at } })),
    measurements: (number) =>
      walk((at) => done('listMeasurements', { group, number, query: { ...LONG_PAGE, ...at } })),
    refused: (operation, sent, code) => refused(operation, { group, ...sent }, code),
  };
}

async function readDocument(url: string): Promise<OpenApi> {
  const document: OpenApi = JSON.parse(await (await fetch(`${url}/v1/openapi.json`)).text());
  return document;
}

/** Calls the service at an address; each call carries the headers. */
export async function callService(url: string, headers: Sent['headers'] = {}): Promise<Caller> {
  const contract = createContract(await readDocument(url));

  const request: Service['request'] = async (method, path, sent = {}) => {
    const body = sent.json === undefined ? sent.body : JSON.stringify(sent.json);
    const type = sent.type ?? (body === undefined ? undefined : 'application/json');
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(type === undefined ? {} : { 'content-type': type }),
        ...headers,
        ...sent.headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    const answer = {
      status: response.status,
      headers: response.headers,
      text: await response.text(),
    };
    const { pathname } = new URL(url + path);
    return { ...answer, problem: contract.assertAnswer(answer, `${method} ${pathname}`) };
  };

  const call: Service['call'] = async (operation, sent = {}) => {
    const { path, method } = contract.place(operation);
    const filled = path
      .replace('{group}', encodeURIComponent(sent.group ?? ''))
      .replace('{number}', encodeURIComponent(String(sent.number ?? '')))
      .replace('{key}', encodeURIComponent(sent.keyId ?? ''))
      .replace('{webhook}', encodeURIComponent(sent.webhook ?? ''))
      .replace('{delivery}', encodeURIComponent(sent.delivery ?? ''));
    const query = sent.query === undefined ? '' : `?${new URLSearchParams(sent.query)}`;
    const { problem, ...answer } = await request(method.toUpperCase(), filled + query, sent);
    if (problem !== null) {
      contract.assertRefusal(operation, problem);
      return { ...answer, problem, value: null };
    }
    contract.assertRequest(operation, sent);
    return { ...answer, problem, value: contract.success(operation, answer) };
  };

  const done: Service['done'] = async (operation, sent) => {
    const { problem, value } = await call(operation, sent);
    if (problem === null) return value;
    return assert.fail(`${operation} was refused: ${JSON.stringify(problem)}`);
  };

  const refused: Refused = async (operation, sent, code) => {
    const { problem, text } = await call(operation, sent);
    assert.ok(problem !== null, `${operation} was not refused: ${text}`);
    assert.equal(problem.code, code, JSON.stringify(problem));
    return problem;
  };

  const of: Service['of'] = (group) => groupClient({ done, refused }, group);
  return {
    url,
    contract,
    call,
    done,
    refused,
    request,
    async open(hptuning, more = {}) {
      const json = { version: 1, kind: 'group', hptuning, ...more };
      return of((await done('createGroup', { json })).id);
    },
    of,
  };
}

/**
 * Starts a service on a free port, with its data in `folder` or, without one, in memory. Its clock runs with the
 * machine's, ahead of it by what a test lets pass.
 */
export async function startService(
  folder: string | null = null,
  more: Pick<Laptop, 'allowPrivateWebhooks'> = {},
): Promise<Service> {
  let aheadMs = 0;
  const now = (): number => Date.now() + aheadMs;
  const failures: unknown[] = [];
  const runtime = createLocalRuntime({
    folder,
    logger: { error: (...said) => failures.push(said), warn() {}, info() {} },
    now,
    ...more,
  });
  const server = await startLocalServer({ runtime, host: '127.0.0.1', port: 0 });
  return {
    ...(await callService(server.url)),
    now,
    pass: (seconds) => {
      aheadMs += seconds * 1000;
    },
    sweep: sweepFunction(async () => runtime),
    async close() {
      await server.close();
      assert.deepEqual(failures, [], 'the service has logged no error');
    },
  };
}
