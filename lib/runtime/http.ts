import middy from '@middy/core';
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
} from 'aws-lambda';
import type * as z from 'zod';
import { readFields } from '../contract/fields.ts';
import { refuse } from '../contract/mistakes.ts';
import type { AnyRoute, Route } from '../contract/routes.ts';
import { ROUTES } from '../contract/routes.ts';
import { readKey } from '../domain/api-key.ts';
import type { Fault } from '../domain/faults.ts';
import { FAULTS, fault } from '../domain/faults.ts';
import { LIMITS } from '../domain/limits.ts';
import type { Result } from '../domain/result.ts';
import { err } from '../domain/result.ts';
import type { StoredAnswer } from '../service/idempotency.ts';
import { admit, conclude } from '../service/idempotency.ts';
import type { Call, Ports } from '../service/ports.ts';
import { StoreUnavailable } from '../store/store.ts';
import type { ParseBody } from './body.ts';
import { checkBody, parseBody } from './body.ts';
import { inTime, OutOfTime } from './deadline.ts';
import type { Answer } from './problem.ts';
import { COMMON_HEADERS, problemAnswer } from './problem.ts';
import type { Principal, Runtime } from './runtime.ts';
import type { Trail } from './trail.ts';
import { createTrail, logCall } from './trail.ts';

/** A request whose path, query and body have been read. */
export interface Request<Query, Body> {
  readonly call: Call;
  readonly principal: Principal;
  /** Parts of the path, by the names in the route. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** How many bytes the body had. */
  readonly bodyBytes: number;
  /** Whether the caller has the answer of this ETag already. */
  readonly hasAnswer: (etag: string) => boolean;
}

/** What a request is before its query and body have been read. */
interface RawRequest {
  readonly call: Call;
  readonly principal: Principal;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** A call of the contract with the code that answers it. */
export interface Endpoint {
  readonly route: AnyRoute;
  readonly answer: (ports: Ports, raw: RawRequest) => Promise<Result<Answer, Fault>>;
}

/** Connects a route with its code: the query and the body reach it in their normal form. */
export const endpoint = <Query extends z.ZodType, Body extends z.ZodType>(
  route: Route<Query, Body>,
  run: (
    ports: Ports,
    request: Request<z.output<Query>, z.output<Body>>,
  ) => Promise<Result<Answer, Fault>>,
  parse: ParseBody = parseBody,
): Endpoint => ({
  route,
  async answer(ports, raw) {
    const query = readFields(route.query(), raw.query, '');
    if (query.value === null) return err(refuse('request', query.mistakes));
    const parsed = await parse(route, raw.bytes, raw.contentType);
    if (!parsed.ok) return parsed;
    const body = readFields(route.body(), parsed.value, '');
    if (body.value === null) return err(refuse('request', body.mistakes));
    const { call, principal, path, bytes, ifNoneMatch = '' } = raw;
    const known = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
    return run(ports, {
      call,
      principal,
      path,
      query: query.value,
      body: body.value,
      bodyBytes: bytes.length,
      hasAnswer: (etag) => known.includes(etag),
    });
  },
});

type Event = APIGatewayProxyEventV2;

/** A handler as AWS Lambda calls it. */
export type HttpHandler = (
  event: Event,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

const bytesOf = (event: Event): Uint8Array =>
  Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');

const bearerOf = (event: Event): string | null =>
  /^bearer +(\S+) *$/i.exec(event.headers['authorization'] ?? '')?.[1] ?? null;

const strings = (
  record: Readonly<Record<string, string | undefined>> | undefined,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(record ?? {}).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value]],
    ),
  );

/** Who makes a call that needs no key: nothing is asked about it, not even whether a key that came along is one. */
const ANYBODY: Principal = { kind: 'team', scopes: new Set(), key: null };

/** Why a token opens nothing. What is wrong with its form says nothing about keys that there are. */
function describeRefused(token: string | null, isMalformed: boolean): string {
  if (isMalformed) return 'The Authorization header is not of the form "Bearer KEY".';
  if (token === null) return 'The call came without a key.';
  return readKey(token) === null
    ? 'The key is mistyped or cut off: its form or its checksum is wrong.'
    : 'The key is not known, has expired or was revoked.';
}

