import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/*
 * What API Gateway's HTTP API does between a request and a function: finds the route, makes the event, sends the answer.
 */

/** A route of the HTTP API and what stands behind it. */
export interface GatewayRoute<T> {
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
  readonly target: T;
}

/** Where a request goes. */
export interface Routed<T> {
  readonly routeKey: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly target: T;
}

/** The body of a request, and what was found out about it. */
export interface Received {
  readonly url: URL;
  readonly bytes: Buffer;
  readonly requestId: string;
}

const patternOf = (path: string): RegExp =>
  new RegExp(
    `^${path
      .replaceAll('.', '\\.')
      .replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')
      .replaceAll(/\{(\w+)\+\}/g, '(?<$1>.+)')}$`,
  );

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Returns what finds the target of a method and a path: that of the first route that matches, else `otherwise`. */
export function createRouter<T>(
  routes: readonly GatewayRoute<T>[],
  otherwise: T,
): (method: string, path: string) => Routed<T> {
  const ways = routes.map((route) => ({ ...route, pattern: patternOf(route.path) }));
  return (method, path) => {
    for (const way of ways) {
      const match = way.method === method ? way.pattern.exec(path) : null;
      if (match === null) continue;
      const parameters = Object.fromEntries(
        Object.entries(match.groups ?? {}).map(([name, value]) => [name, decoded(value)]),
      );
      return { routeKey: `${method} ${way.path}`, target: way.target, parameters };
    }
    return { routeKey: '$default', target: otherwise, parameters: {} };
  };
}

/** Repeated names are joined by commas, as API Gateway does. */
function joined(pairs: Iterable<readonly [string, string]>): Record<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of pairs) {
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(values);
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const { rawHeaders } = request;
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    pairs.push([(rawHeaders[i] ?? '').toLowerCase(), rawHeaders[i + 1] ?? '']);
  }
  return joined(pairs);
}

/** The event of a request, in payload format 2.0. */
export function toEvent(
  request: IncomingMessage,
  { routeKey, parameters }: Pick<Routed<unknown>, 'routeKey' | 'parameters'>,
  { url, bytes, requestId }: Received,
): APIGatewayProxyEventV2 {
  const headers = headersOf(request);
  const query = joined(url.searchParams);
  const isText = isUtf8(bytes);
  const now = Date.now();
  return {
    version: '2.0',
    routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers,
    ...(Object.keys(query).length === 0 ? {} : { queryStringParameters: query }),
    ...(Object.keys(parameters).length === 0 ? {} : { pathParameters: parameters }),
    ...(bytes.length === 0 ? {} : { body: bytes.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: !isText,
    requestContext: {
      accountId: 'local',
      apiId: 'local',
      domainName: headers['host'] ?? '',
      domainPrefix: 'local',
      http: {
        method: request.method ?? 'GET',
        path: url.pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey,
      stage: '$default',
      time: new Date(now).toISOString(),
      timeEpoch: now,
    },
  };
}

/** Answers that have no body, nor a length of one. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

/** Sends what a function has answered. */
export function sendResult(
  response: ServerResponse,
  result: APIGatewayProxyStructuredResultV2,
): void {
  const body = Buffer.from(result.body ?? '', result.isBase64Encoded === true ? 'base64' : 'utf8');
  response.writeHead(result.statusCode ?? 200, {
    ...result.headers,
    ...(BODILESS.has(result.statusCode ?? 200) ? {} : { 'content-length': body.length }),
  });
  response.end(body);
}
