import * as z from 'zod';
import type {
  ZodOpenApiObject,
  ZodOpenApiOperationObject,
  ZodOpenApiPathsObject,
  ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { createDocument } from 'zod-openapi';
import type { FaultCode } from '../domain/faults.ts';
import { FAULTS } from '../domain/faults.ts';
import { LIMITS } from '../domain/limits.ts';
import { ANSWERS, DESCRIBED_BODIES } from './answers.ts';
import type { AnyRoute } from './routes.ts';
import { ROUTES } from './routes.ts';
import { problem } from './schemas.ts';

/** Parameters in paths, by their names. */
const PATH_PARAMETERS = {
  group: z
    .string()
    .regex(/^grp_[0-9a-hjkmnp-tv-z]{26}$/)
    .meta({ description: 'Id of the group.' }),
  number: z.int().min(1).meta({ description: 'Number of the experiment within the group.' }),
  key: z
    .string()
    .regex(/^key_[0-9a-hjkmnp-tv-z]{26}$/)
    .meta({ description: 'Id of the key.' }),
  webhook: z
    .string()
    .regex(/^whk_[0-9a-hjkmnp-tv-z]{26}$/)
    .meta({ description: 'Id of the webhook.' }),
  delivery: z
    .string()
    .regex(/^dlv_[0-9a-hjkmnp-tv-z]{26}$/)
    .meta({ description: 'Id of the delivery.' }),
} as const;

/** What a path that names something can fail with. */
const PATH_FAULTS: Readonly<Record<keyof typeof PATH_PARAMETERS, FaultCode>> = {
  group: 'group_not_found',
  number: 'experiment_not_found',
  key: 'key_not_found',
  webhook: 'webhook_not_found',
  delivery: 'delivery_not_found',
};

/** How every call can fail. */
const COMMON_FAULTS: readonly FaultCode[] = [
  'foreign_host',
  'foreign_origin',
  'invalid_request',
  'too_many_requests',
  'internal',
  'unavailable',
];

/** How a call that needs a key can fail. */
const KEY_FAULTS: readonly FaultCode[] = ['unauthorized', 'forbidden'];

/** How a call with a body can fail. */
const BODY_FAULTS: readonly FaultCode[] = [
  'malformed_body',
  'body_too_large',
  'unsupported_media_type',
];

/** How a call that can be repeated under a key can fail. */
const REPEAT_FAULTS: readonly FaultCode[] = ['idempotency_key_reused', 'in_progress'];

const idempotencyHeader = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[\x21-\x7e]+$/)
    .max(LIMITS.idempotencyKeyCharacters)
    .optional()
    .meta({ description: 'The same key and body within 24 h get the same answer.' }),
});

const tagHeader = z.object({
  'If-None-Match': z
    .string()
    .optional()
    .meta({ description: 'The ETag of an earlier answer: 304 where nothing has changed since.' }),
});

/** Headers of answers, which operations refer to. */
const HEADERS = {
  RequestId: {
    description: 'Id of the request, as the logs of the service have it.',
    schema: { type: 'string' },
  },
  Location: { description: 'Path of what was created.', schema: { type: 'string' } },
  ETag: { description: 'Names what was answered.', schema: { type: 'string' } },
  RetryAfter: { description: 'Seconds to wait.', schema: { type: 'integer' } },
} as const;

const refer = (name: keyof typeof HEADERS) => ({ $ref: `#/components/headers/${name}` }) as const;

const requestId = { 'X-Request-Id': refer('RequestId') } as const;
const location = { Location: refer('Location') } as const;
const etag = { ETag: refer('ETag') } as const;
const retryAfter = { 'Retry-After': refer('RetryAfter') } as const;

/** Headers beside the request's id, by status; a suggest answers 200 with `Retry-After` where nothing is free. */
const HEADERS_OF: Readonly<Record<number, object>> = {
  201: location,
  409: retryAfter,
  429: retryAfter,
  503: retryAfter,
};

/** What an answer of that status means. */
const MEANINGS: Readonly<Record<number, string>> = {
  200: 'Done.',
  201: 'Created.',
  202: 'Begun.',
  204: 'Deleted.',
};

const problemContent = { 'application/problem+json': { schema: problem } } as const;

