import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Result } from '../lib/domain/result.ts';
import { err, ok } from '../lib/domain/result.ts';
import type { Answer, Mistake, Problem, RouteName } from './answers.ts';
import { Failure, systemCode } from './failure.ts';

/** How each call of the contract is made: the same as in its table of routes, which takes long to load. */
export const CALLS = {
  health: 'GET /v1/health',
  openapi: 'GET /v1/openapi.json',
  documentSchema: 'GET /v1/document-schema.json',
  createGroup: 'POST /v1/groups',
  previewGroup: 'POST /v1/groups/preview',
  listGroups: 'GET /v1/groups',
  readGroup: 'GET /v1/groups/{group}',
  deleteGroup: 'DELETE /v1/groups/{group}',
  suggest: 'POST /v1/groups/{group}/suggest',
  stopGroup: 'POST /v1/groups/{group}/stop',
  resumeGroup: 'POST /v1/groups/{group}/resume',
  listExperiments: 'GET /v1/groups/{group}/experiments',
  addExperiment: 'POST /v1/groups/{group}/experiments',
  readExperiment: 'GET /v1/groups/{group}/experiments/{number}',
  report: 'POST /v1/groups/{group}/experiments/{number}/report',
  release: 'POST /v1/groups/{group}/experiments/{number}/release',
  listMeasurements: 'GET /v1/groups/{group}/experiments/{number}/measurements',
  explain: 'GET /v1/groups/{group}/experiments/{number}/explanation',
  listEvents: 'GET /v1/groups/{group}/events',
  columns: 'GET /v1/groups/{group}/columns',
  curves: 'GET /v1/groups/{group}/curves',
  rungs: 'GET /v1/groups/{group}/rungs',
  importance: 'GET /v1/groups/{group}/importance',
  contour: 'GET /v1/groups/{group}/contour',
  createKey: 'POST /v1/keys',
  listKeys: 'GET /v1/keys',
  revokeKey: 'DELETE /v1/keys/{key}',
  createWebhook: 'POST /v1/webhooks',
  listWebhooks: 'GET /v1/webhooks',
  readWebhook: 'GET /v1/webhooks/{webhook}',
  patchWebhook: 'PATCH /v1/webhooks/{webhook}',
  deleteWebhook: 'DELETE /v1/webhooks/{webhook}',
  testWebhook: 'POST /v1/webhooks/{webhook}/test',
  rotateSecret: 'POST /v1/webhooks/{webhook}/rotate-secret',
  recoverDeliveries: 'POST /v1/webhooks/{webhook}/recover',
  listDeliveries: 'GET /v1/webhooks/{webhook}/deliveries',
  redeliver: 'POST /v1/webhooks/{webhook}/deliveries/{delivery}/redeliver',
} as const satisfies Record<RouteName, string>;

/** Longer than any call may hold, ms. */
const TRY_MS = 30_000;
const PAUSE_FIRST_MS = 250;
const PAUSE_MAX_MS = 5_000;
/** A service that stays at fault is not asked for ever. */
const FAULTY_TRIES_MAX = 10;
/** Answers of a service, or of what stands before it, that may be different a moment later. */
const PASSING = new Set([429, 500, 502, 503, 504]);

/** Why a call got no answer that could be used. */
export interface CallFault {
  /** The problem's code; `no_answer` where nothing came back, `not_rungwise` where it was no answer of ours. */
  readonly code: string;
  /** HTTP status, or null where there was no answer. */
  readonly status: number | null;
  readonly detail: string;
  readonly errors: readonly Mistake[];
}

/** A body in another form than JSON. */
export interface TextBody {
  readonly text: string;
  readonly type: string;
}

export interface Call {
  readonly group?: string;
  readonly number?: number;
  /** Id of a key. */
  readonly keyId?: string;
  readonly webhook?: string;
  readonly delivery?: string;
  readonly query?: Readonly<Record<string, string | number | null>>;
  /** Sent as JSON. */
  readonly body?: object;
  readonly textBody?: TextBody;
  /** True where the call must not be done twice: every try carries the same Idempotency-Key. */
  readonly once?: boolean;
  /** How long a passing trouble is waited out, ms; 0 gives up at the first. */
  readonly patienceMs?: number;
  /** No further try begins once this has aborted; the one under way is awaited. */
  readonly until?: AbortSignal;
  /** Ends the call at once. */
  readonly signal?: AbortSignal;
  /** Most time that one try may take, ms. */
  readonly tryMs?: number;
}

/** A service at an address. */
export interface Service {
  readonly url: string;
  readonly key: string | null;
  call<Name extends RouteName>(name: Name, call?: Call): Promise<Result<Answer<Name>, CallFault>>;
}

/** What is told while calls are tried again: once when answers stay away, once when they are back. */
export interface Outages {
  readonly begin: (detail: string) => void;
  readonly end: () => void;
}

interface Where {
  readonly url: string;
  readonly key: string | null;
  readonly outages?: Outages;
}

/** An outcome of one try; `again` where another one may fare better. */
interface Tried<A> {
  readonly result: Result<A, CallFault>;
  readonly again: boolean;
  readonly retryAfterMs: number | null;
}

function targetOf(name: RouteName, call: Call): { readonly method: string; readonly path: string } {
  const [method = 'GET', pattern = ''] = CALLS[name].split(' ');
  const path = pattern
    .replace('{group}', encodeURIComponent(call.group ?? ''))
    .replace('{number}', String(call.number ?? ''))
    .replace('{key}', encodeURIComponent(call.keyId ?? ''))
    .replace('{webhook}', encodeURIComponent(call.webhook ?? ''))
    .replace('{delivery}', encodeURIComponent(call.delivery ?? ''));
  const query = Object.entries(call.query ?? {}).flatMap(([key, value]) =>
    value === null ? [] : [`${key}=${encodeURIComponent(value)}`],
  );
  return { method, path: query.length === 0 ? path : `${path}?${query.join('&')}` };
}

