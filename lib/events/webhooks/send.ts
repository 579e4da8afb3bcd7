import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import type { Sent } from '../../domain/webhook.ts';
import type { WebhookPolicy } from '../../domain/webhook-address.ts';
import { isIpAddress } from '../../domain/webhook-address.ts';
import { checkWebhookUrl, hostOf } from '../../domain/webhook-url.ts';
import { describeFailure } from './failure.ts';
import type { Resolver } from './resolve.ts';
import { resolveHost } from './resolve.ts';

/*
 * One attempt to deliver. The host is looked up once; every address is checked, and the connection is made to one of
 * those that passed, never to what a second lookup might give. The name still counts for TLS.
 */

/** What is sent, and the patience it is sent with. */
export interface WebhookRequest {
  readonly url: string;
  /** Without `host` and `content-length`, which follow from the rest. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as UTF-8. */
  readonly body: string;
  /** For all of it: DNS, connection, TLS, request and answer. 15,000 where left out. */
  readonly timeoutMs?: number;
  /** Of the answer's body; the connection is closed after so many. 4,096 where left out. */
  readonly maxAnswerBytes?: number;
  /** Breaks the attempt off, as if its time were up. */
  readonly signal?: AbortSignal | undefined;
}

const TIMEOUT_MS = 15_000;
const ANSWER_BYTES = 4_096;
/** Of the addresses of one host, for IPv4 and IPv6 each: trying more of them takes longer than there is time. */
const ADDRESSES_MAX = 4;
/** For one of several addresses, ms: Node's 250 is too short for a server on the other side of the world. */
const ADDRESS_TIMEOUT_MS = 2_000;

const refused = (reason: string): Sent => ({ kind: 'refused', reason });
const failed = (reason: string): Sent => ({ kind: 'failed', reason });

/** Answers the socket's question for addresses with those that were checked, in the order in which they came. */
function only(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  const first = all.filter(({ family }, index) => {
    const before = all.slice(0, index).filter((other) => other.family === family);
    return before.length < ADDRESSES_MAX;
  });
  return (_host, _options, answer) => answer(null, first);
}

/** Everything a connection takes from us, so that nothing of the process's environment or flags decides instead. */
function connect(
  url: URL,
  headers: Readonly<Record<string, string>>,
  addresses: readonly string[],
): ClientRequest {
  const options = {
    method: 'POST',
    headers,
    // An agent of its own: no connection or TLS session outlives the attempt, and no proxy is used.
    agent: false,
    lookup: only(addresses),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT_MS,
  };
  if (url.protocol === 'http:') return httpRequest(url, options);
  const servername = isIpAddress(hostOf(url)) ? '' : url.hostname;
  return httpsRequest(url, { ...options, servername, rejectUnauthorized: true });
}

/** Reads the beginning of an answer, at most so many bytes; rejects where it breaks off before. */
function readBeginning(answer: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    // A character that the limit cuts in two is left out.
    const text = (): string =>
      new TextDecoder().decode(Buffer.concat(chunks).subarray(0, maxBytes), { stream: true });
    answer.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= maxBytes) resolve(text());
    });
    answer.on('end', () => resolve(text()));
    answer.on('error', reject);
  });
}

/** Resolves with the answer's head; rejects where the connection ends without one. */
const answered = (request: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
    // Such as a protocol that the server switches to and nobody asked for.
    request.on('close', () => reject(new Error('closed')));
  });

/** Rejects once the time is up, whatever the promise does. */
const within = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });

async function attempt(
  url: URL,
  request: WebhookRequest,
  world: {
    readonly policy: WebhookPolicy;
    readonly resolver: Resolver;
    readonly signal: AbortSignal;
  },
): Promise<Sent> {
  const { policy, resolver, signal } = world;
  const startMs = performance.now();
  const addresses = await within(resolveHost(hostOf(url), policy, resolver), signal);
  if (addresses.allowed.length === 0) {
    const [first] = addresses.refused;
    return first === undefined ? failed('the host has no address') : refused(first);
  }
  const connection = connect(url, request.headers, addresses.allowed);
  try {
    const head = answered(connection);
    connection.end(request.body);
    const answer = await within(head, signal);
    const maxBytes = request.maxAnswerBytes ?? ANSWER_BYTES;
    const body = await within(readBeginning(answer, maxBytes), signal);
    const ms = Math.round(performance.now() - startMs);
    return { kind: 'answered', status: answer.statusCode ?? 0, ms, body };
  } finally {
    connection.destroy();
  }
}

/**
 * Sends one webhook, once, and returns what came of it: an answer of any status (redirects are not followed), a refusal
 * before anything was sent, or a failure after which nobody knows whether it arrived.
 *
 * @param resolver - asked at most once, and never again for the connection
 */
export async function sendWebhook(
  request: WebhookRequest,
  policy: WebhookPolicy,
  resolver: Resolver,
): Promise<Sent> {
  const url = checkWebhookUrl(request.url, policy);
  if (!url.ok) return refused(url.fault);
  const timeoutMs = request.timeoutMs ?? TIMEOUT_MS;
  const late = new AbortController();
  const stop = (): void => late.abort();
  const timer = setTimeout(stop, timeoutMs);
  request.signal?.addEventListener('abort', stop);
  try {
    return await attempt(url.value, request, { policy, resolver, signal: late.signal });
  } catch (error) {
    if (late.signal.aborted)
      return failed(`the answer was not complete after ${timeoutMs / 1_000} s`);
    return failed(describeFailure(error));
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', stop);
  }
}