/** Checks who calls, and whether they may. */
async function authorize(
  runtime: Runtime,
  route: AnyRoute,
  event: Event,
): Promise<Result<Principal, Fault>> {
  const { scope } = route;
  if (scope === null) return { ok: true, value: ANYBODY };
  const token = bearerOf(event);
  const isMalformed = event.headers['authorization'] !== undefined && token === null;
  const principal = isMalformed ? null : await runtime.authenticate(token);
  if (principal === null) return err(fault('unauthorized', describeRefused(token, isMalformed)));
  if (principal.kind === 'experiment') {
    if (route === ROUTES.report || route === ROUTES.release) return { ok: true, value: principal };
    const detail = "An experiment's token can only report on its experiment.";
    return err(fault('forbidden', detail));
  }
  if (principal.scopes.has(scope)) return { ok: true, value: principal };
  return err(fault('forbidden', `The call needs a key with the scope "${scope}".`));
}

const KEY = /^[\x21-\x7e]+$/;

function keyMistake(key: string): Fault | null {
  if (KEY.test(key) && key.length <= LIMITS.idempotencyKeyCharacters) return null;
  const message = `An Idempotency-Key has 1 to ${LIMITS.idempotencyKeyCharacters} visible ASCII characters.`;
  return fault('invalid_request', message, { errors: [{ path: 'Idempotency-Key', message }] });
}

/** An answer as it is kept: what may be told a second time. Null where the request is to be done again. */
const keptOf = ({ status, headers, body, keptBody }: Answer): StoredAnswer | null =>
  status === 429 || status >= 500 ? null : { status, headers, body: keptBody ?? body };

/** Runs a request once per Idempotency-Key; the same one again gets the same answer. */
async function once(
  runtime: Runtime,
  request: { readonly event: Event; readonly call: Call; readonly bytes: Uint8Array },
  run: (call: Call) => Promise<Answer>,
): Promise<Result<Answer, Fault>> {
  const { event, call, bytes } = request;
  const key = event.headers['idempotency-key'];
  const { method } = event.requestContext.http;
  if (key === undefined || method !== 'POST') return { ok: true, value: await run(call) };
  const refused = keyMistake(key);
  if (refused !== null) return err(refused);
  const { ports, instance } = runtime;
  const path = event.rawPath;
  const admission = await admit(ports, call, { method, path, key, body: bytes }, instance);
  switch (admission.kind) {
    case 'reused': {
      const detail = `The Idempotency-Key "${key}" was used for a request with another body.`;
      return err(fault('idempotency_key_reused', detail));
    }
    case 'in_progress': {
      const detail = `A request with the Idempotency-Key "${key}" is being worked on.`;
      return err(fault('in_progress', detail, { retryAfterSeconds: 1 }));
    }
    case 'replay': {
      const { headers, ...rest } = admission.answer;
      return {
        ok: true,
        value: { ...rest, headers: { ...headers, 'idempotency-replayed': 'true' } },
      };
    }
    case 'new': {
      let answer: Answer | null = null;
      try {
        answer = await run(admission.call);
        return { ok: true, value: answer };
      } finally {
        await conclude(ports, admission.id, answer === null ? null : keptOf(answer));
      }
    }
  }
}

async function serve(
  runtime: Runtime,
  endpoints: readonly Endpoint[],
  { event, trail }: { readonly event: Event; readonly trail: Trail },
): Promise<Answer> {
  const requestId = event.requestContext.requestId;
  const problem = (fault: Fault): Answer => {
    trail.code = fault.code;
    return problemAnswer(fault, requestId);
  };
  const found = endpoints.find(({ route }) => `${route.method} ${route.path}` === event.routeKey);
  if (found === undefined) {
    throw new Error(`the function was called for "${event.routeKey}", which it does not answer`);
  }
  const { route } = found;
  const principal = await authorize(runtime, route, event);
  if (!principal.ok) return problem(principal.fault);
  trail.key = principal.value.kind === 'team' ? principal.value.key : null;
  const bytes = bytesOf(event);
  const contentType = event.headers['content-type'];
  const refused = checkBody(route, bytes, contentType);
  if (refused !== null) return problem(refused);
  const raw = {
    principal: principal.value,
    path: strings(event.pathParameters),
    query: strings(event.queryStringParameters),
    bytes,
    contentType,
    ifNoneMatch: event.headers['if-none-match'],
  };
  const { ports } = runtime;
  const answered = await once(runtime, { event, call: runtime.call(), bytes }, async (call) => {
    const result = await found.answer(ports, { ...raw, call });
    return result.ok ? result.value : problem(result.fault);
  });
  // Nothing is acknowledged before it would survive a crash.
  await ports.store.durable();
  return answered.ok ? answered.value : problem(answered.fault);
}

