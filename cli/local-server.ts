import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'aws-lambda';
import * as createGroup from '../functions/create-group.ts';
import * as fallback from '../functions/fallback.ts';
import * as insight from '../functions/insight.ts';
import * as manage from '../functions/manage.ts';
import * as manageWebhooks from '../functions/manage-webhooks.ts';
import * as read from '../functions/read.ts';
import * as reportMetric from '../functions/report-metric.ts';
import * as suggest from '../functions/suggest.ts';
import * as web from '../functions/web.ts';
import type { Fault } from '../lib/domain/faults.ts';
import { fault } from '../lib/domain/faults.ts';
import { LIMITS } from '../lib/domain/limits.ts';
import type { HttpHandler } from '../lib/runtime/http.ts';
import type { LocalRuntime } from '../lib/runtime/local.ts';
import { problemAnswer } from '../lib/runtime/problem.ts';
import type { Runtime } from '../lib/runtime/runtime.ts';
import { sweepFunction } from '../lib/runtime/sweep.ts';
import type { Signals } from '../lib/service/ports.ts';
import type { GatewayRoute } from './api-gateway.ts';
import { createRouter, sendResult, toEvent } from './api-gateway.ts';
import { pumpDeliveries, pumpPokes } from './local-queue.ts';

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
/** How long a connection without a call stays open, ms: longer than most pauses between two reports, or one would meet its end. */
const IDLE_MS = 75_000;

/** A running local service. */
export interface LocalServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Every function with the routes that it answers. */
const FUNCTIONS = [
  createGroup,
  suggest,
  reportMetric,
  manage,
  manageWebhooks,
  read,
  insight,
  web,
] as const;

const routesOf = (runtime: () => Promise<Runtime>): readonly GatewayRoute<HttpHandler>[] =>
  FUNCTIONS.flatMap(({ create }) => {
    const target = create.for(runtime);
    return create.routes.map(({ method, path }) => ({ method, path, target }));
  });

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

const sendFault = (response: ServerResponse, fault: Fault, requestId: string): void => {
  const { status, headers, body } = problemAnswer(fault, requestId);
  sendResult(response, {
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

/** What the close of the service breaks off is no error. */
const quietly = (logger: Runtime['logger'], isOver: () => boolean): Runtime['logger'] => ({
  ...logger,
  error(message, more) {
    if (!isOver() && !(more['error'] instanceof Closing)) logger.error(message, more);
  },
});

interface Listening {
  readonly runtime: LocalRuntime;
  readonly host: string;
  readonly port: number;
  /** False where nothing is sent to webhooks; it stays in the queue. */
  readonly sends?: boolean;
}

const CLOSING = fault('unavailable', 'The service is closing.', { retryAfterSeconds: 1 });

function createListener(
  { runtime, host }: Listening,
  closing: { readonly pending: Set<Promise<void>>; readonly isClosed: () => boolean },
): (request: IncomingMessage, response: ServerResponse) => void {
  const provide = async (): Promise<Runtime> => runtime;
  const route = createRouter(routesOf(provide), fallback.create.for(provide));
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
    const routed = route(request.method ?? 'GET', url.pathname);
    const event = toEvent(request, routed, { url, bytes, requestId });
    const result = await routed.target(event, contextOf(requestId));
    const isBrokenOff = closing.isClosed() && result.statusCode === 500;
    if (isBrokenOff) sendFault(response, CLOSING, requestId);
    else sendResult(response, result);
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
  let isOver = false;
  const logger = quietly(listening.runtime.logger, () => isOver);
  const runtime: LocalRuntime = {
    ...listening.runtime,
    ports: { ...listening.runtime.ports, signals },
    sender: { ...listening.runtime.sender, logger },
    logger,
  };
  const pending = new Set<Promise<void>>();
  // A missing Host header is refused with a problem of our own.
  const server = createServer(
    { requireHostHeader: false, keepAliveTimeout: IDLE_MS },
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
  const sending = listening.sends === false ? null : pumpDeliveries(runtime);

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
      // An endpoint that takes its time is asked again after the next start.
      await Promise.race([sending?.stop(), sleep(DRAIN_MS, undefined, { ref: false })]);
      isOver = true;
      clearTimeout(late);
      await runtime.ports.store.close();
      runtime.stopSending();
    },
  };
}
