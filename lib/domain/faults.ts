import type { Mistake } from './problem.ts';

interface FaultRow {
  /** HTTP status of the answer. */
  readonly status: number;
  /** The kind of problem in a few words, equal for every occurrence. */
  readonly title: string;
  /** What the caller does next. */
  readonly fix: string;
}

/** Every way in which a call can fail that its caller can act on: the closed list behind `code`. */
export const FAULTS = {
  malformed_body: {
    status: 400,
    title: 'The body does not parse',
    fix: 'Send well-formed UTF-8 JSON (or YAML where the call takes it).',
  },
  unauthorized: {
    status: 401,
    title: 'No valid key',
    fix: 'Send "Authorization: Bearer" with a live key of this team.',
  },
  forbidden: {
    status: 403,
    title: 'Not allowed with this key',
    fix: 'Use a key that has the scope the call needs.',
  },
  foreign_host: {
    status: 403,
    title: 'Foreign Host header',
    fix: 'Call the local service by a loopback name such as localhost or 127.0.0.1.',
  },
  foreign_origin: {
    status: 403,
    title: 'Foreign Origin header',
    fix: 'Web pages of other sites may not call the local service.',
  },
  route_not_found: {
    status: 404,
    title: 'No such path',
    fix: 'See GET /v1/openapi.json for the calls there are.',
  },
  group_not_found: {
    status: 404,
    title: 'No such group',
    fix: 'List the groups with GET /v1/groups; a worker takes this as stop.',
  },
  experiment_not_found: {
    status: 404,
    title: 'No such experiment',
    fix: 'List the experiments of the group; a worker takes this as stop.',
  },
  key_not_found: {
    status: 404,
    title: 'No such key',
    fix: 'List the keys with GET /v1/keys; one that is not among them is revoked already.',
  },
  webhook_not_found: {
    status: 404,
    title: 'No such webhook',
    fix: 'List the webhooks with GET /v1/webhooks; one that is not among them is deleted already.',
  },
  delivery_not_found: {
    status: 404,
    title: 'No such delivery',
    fix: 'List the deliveries of the webhook; they are kept for 30 days.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed on this path',
    fix: 'Use a method that the Allow header names.',
  },
  group_finished: {
    status: 409,
    title: 'The group is finished',
    fix: 'Create a new group; a finished one takes nothing more.',
  },
  group_pushes: {
    status: 409,
    title: 'The group pushes its experiments',
    fix: 'Take them from the events experiment.dispatched of a webhook, or create the group with dispatch: pull.',
  },
  experiment_finished: {
    status: 409,
    title: 'The experiment has ended',
    fix: 'Stop reporting on this experiment and ask for the next one.',
  },
  experiment_not_running: {
    status: 409,
    title: 'Nobody is running the experiment',
    fix: 'Get an experiment by suggest first, and report with its lease token.',
  },
  lease_lost: {
    status: 409,
    title: 'The lease is lost',
    fix: 'Stop this experiment without reporting further and ask for the next one.',
  },
  too_many_queued: {
    status: 409,
    title: 'Too many experiments wait',
    fix: 'Add more when some of the waiting ones have been handed out.',
  },
  too_many_keys: {
    status: 409,
    title: 'Too many keys',
    fix: 'Revoke keys that nobody uses any more; expired ones count until they are revoked.',
  },
  too_many_webhooks: {
    status: 409,
    title: 'Too many webhooks',
    fix: 'Delete webhooks that nobody listens to any more; disabled ones count as well.',
  },
  webhook_disabled: {
    status: 409,
    title: 'The webhook is disabled',
    fix: 'Enable it first: PATCH it with {"status": "enabled"}.',
  },
  idempotency_key_reused: {
    status: 409,
    title: 'Idempotency-Key used with another body',
    fix: 'Use a new Idempotency-Key for a new request.',
  },
  in_progress: {
    status: 409,
    title: 'The same request is being worked on',
    fix: 'Send the request again after Retry-After seconds.',
  },
  body_too_large: {
    status: 413,
    title: 'The body is too large',
    fix: 'Send less in one request.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Content type not understood',
    fix: 'Set the Content-Type header; with curl: -H "Content-Type: application/json".',
  },
  invalid_document: {
    status: 422,
    title: 'The document has mistakes',
    fix: 'Mend every entry of errors and send the document again.',
  },
  invalid_request: {
    status: 422,
    title: 'The request has mistakes',
    fix: 'Mend every entry of errors and send the request again.',
  },
  metric_missing: {
    status: 422,
    title: 'The metric of the search was never reported',
    fix: "Report the search's metric with or before the end; the experiment keeps running.",
  },
  not_supported: {
    status: 422,
    title: 'Not supported by this version',
    fix: 'Leave out what errors names, or use a version of the service that has it.',
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    fix: 'Send the request again after Retry-After seconds.',
  },
  internal: {
    status: 500,
    title: 'A fault of the service',
    fix: 'Send the request again; if it stays, report it with the request_id.',
  },
  unavailable: {
    status: 503,
    title: 'The service is busy',
    fix: 'Send the same request again after Retry-After seconds.',
  },
} as const satisfies Record<string, FaultRow>;

export type FaultCode = keyof typeof FAULTS;

/** A failure that the caller can act on. */
export interface Fault {
  readonly code: FaultCode;
  /** What went wrong this time: the value, what is allowed, what to do. */
  readonly detail: string;
  readonly errors?: readonly Mistake[];
  readonly retryAfterSeconds?: number;
  /** Methods of the path, for `method_not_allowed`. */
  readonly allow?: readonly string[];
}

/** Builds a fault of the given code. */
export const fault = (
  code: FaultCode,
  detail: string,
  more: Omit<Fault, 'code' | 'detail'> = {},
): Fault => ({ code, detail, ...more });