const toResult = (answer: Answer, requestId: string): APIGatewayProxyStructuredResultV2 => ({
  statusCode: answer.status,
  headers: { ...COMMON_HEADERS, ...answer.headers, 'x-request-id': requestId },
  body: answer.body,
  ...(answer.isBase64 === true ? { isBase64Encoded: true } : {}),
});

/** What the caller is told of an exception: that it may come again, or that the service is at fault. Never its text. */
const faultOf = (error: unknown): Fault =>
  error instanceof StoreUnavailable || error instanceof OutOfTime
    ? fault('unavailable', 'The store cannot take the request now; nothing is half done.', {
        retryAfterSeconds: 1,
      })
    : fault('internal', 'The request could not be carried out.');

/** Answers an event; what it finds out about the call, it notes in the trail. */
type Respond = (
  runtime: Runtime,
  call: { readonly event: Event; readonly trail: Trail },
) => Promise<Answer>;

/** The handler of a function: in time, with a problem document for an exception, and one log line for each call. */
function handlerOf(runtime: () => Promise<Runtime>, respond: Respond): HttpHandler {
  const trails = new WeakMap<Event, Trail>();
  const trailOf = (event: Event): Trail => {
    const trail = trails.get(event) ?? createTrail();
    trails.set(event, trail);
    return trail;
  };
  const observed: middy.MiddlewareObj<Event, APIGatewayProxyStructuredResultV2> = {
    before({ event }) {
      trailOf(event);
    },
    async after({ event, response }) {
      const status = response?.statusCode ?? 0;
      logCall(await runtime(), { event, trail: trailOf(event) }, { status });
    },
    async onError(request) {
      const { event, error } = request;
      const trail = trailOf(event);
      const { requestId } = event.requestContext;
      const fault = faultOf(error);
      trail.code = fault.code;
      const { status } = FAULTS[fault.code];
      logCall(await runtime(), { event, trail }, { status, error });
      request.response = toResult(problemAnswer(fault, requestId), requestId);
    },
  };
  return middy<Event, APIGatewayProxyStructuredResultV2>()
    .use(observed)
    .handler(async (event, context) => {
      const trail = trailOf(event);
      const answer = await inTime(context, async () => respond(await runtime(), { event, trail }));
      trail.note = answer.note ?? {};
      return toResult(answer, event.requestContext.requestId);
    });
}

/** What the API hands to a function. */
export type Place = Pick<AnyRoute, 'method' | 'path'>;

/** A Lambda function, not yet bound to where it runs. */
export interface HttpFunction {
  readonly routes: readonly Place[];
  readonly for: (runtime: () => Promise<Runtime>) => HttpHandler;
}

/** A Lambda function that answers places outside of the contract, which everybody may call. */
export const openFunction = (
  routes: readonly Place[],
  answerTo: (event: Event) => Promise<Answer | Fault>,
): HttpFunction => ({
  routes,
  for: (runtime) =>
    handlerOf(runtime, async (_runtime, { event, trail }) => {
      const answer = await answerTo(event);
      if (!('code' in answer)) return answer;
      trail.code = answer.code;
      return problemAnswer(answer, event.requestContext.requestId);
    }),
});

/** A Lambda function that answers the given calls of the contract. */
export const httpFunction = (endpoints: readonly Endpoint[]): HttpFunction => ({
  routes: endpoints.map(({ route }) => route),
  for: (runtime) => handlerOf(runtime, (ready, call) => serve(ready, endpoints, call)),
});