/** The refusals of a call: one response for each status, which names the codes that come with it. */
function refusals(codes: readonly FaultCode[]): ZodOpenApiResponsesObject {
  const responses: ZodOpenApiResponsesObject = {};
  const statuses = [...new Set(codes.map((code) => FAULTS[code].status))].sort((a, b) => a - b);
  for (const status of statuses) {
    const named = codes.filter((code) => FAULTS[code].status === status);
    const text = named.map((code) => `\`${code}\`: ${FAULTS[code].title}.`).join(' ');
    responses[`${status}`] = {
      description: text,
      headers: { ...requestId, ...HEADERS_OF[status] },
      content: problemContent,
    };
  }
  return responses;
}

const answers: Readonly<Record<string, z.ZodType | null>> = ANSWERS;
const bodies: Readonly<Record<string, z.ZodType | undefined>> = DESCRIBED_BODIES;

const isPathParameter = (name: string): name is keyof typeof PATH_PARAMETERS =>
  Object.hasOwn(PATH_PARAMETERS, name);

function operation(name: string, route: AnyRoute): ZodOpenApiOperationObject {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)]
    .map(([, part]) => part ?? '')
    .filter(isPathParameter);
  const query = route.query();
  const answer = answers[name] ?? null;
  const isRepeatable = route.method === 'POST';
  const takesBody = isRepeatable || route.method === 'PATCH';
  const body = bodies[name] ?? route.body();
  const content = answer === null ? {} : { content: { 'application/json': { schema: answer } } };
  return {
    operationId: name,
    summary: route.summary,
    // Of other schemes than OAuth these are the roles that a caller needs.
    security: route.scope === null ? [] : [{ key: [route.scope] }],
    requestParams: {
      ...(names.length === 0
        ? {}
        : {
            path: z.object(Object.fromEntries(names.map((part) => [part, PATH_PARAMETERS[part]]))),
          }),
      ...(query instanceof z.ZodObject ? { query } : {}),
      ...(isRepeatable ? { header: idempotencyHeader } : {}),
      ...(route.isTagged ? { header: tagHeader } : {}),
    },
    ...(takesBody
      ? {
          requestBody: {
            required: !body.safeParse({}).success,
            content: {
              'application/json': { schema: body },
              ...(route.takesYaml ? { 'application/yaml': { schema: body } } : {}),
            },
          },
        }
      : {}),
    responses: {
      [`${route.success}`]: {
        description: MEANINGS[route.success] ?? 'Done.',
        headers: {
          ...requestId,
          ...HEADERS_OF[route.success],
          ...(route === ROUTES.suggest ? retryAfter : {}),
          ...(route.isTagged ? etag : {}),
        },
        ...content,
      },
      ...(route.isTagged
        ? { 304: { description: 'Not changed since.', headers: { ...requestId, ...etag } } }
        : {}),
      ...refusals([
        ...(takesBody ? BODY_FAULTS : []),
        ...(isRepeatable ? REPEAT_FAULTS : []),
        ...(route.scope === null ? [] : KEY_FAULTS),
        ...names.map((part) => PATH_FAULTS[part]),
        ...route.faults,
        ...COMMON_FAULTS,
      ]),
      default: {
        description: 'A problem document (RFC 9457); `code` tells which.',
        headers: requestId,
        content: problemContent,
      },
    },
  };
}

const INFO: ZodOpenApiObject['info'] = {
  title: 'Rungwise',
  version: '',
  description: 'Hyperparameter optimization: suggest values, report metrics, stop early.',
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
};

const KEY = {
  type: 'http',
  scheme: 'bearer',
  description:
    'A key of the team, or the lease token of an experiment, which may only report on that experiment and give it back. On loopback no key is needed while there is none.',
} as const;

const METHODS = { GET: 'get', POST: 'post', PATCH: 'patch', DELETE: 'delete' } as const;

/** The OpenAPI 3.1 document of the service, made from the schemas of the contract. */
export function openApiDocument(version: string) {
  const paths: ZodOpenApiPathsObject = {};
  for (const [name, route] of Object.entries(ROUTES)) {
    const method = METHODS[route.method];
    paths[route.path] = { ...paths[route.path], [method]: operation(name, route) };
  }
  return {
    ...createDocument({
      openapi: '3.1.1',
      info: { ...INFO, version },
      paths,
      components: { headers: HEADERS, securitySchemes: { key: KEY } },
    }),
    'x-problems': FAULTS,
  };
}
