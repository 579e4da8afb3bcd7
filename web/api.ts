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

function requestOf(method: string, { body, signal }: CallOptions): RequestInit {
  const isText = typeof body === 'string';
  return {
    method,
    cache: 'no-store',
    credentials: 'omit',
    headers: {
      accept: 'application/json',
      ...(key.value === null ? {} : { authorization: `Bearer ${key.value}` }),
      ...(body === undefined
        ? {}
        : { 'content-type': isText ? 'application/yaml' : 'application/json' }),
    },
    ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  };
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
 * Makes a call of the contract and returns its answer; null where it has no body.
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
  const sent = requestOf(method, options);
  let response: Response;
  try {
    response = await fetch(addressOf(path, options.query ?? {}), sent);
  } catch (error) {
    if (options.signal?.aborted === true) throw error;
    throw new Unreachable('The service does not answer.');
  }
  if (!response.ok) throw await refusal(response);
  if (response.status === 204) return JSON.parse('null');
  if (response.headers.get('content-type') !== 'application/json') throw strange(response.status);
  return response.json();
}
