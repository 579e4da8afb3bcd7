import { randomUUID } from 'node:crypto';
import type { FunctionName } from '../../infra/functions.ts';

/** The functions that a pair may call. */
export const MEASURED = ['create-group', 'suggest', 'report-metric', 'advance', 'sweep'] as const;
export type Measured = (typeof MEASURED)[number];

/** What one call of a function has used. */
export interface Used {
  readonly name: FunctionName;
  readonly cpuMs: number;
  /** One after the other: reads and writes of the table, and of the queue. */
  readonly tableRounds: number;
  readonly queueRounds: number;
}

/** A call of the contract. */
export interface ApiCall {
  readonly name: FunctionName;
  /** As API Gateway writes it: the method and the path with its parameters. */
  readonly route: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How it was answered. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
  /** Bytes of the request's and of the answer's body. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Bytes of the answer with its headers, which leave AWS. */
  readonly bytesSent: number;
  readonly used: Used;
}

/** The event that API Gateway makes of a call with the key. */
export function eventOf({ route, parameters, body, headers = {} }: ApiCall, key: string): object {
  const [method = '', path = ''] = route.split(' ');
  const rawPath = path.replace(/\{(\w+)\}/g, (_, part: string) => parameters[part] ?? '');
  return {
    version: '2.0',
    routeKey: route,
    rawPath,
    rawQueryString: '',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    pathParameters: parameters,
    body: JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: {
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '', userAgent: '' },
      requestId: randomUUID(),
      routeKey: route,
      stage: '$default',
      timeEpoch: Date.now(),
    },
  };
}

/** Bytes of a call's body. */
export const bytesIn = ({ body }: ApiCall): number => Buffer.byteLength(JSON.stringify(body));

interface Result {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly body?: string;
}

const headerBytes = (headers: Readonly<Record<string, unknown>>): number =>
  Object.entries(headers).reduce(
    (bytes, [name, value]) => bytes + `${name}: ${String(value)}\r\n`.length,
    0,
  );

/** The answer that API Gateway makes of what a function returns. */
export function answerOf(result: unknown): Omit<ApiAnswer, 'bytesIn' | 'used'> {
  const { statusCode = 500, headers = {}, body = '' }: Result = Object(result);
  const bytesOut = Buffer.byteLength(body);
  return { status: statusCode, body, bytesOut, bytesSent: bytesOut + headerBytes(headers) };
}
