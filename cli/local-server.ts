import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
} from 'aws-lambda';
import * as createGroup from '../functions/create-group.ts';
import * as fallback from '../functions/fallback.ts';
import * as manage from '../functions/manage.ts';
import * as read from '../functions/read.ts';
import * as reportMetric from '../functions/report-metric.ts';
import * as suggest from '../functions/suggest.ts';
import type { AnyRoute } from '../lib/contract/routes.ts';
import type { Fault } from '../lib/domain/faults.ts';
import { fault } from '../lib/domain/faults.ts';
import { LIMITS } from '../lib/domain/limits.ts';
import type { HttpHandler } from '../lib/runtime/http.ts';
import type { LocalRuntime } from '../lib/runtime/local.ts';
import { problemAnswer } from '../lib/runtime/problem.ts';
import type { Runtime } from '../lib/runtime/runtime.ts';
import { sweepFunction } from '../lib/runtime/sweep.ts';
import type { Signals } from '../lib/service/ports.ts';
import { pumpPokes } from './local-queue.ts';

/*
 * API Gateway on a laptop: turns HTTP requests into the events that it would send, and hands them to the same functions.
 */

const SWEEP_INTERVAL_MS = 60_000;
/** More than any call takes, so that the function itself can say how much is allowed. */
const BODY_BYTES_READ = LIMITS.measurementsBodyBytes + 64 * 1024;
/** More is read on to here and thrown away: not every client reads an answer before it has sent its whole body. */
const BODY_BYTES_DISCARDED = 32 * 1024 * 1024;
/** How long calls under way may go on after the service was asked to stop, ms. */
const DRAIN_MS = 2_000;

/** A running local service. */
export interface LocalServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

interface Target {
  readonly routeKey: string;
  readonly handler: HttpHandler;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Every function with the routes that it answers. */
const FUNCTIONS = [createGroup, suggest, reportMetric, manage, read] as const;

interface Way {
  readonly method: string;
  readonly pattern: RegExp;
  readonly routeKey: string;
  readonly handler: HttpHandler;
}

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);

function waysOf(runtime: () => Promise<Runtime>): readonly Way[] {
  return FUNCTIONS.flatMap(({ create }) => {
    const handler = create.for(runtime);
    return create.routes.map(
      ({ method, path }: AnyRoute): Way => ({
        method,
        pattern: patternOf(path),
        routeKey: `${method} ${path}`,
        handler,
      }),
    );
  });
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

function targetOf(
  ways: readonly Way[],
  otherwise: HttpHandler,
  request: { readonly method: string; readonly path: string },
): Target {
  for (const { method, pattern, routeKey, handler } of ways) {
    const match = method === request.method ? pattern.exec(request.path) : null;
    if (match === null) continue;
    const parameters = Object.fromEntries(
      Object.entries(match.groups ?? {}).map(([name, value]) => [name, decoded(value)]),
    );
    return { routeKey, handler, parameters };
  }
  return { routeKey: '$default', handler: otherwise, parameters: {} };
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

/** The body's bytes, or null where there are more than any call takes. */
async function bytesOf(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > BODY_BYTES_DISCARDED) return null;
    if (size <= BODY_BYTES_READ) parts.push(part);
  }
  return size > BODY_BYTES_READ ? null : Buffer.concat(parts);
}

function toEvent(
  request: IncomingMessage,
  target: Target,
  sent: { readonly url: URL; readonly bytes: Buffer; readonly requestId: string },
): APIGatewayProxyEventV2 {
  const { url, bytes, requestId } = sent;
  const headers = headersOf(request);
  const query = joined(url.searchParams);
  const isText = isUtf8(bytes);
  const now = Date.now();
  return {
    version: '2.0',
    routeKey: target.routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers,
    ...(Object.keys(query).length === 0 ? {} : { queryStringParameters: query }),
    ...(Object.keys(target.parameters).length === 0 ? {} : { pathParameters: target.parameters }),
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
      routeKey: target.routeKey,
      stage: '$default',
      time: new Date(now).toISOString(),
      timeEpoch: now,
    },
  };
}

const contextOf = (requestId: string): Context => ({
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'local',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'local',
  memoryLimitInMB: '0',
  awsRequestId: requestId,
  logGroupName: 'local',
  logStreamName: 'local',
  getRemainingTimeInMillis: () => 30_000,
  done() {},
  fail() {},
  succeed() {},
});

