import type { Fault } from '../domain/faults.ts';
import { FAULTS } from '../domain/faults.ts';

/** Where the codes are explained, within the contract; relative, so that it holds wherever the service runs. */
const TYPE_BASE = '/v1/openapi.json#/x-problems/';

/** What the log is told of an answer, beside what the path names. */
export interface Note {
  readonly group?: string;
  readonly number?: number;
  readonly numbers?: readonly number[];
  readonly counts?: { readonly handedOut?: number; readonly reports?: number };
}

/** An answer before it has become bytes. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text of the body; empty for none. */
  readonly body: string;
  /** True where the body is bytes in base64. */
  readonly isBase64?: boolean;
  /** What is kept for the same request under its Idempotency-Key, where the body holds a secret. */
  readonly keptBody?: string;
  readonly note?: Note;
}

/** Headers of every answer. */
export const COMMON_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
} as const;

/** An answer with a JSON body. */
export const jsonAnswer = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** The answer of a call that has deleted something. */
export const DELETED: Answer = { status: 204, headers: {}, body: '' };

/** The answer to a caller that has it already. */
export const notModified = (etag: string): Answer => ({ status: 304, headers: { etag }, body: '' });

/** Text that another sentence can follow. */
const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);

/** The problem document (RFC 9457) of a fault. */
export function problemAnswer(fault: Fault, requestId: string): Answer {
  const { status, title, fix } = FAULTS[fault.code];
  const headers = {
    ...COMMON_HEADERS,
    'content-type': 'application/problem+json',
    'x-request-id': requestId,
    ...(fault.retryAfterSeconds === undefined
      ? {}
      : { 'retry-after': String(fault.retryAfterSeconds) }),
    ...(fault.allow === undefined ? {} : { allow: fault.allow.join(', ') }),
    ...(fault.code === 'unauthorized' ? { 'www-authenticate': 'Bearer' } : {}),
  };
  const body = {
    type: TYPE_BASE + fault.code,
    title,
    status,
    code: fault.code,
    detail: `${sentence(fault.detail)} ${fix}`,
    errors: fault.errors ?? [],
    request_id: requestId,
  };
  return { status, headers, body: JSON.stringify(body) };
}
