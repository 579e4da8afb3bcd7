import { signal } from '@preact/signals';
import type { Problem } from '../cli/answers.ts';

/** The key of the service; in memory only, so that it is gone with the page. */
export const key = signal<string | null>(null);

/** What the service said when it refused the last call for want of a key; null where it did not. */
export const keyRefused = signal<string | null>(null);

/** The service refused a call, and says why. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** Nobody answered: the service is gone, or the way to it. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** What a call may carry. */
export interface CallOptions {
  /** Nulls, undefined and empty texts are left out. */
  readonly query?: Query;
  /** Sent as JSON, a text as YAML. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

function addressOf(path: string, query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === null || value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  const text = new URLSearchParams(pairs).toString();
  return text === '' ? path : `${path}?${text}`;
}

function requestOf(
  method: string,
  { body, signal }: CallOptions,
  etag: string | undefined,
): RequestInit {
  const isText = typeof body === 'string';
  return {
    method,
    cache: 'no-store',
    credentials: 'omit',
    headers: {
      accept: 'application/json',
      ...(key.value === null ? {} : { authorization: `Bearer ${key.value}` }),
      ...(etag === undefined ? {} : { 'if-none-match': etag }),
      ...(body === undefined
        ? {}
        : { 'content-type': isText ? 'application/yaml' : 'application/json' }),
    },
    ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  };
}

/** A body as it was read: the contract says what it is, and the service's tests hold every answer against it. */
type Body = Awaited<ReturnType<Response['json']>>;

interface Kept {
  readonly etag: string;
  readonly answer: Body;
}

/** Answers that had a version, by key and address: asked for again, they come only where they have changed. */
const kept = new Map<string, Kept>();
const KEPT_MAX = 64;

function keep(place: string, etag: string, answer: Body): void {
  kept.delete(place);
  kept.set(place, { etag, answer });
  const [oldest] = kept.keys();
  if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
}

/** Something between the page and the service answered in its place. */
const strange = (status: number): Unreachable =>
  new Unreachable(`The service answered ${status} without saying why.`);

async function refusal(response: Response): Promise<Error> {
  if (response.headers.get('content-type')?.startsWith('application/problem+json') !== true) {
    return strange(response.status);
  }
  const problem: Problem = await response.json();
  if (problem.code === 'unauthorized') keyRefused.value = problem.detail;
  return new ProblemError(problem);
}

/**
 * Makes a call of the contract and returns its answer; null where it has no body. An answer that has not changed since the
 * last call is the same object.
 *
 * Rejects with `ProblemError` where the service refuses, with `Unreachable` where nobody answers.
 *
 * @param path - as the contract has it, with its parameters filled in
 */
export async function call<T>(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  options: CallOptions = {},
): Promise<T> {
  const address = addressOf(path, options.query ?? {});
  const place = `${key.value} ${address}`;
  const before = method === 'GET' ? kept.get(place) : undefined;
  const response = await ask(address, requestOf(method, options, before?.etag));
  if (response.status === 304 && before !== undefined) return before.answer;
  if (!response.ok) throw await refusal(response);
  if (response.status === 204) return JSON.parse('null');
  if (response.headers.get('content-type') !== 'application/json') throw strange(response.status);
  const answer: Body = await orUnreachable(options.signal, response.json());
  const etag = response.headers.get('etag');
  if (etag !== null) keep(place, etag, answer);
  return answer;
}

/** Whoever breaks a call off gets the browser's own error; any other one means that nobody answered. */
async function orUnreachable<R>(
  signal: AbortSignal | null | undefined,
  work: Promise<R>,
): Promise<R> {
  try {
    return await work;
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new Unreachable('The service does not answer.');
  }
}

const ask = (address: string, sent: RequestInit): Promise<Response> =>
  orUnreachable(sent.signal, fetch(address, sent));