const LOOPBACK = /^(?:localhost|[a-z0-9-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;

/** Tells whether a name or an address stays on this machine. */
export const isLoopback = (host: string): boolean =>
  LOOPBACK.test(host) || LOOPBACK.test(`[${host}]`);

/** Refuses what a web page of somebody else could make a browser send to a service on loopback. */
function foreign(request: IncomingMessage): Fault | null {
  const host = request.headers.host ?? '';
  const name = host.replace(/:\d+$/, '');
  if (!LOOPBACK.test(name)) {
    const detail = `The Host header "${host.slice(0, 100)}" is no name of this machine.`;
    return fault('foreign_host', detail);
  }
  const { origin } = request.headers;
  if (origin === undefined || origin === `http://${host}`) return null;
  const detail = `The Origin "${origin.slice(0, 100)}" is not this service's own.`;
  return fault('foreign_origin', detail);
}

function send(response: ServerResponse, result: APIGatewayProxyStructuredResultV2): void {
  const body = result.body ?? '';
  response.writeHead(result.statusCode ?? 200, {
    ...result.headers,
    ...(result.statusCode === 204 ? {} : { 'content-length': Buffer.byteLength(body) }),
  });
  response.end(body);
}

const sendFault = (response: ServerResponse, fault: Fault, requestId: string): void => {
  const { status, headers, body } = problemAnswer(fault, requestId);
  send(response, {
    statusCode: status,
    headers: { ...headers, 'x-request-id': requestId },
    body,
  });
};

const urlOf = (request: IncomingMessage): URL | null =>
  URL.parse(`http://local${request.url?.startsWith('/') === true ? request.url : '/'}`);

/** Breaks off a call that waits while the service closes. */
class Closing extends Error {
  override readonly name = 'Closing';
}

/** Signals that wake everybody when the service closes, to go away. */
interface ClosableSignals extends Signals {
  readonly isClosed: () => boolean;
  readonly close: () => void;
}

function closable(signals: Signals): ClosableSignals {
  /** Wakes one call each. */
  const sleeping = new Set<() => void>();
  let isClosed = false;
  return {
    changed: signals.changed,
    watch(group) {
      const watch = signals.watch(group);
      return {
        async next(milliseconds) {
          const wake = (): void => signals.changed(group);
          sleeping.add(wake);
          await watch.next(milliseconds);
          sleeping.delete(wake);
          // Nothing may be handed out any more.
          if (isClosed) throw new Closing('the service is closing');
        },
        end: watch.end,
      };
    },
    isClosed: () => isClosed,
    close() {
      isClosed = true;
      for (const wake of sleeping) wake();
    },
  };
}

/** Calls that the close of the service breaks off are no errors. */
const quietly = (logger: Runtime['logger']): Runtime['logger'] => ({
  ...logger,
  error(message, more) {
    if (!(more['error'] instanceof Closing)) logger.error(message, more);
  },
});

interface Listening {
  readonly runtime: LocalRuntime;
  readonly host: string;
  readonly port: number;
}

const CLOSING = fault('unavailable', 'The service is closing.', { retryAfterSeconds: 1 });

function createListener(
  { runtime, host }: Listening,
  closing: { readonly pending: Set<Promise<void>>; readonly isClosed: () => boolean },
): (request: IncomingMessage, response: ServerResponse) => void {
  const provide = async (): Promise<Runtime> => runtime;
  const ways = waysOf(provide);
  const otherwise = fallback.create.for(provide);
  const onLoopback = isLoopback(host);

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const requestId = randomUUID();
    const refused = onLoopback ? foreign(request) : null;
    const url = urlOf(request);
    if (refused !== null || url === null) {
      const unknown = fault('route_not_found', 'The path is no valid URL.');
      request.resume();
      return sendFault(response, refused ?? unknown, requestId);
    }
    const bytes = await bytesOf(request);
    if (bytes === null) {
      response.setHeader('connection', 'close');
      const detail = `The body has more than ${LIMITS.measurementsBodyBytes} bytes, which no call takes.`;
      return sendFault(response, fault('body_too_large', detail), requestId);
    }
    const method = request.method ?? 'GET';
    const target = targetOf(ways, otherwise, { method, path: url.pathname });
    const event = toEvent(request, target, { url, bytes, requestId });
    const result = await target.handler(event, contextOf(requestId));
    const isBrokenOff = closing.isClosed() && result.statusCode === 500;
    if (isBrokenOff) sendFault(response, CLOSING, requestId);
    else send(response, result);
  };

  return (request, response) => {
    const work = answer(request, response).catch((error: unknown) => {
      // The caller went away while its request was read, or the like: there is nobody to tell.
      if (!response.headersSent) response.destroy();
      if (!request.destroyed) runtime.logger.error('request broke off', { error });
    });
    closing.pending.add(work);
    void work.finally(() => closing.pending.delete(work));
  };
}

const NO_HTTP = fault('malformed_body', 'The request is no valid HTTP.');
const UNMET = fault('malformed_body', 'The Expect header asks for something that nobody can meet.');

/** A problem as the bytes of an answer, for a caller whose request could not be read. */
function rawProblem(unread: Fault): string {
  const { status, headers, body } = problemAnswer(unread, randomUUID());
  const lines = Object.entries({
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Bad Request\r\n${lines.join('')}\r\n${body}`;
}

const listen = (server: Server, { host, port }: Listening): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address: AddressInfo | string | null = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });

/**
 * Starts the service on this machine, with its periodic sweep. Port 0 takes a free one.
 *
 * Rejects with the system's error where the address cannot be had.
 */
export async function startLocalServer(listening: Listening): Promise<LocalServer> {
  const { host } = listening;
  const signals = closable(listening.runtime.ports.signals);
  const runtime: LocalRuntime = {
    ...listening.runtime,
    ports: { ...listening.runtime.ports, signals },
    logger: quietly(listening.runtime.logger),
  };
  const pending = new Set<Promise<void>>();
  // A missing Host header is refused with a problem of our own.
  const server = createServer(
    { requireHostHeader: false },
    createListener({ ...listening, runtime }, { pending, isClosed: signals.isClosed }),
  );
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end(rawProblem(NO_HTTP));
  });
  server.on('checkExpectation', (request, response) => {
    request.resume();
    sendFault(response, UNMET, randomUUID());
  });
  const port = await listen(server, listening);
  const pumping = pumpPokes(runtime);

  const sweep = sweepFunction(async () => runtime);
  const sweepSafely = (): void => {
    sweep().catch((error: unknown) => runtime.logger.error('sweep failed', { error }));
  };
  const timer = setInterval(sweepSafely, SWEEP_INTERVAL_MS);
  sweepSafely();

  const shownHost = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${shownHost}:${port}`,
    async close() {
      clearInterval(timer);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      signals.close();
      const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
      await closed;
      await Promise.all(pending);
      await pumping.stop();
      clearTimeout(late);
      await runtime.ports.store.close();
    },
  };
}