function bodyOf(call: Call): TextBody | null {
  if (call.textBody !== undefined) return call.textBody;
  if (call.body === undefined) return null;
  return { text: JSON.stringify(call.body), type: 'application/json' };
}

const noAnswer = (url: string, why: string): CallFault => ({
  code: 'no_answer',
  status: null,
  detail: `${url} does not answer (${why})`,
  errors: [],
});

function whyNot(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (cause instanceof Error && cause.name === 'TimeoutError') return 'it took too long';
  return systemCode(cause) ?? (cause instanceof Error ? cause.message : String(cause));
}

const notOurs = (url: string, status: number): CallFault => ({
  code: 'not_rungwise',
  status,
  detail: `${url} answered with something that is no answer of rungwise (HTTP ${status}): is this the service's address?`,
  errors: [],
});

const faultOf = ({ code, detail, errors }: Problem, status: number): CallFault => ({
  code,
  status,
  detail,
  errors,
});

/** Reads a body as what the caller expects; an empty one stands for null. */
function parsed<A>(text: string): Result<A, null> {
  try {
    const value: A = JSON.parse(text === '' ? 'null' : text);
    return ok(value);
  } catch {
    return err(null);
  }
}

function retryAfterOf(response: Response): number | null {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
}

async function read<A>(response: Response, url: string): Promise<Tried<A>> {
  const { status } = response;
  const type = response.headers.get('content-type') ?? '';
  const text = await response.text();
  const value = parsed<A>(text);
  if (value.ok && (status === 204 || (response.ok && type.startsWith('application/json')))) {
    return { result: value, again: false, retryAfterMs: null };
  }
  const problem = parsed<Problem>(text);
  const isProblem = problem.ok && type.startsWith('application/problem+json');
  const fault = isProblem ? faultOf(problem.value, status) : notOurs(url, status);
  return {
    result: err(fault),
    again: PASSING.has(status) || fault.code === 'in_progress',
    retryAfterMs: retryAfterOf(response),
  };
}

async function tryOnce<A>(where: Where, request: Request): Promise<Tried<A>> {
  try {
    return await read<A>(await fetch(request), where.url);
  } catch (error) {
    return { result: err(noAnswer(where.url, whyNot(error))), again: true, retryAfterMs: null };
  }
}

/** Waits before another try; false where there is to be none. */
async function pause(ms: number, call: Call): Promise<boolean> {
  const signals = [call.until, call.signal].filter((signal) => signal !== undefined);
  if (signals.some(({ aborted }) => aborted)) return false;
  try {
    await sleep(ms, undefined, { signal: AbortSignal.any(signals) });
    return true;
  } catch {
    return false;
  }
}

/** A pause that doubles from try to try, a random part of it left out so that many callers spread. */
const backoffMs = (tries: number): number =>
  Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** (tries - 1)) * (0.5 + Math.random() / 2);

/**
 * Returns the service at an address. Calls fail with a value, never with an exception.
 *
 * @param where.outages - told when calls with patience find no answer, and when they find one again
 */
export function createService(where: Where): Service {
  const { url, key, outages } = where;
  let isDown = false;
  const note = (fault: CallFault | null): void => {
    if ((fault?.status === null) === isDown) return;
    isDown = !isDown;
    if (fault === null) outages?.end();
    else outages?.begin(fault.detail);
  };

  return {
    url,
    key,
    async call<Name extends RouteName>(name: Name, call: Call = {}) {
      const { method, path } = targetOf(name, call);
      const body = bodyOf(call);
      const headers = new Headers({ accept: 'application/json, application/problem+json' });
      if (key !== null) headers.set('authorization', `Bearer ${key}`);
      if (body !== null) headers.set('content-type', body.type);
      if (call.once === true) headers.set('idempotency-key', randomUUID());
      const deadline = performance.now() + (call.patienceMs ?? 0);
      for (let tries = 1; ; tries++) {
        const timeout = AbortSignal.timeout(call.tryMs ?? TRY_MS);
        const request = new Request(url + path, {
          method,
          headers,
          body: body?.text ?? null,
          redirect: 'manual',
          signal: call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout]),
        });
        const tried = await tryOnce<Answer<Name>>(where, request);
        const { result } = tried;
        const ms = tried.retryAfterMs ?? backoffMs(tries);
        const isFaulty = !result.ok && result.fault.status === 500 && tries >= FAULTY_TRIES_MAX;
        const isLast = !tried.again || isFaulty || performance.now() + ms > deadline;
        if (result.ok || result.fault.status !== null) note(null);
        else if (!isLast) note(result.fault);
        if (isLast || !(await pause(ms, call))) return result;
      }
    },
  };
}

/** What the command line adds to the service's words. */
const HINTS: Readonly<Record<string, string>> = {
  unauthorized: 'The command takes the key as --key KEY, or from RUNGWISE_KEY.',
  webhook_disabled: 'Here that is "rungwise webhooks update WEBHOOK --enable".',
};

/** Returns a call's answer; throws a `Failure` with the service's words where there is none. */
export function expectAnswer<A>(result: Result<A, CallFault>, exitCode?: number): A {
  if (result.ok) return result.value;
  const { code, detail, errors } = result.fault;
  const hint = HINTS[code];
  throw new Failure(hint === undefined ? detail : `${detail} ${hint}`, {
    code,
    mistakes: errors,
    ...(exitCode === undefined ? {} : { exitCode }),
  });
}
