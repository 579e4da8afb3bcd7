import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import * as createGroup from '../../functions/create-group.ts';
import * as insight from '../../functions/insight.ts';
import * as manage from '../../functions/manage.ts';
import * as manageWebhooks from '../../functions/manage-webhooks.ts';
import * as read from '../../functions/read.ts';
import * as reportMetric from '../../functions/report-metric.ts';
import * as suggest from '../../functions/suggest.ts';
import type { AnyRoute } from '../../lib/contract/routes.ts';
import { ROUTES } from '../../lib/contract/routes.ts';
import type { Runtime } from '../../lib/runtime/runtime.ts';
import type { Contract, OpenApi, RawAnswer } from './contract.ts';
import { createContract } from './contract.ts';
import type { GroupClient, Sent, Service } from './service.ts';
import { groupClient } from './service.ts';

/** The functions behind the HTTP API, called without one. */
export type Handlers = Pick<Service, 'call' | 'done' | 'refused' | 'of'>;

const FUNCTIONS = [
  createGroup,
  suggest,
  reportMetric,
  manage,
  manageWebhooks,
  read,
  insight,
] as const;

/** The event that API Gateway would make of a call. */
function eventOf({ method, path }: AnyRoute, sent: Sent, key: string): APIGatewayProxyEventV2 {
  const { group = '', number = '', keyId = '', webhook = '', delivery = '' } = sent;
  const { query = {}, json } = sent;
  const pathParameters: Record<string, string> = {
    group,
    number: String(number),
    key: keyId,
    webhook,
    delivery,
  };
  const rawPath = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => pathParameters[name] ?? '');
  const routeKey = `${method} ${path}`;
  return {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString: new URLSearchParams(query).toString(),
    headers: {
      authorization: `Bearer ${key}`,
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
    },
    queryStringParameters: { ...query },
    pathParameters,
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    isBase64Encoded: false,
    requestContext: {
      accountId: 'test',
      apiId: 'test',
      domainName: 'test',
      domainPrefix: 'test',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '', userAgent: '' },
      requestId: randomUUID(),
      routeKey,
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
  };
}

const CONTEXT: Context = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'test',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'test',
  memoryLimitInMB: '512',
  awsRequestId: 'test',
  logGroupName: 'test',
  logStreamName: 'test',
  getRemainingTimeInMillis: () => 15_000,
  done() {},
  fail() {},
  succeed() {},
};

type Ask = (route: AnyRoute, sent: Sent) => Promise<RawAnswer>;

function asks(runtime: Runtime, key: string): Ask {
  const bound = FUNCTIONS.map(({ create }) => ({
    routes: create.routes,
    handler: create.for(async () => runtime),
  }));
  return async (route, sent) => {
    const found = bound.find(({ routes }) => routes.includes(route));
    assert.ok(found !== undefined, `a function answers ${route.path}`);
    const result = await found.handler(eventOf(route, sent, key), CONTEXT);
    const headers = new Headers();
    for (const [name, value] of Object.entries(result.headers ?? {})) {
      headers.set(name, String(value));
    }
    return { status: result.statusCode ?? 0, headers, text: result.body ?? '' };
  };
}

async function readContract(ask: Ask): Promise<Contract> {
  const document: OpenApi = JSON.parse((await ask(ROUTES.openapi, {})).text);
  return createContract(document);
}

/** The functions of the HTTP API on a runtime, called with a key. Answers are held against the contract. */
export async function createHandlers(runtime: Runtime, key: string): Promise<Handlers> {
  const ask = asks(runtime, key);
  const contract = await readContract(ask);
  const call: Handlers['call'] = async (operation, sent = {}) => {
    const answer = await ask(ROUTES[operation], sent);
    const problem = contract.assertAnswer(answer);
    if (problem !== null) return { ...answer, problem, value: null };
    return { ...answer, problem, value: contract.success(operation, answer) };
  };
  const done: Handlers['done'] = async (operation, sent) => {
    const { problem, value } = await call(operation, sent);
    if (problem === null) return value;
    return assert.fail(`${operation} was refused: ${JSON.stringify(problem)}`);
  };
  const refused: Handlers['refused'] = async (operation, sent, code) => {
    const { problem } = await call(operation, sent);
    assert.ok(problem !== null, `${operation} was not refused`);
    assert.equal(problem.code, code);
    return problem;
  };
  const of = (group: string): GroupClient => groupClient({ done, refused }, group);
  return { call, done, refused, of };
}
