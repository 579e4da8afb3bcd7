import type * as z from 'zod';
import type { Scope } from '../domain/api-key.ts';
import type { FaultCode } from '../domain/faults.ts';
import { LIMITS } from '../domain/limits.ts';
import * as insights from './insight-queries.ts';
import * as requests from './requests.ts';

/** One call of the contract, with the schemas of its query and its body. */
export interface Route<Query extends z.ZodType, Body extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** As API Gateway writes it. */
  readonly path: string;
  readonly summary: string;
  /** Scope that a key needs; null where none is needed. */
  readonly scope: Scope | null;
  readonly query: () => Query;
  /** Reads the body. */
  readonly body: () => Body;
  readonly takesYaml: boolean;
  /** JSON may carry NaN and Infinity without quotes. */
  readonly takesBareWords: boolean;
  readonly bodyBytes: number;
  /** The answer carries an ETag, and `If-None-Match` spares reading it again. */
  readonly isTagged: boolean;
  /** How the call itself can fail, beside what can go wrong with every call. */
  readonly faults: readonly FaultCode[];
  /** Status of the answer where the call is done. */
  readonly success: number;
}

/** Any call of the contract. */
export type AnyRoute = Route<z.ZodType, z.ZodType>;

const base = {
  query: requests.emptyQuery,
  body: requests.emptyRequest,
  takesYaml: false,
  takesBareWords: false,
  bodyBytes: LIMITS.bodyBytes,
  isTagged: false,
  faults: [],
} as const;

const GROUP = '/v1/groups/{group}';
const EXPERIMENT = `${GROUP}/experiments/{number}` as const;
const WEBHOOK = '/v1/webhooks/{webhook}';

/** Every call of the service, by name. */
export const ROUTES = {
  health: {
    ...base,
    method: 'GET',
    path: '/v1/health',
    summary: 'Tell that the service is alive, and its version',
    scope: null,
    success: 200,
  },
  openapi: {
    ...base,
    method: 'GET',
    path: '/v1/openapi.json',
    summary: 'The contract',
    scope: null,
    success: 200,
  },
  documentSchema: {
    ...base,
    method: 'GET',
    path: '/v1/document-schema.json',
    summary: 'The JSON schema of a polyaxonfile, for editors',
    scope: null,
    success: 200,
  },
  createGroup: {
    ...base,
    method: 'POST',
    path: '/v1/groups',
    summary: 'Create a group from a polyaxonfile',
    scope: 'groups:write',
    body: requests.anyJson,
    takesYaml: true,
    faults: ['invalid_document', 'not_supported'],
    success: 201,
  },
  previewGroup: {
    ...base,
    method: 'POST',
    path: '/v1/groups/preview',
    summary: 'Tell what a polyaxonfile would run; nothing is stored',
    scope: 'groups:read',
    body: requests.anyJson,
    takesYaml: true,
    faults: ['invalid_document', 'not_supported'],
    success: 200,
  },
  listGroups: {
    ...base,
    method: 'GET',
    path: '/v1/groups',
    summary: 'List groups, newest first',
    scope: 'groups:read',
    query: requests.groupsQuery,
    success: 200,
  },
  readGroup: {
    ...base,
    method: 'GET',
    path: GROUP,
    summary: 'Read a group',
    scope: 'groups:read',
    isTagged: true,
    success: 200,
  },
  deleteGroup: {
    ...base,
    method: 'DELETE',
    path: GROUP,
    summary: 'Delete a group with all its experiments',
    scope: 'groups:write',
    success: 204,
  },
  suggest: {
    ...base,
    method: 'POST',
    path: `${GROUP}/suggest`,
    summary: 'Hand out the next experiments',
    scope: 'work',
    body: requests.suggestRequest,
    success: 200,
    faults: ['group_pushes'],
  },
  stopGroup: {
    ...base,
    method: 'POST',
    path: `${GROUP}/stop`,
    summary: 'Stop handing out, and ask running experiments to stop',
    scope: 'groups:write',
    body: requests.emptyRequest,
    success: 200,
  },
  resumeGroup: {
    ...base,
    method: 'POST',
    path: `${GROUP}/resume`,
    summary: 'Go on after a stop',
    scope: 'groups:write',
    body: requests.emptyRequest,
    faults: ['group_finished'],
    success: 200,
  },
  listExperiments: {
    ...base,
    method: 'GET',
    path: `${GROUP}/experiments`,
    summary: 'List experiments by number or by objective',
    scope: 'groups:read',
    query: requests.experimentsQuery,
    success: 200,
  },
  addExperiment: {
    ...base,
    method: 'POST',
    path: `${GROUP}/experiments`,
    summary: "Add one of the caller's own experiments",
    scope: 'groups:write',
    body: requests.experimentRequest,
    takesBareWords: true,
    faults: ['group_finished', 'too_many_queued', 'metric_missing'],
    success: 201,
  },
  readExperiment: {
    ...base,
    method: 'GET',
    path: EXPERIMENT,
    summary: 'Read an experiment',
    scope: 'groups:read',
    success: 200,
  },
  report: {
    ...base,
    method: 'POST',
    path: `${EXPERIMENT}/report`,
    summary: 'Report metrics, liveness and the end',
    scope: 'work',
    body: requests.reportRequest,
    takesBareWords: true,
    bodyBytes: LIMITS.measurementsBodyBytes,
    faults: ['lease_lost', 'experiment_not_running', 'experiment_finished', 'metric_missing'],
    success: 200,
  },
  release: {
    ...base,
    method: 'POST',
    path: `${EXPERIMENT}/release`,
    summary: 'Give an experiment back, so that another worker gets it',
    scope: 'work',
    body: requests.releaseRequest,
    faults: ['lease_lost', 'experiment_not_running', 'experiment_finished'],
    success: 200,
  },
  listMeasurements: {
    ...base,
    method: 'GET',
    path: `${EXPERIMENT}/measurements`,
    summary: 'List every reported number by arrival',
    scope: 'groups:read',
    query: requests.pageQuery,
    success: 200,
  },
  explain: {
    ...base,
    method: 'GET',
    path: `${EXPERIMENT}/explanation`,
    summary: 'Tell why an experiment has these values',
    scope: 'groups:read',
    success: 200,
  },
  listEvents: {
    ...base,
    method: 'GET',
    path: `${GROUP}/events`,
    summary: "List the group's log, oldest or newest first",
    scope: 'groups:read',
    query: requests.eventsQuery,
    success: 200,
  },
  columns: {
    ...base,
    method: 'GET',
    path: `${GROUP}/columns`,
    summary: 'Read experiments by number in columns, for plots of many',
    scope: 'groups:read',
    query: insights.columnsQuery,
    isTagged: true,
    success: 200,
  },
  curves: {
    ...base,
    method: 'GET',
    path: `${GROUP}/curves`,
    summary: 'Read learning curves, thinned to what a plot shows',
    scope: 'groups:read',
    query: insights.curvesQuery,
    success: 200,
  },
  rungs: {
    ...base,
    method: 'GET',
    path: `${GROUP}/rungs`,
    summary: 'Read who is on which rung, and who goes on',
    scope: 'groups:read',
    isTagged: true,
    success: 200,
  },
  importance: {
    ...base,
    method: 'GET',
    path: `${GROUP}/importance`,
    summary: 'Tell how much each parameter matters to the objective',
    scope: 'groups:read',
    success: 200,
  },
  contour: {
    ...base,
    method: 'GET',
    path: `${GROUP}/contour`,
    summary:
      "Tell what a surrogate expects over two parameters, the others at the incumbent's values",
    scope: 'groups:read',
    query: insights.contourQuery,
    success: 200,
  },
  createKey: {
    ...base,
    method: 'POST',
    path: '/v1/keys',
    summary: 'Create a key of the team; the answer alone has its secret',
    scope: 'admin',
    body: requests.keyRequest,
    faults: ['too_many_keys'],
    success: 201,
  },
  listKeys: {
    ...base,
    method: 'GET',
    path: '/v1/keys',
    summary: 'List the keys of the team, newest first',
    scope: 'admin',
    query: requests.pageQuery,
    success: 200,
  },
  revokeKey: {
    ...base,
    method: 'DELETE',
    path: '/v1/keys/{key}',
    summary: 'Revoke a key: within 60 seconds it opens nothing any more',
    scope: 'admin',
    success: 204,
  },
  createWebhook: {
    ...base,
    method: 'POST',
    path: '/v1/webhooks',
    summary: 'Create a webhook; the answer alone has its secret',
    scope: 'admin',
    body: requests.webhookRequest,
    faults: ['too_many_webhooks'],
    success: 201,
  },
  listWebhooks: {
    ...base,
    method: 'GET',
    path: '/v1/webhooks',
    summary: 'List the webhooks of the team, newest first',
    scope: 'admin',
    query: requests.pageQuery,
    success: 200,
  },
  readWebhook: {
    ...base,
    method: 'GET',
    path: WEBHOOK,
    summary: 'Read a webhook',
    scope: 'admin',
    success: 200,
  },
  patchWebhook: {
    ...base,
    method: 'PATCH',
    path: WEBHOOK,
    summary: 'Change what is given of a webhook, enable or disable it',
    scope: 'admin',
    body: requests.webhookPatch,
    success: 200,
  },
  deleteWebhook: {
    ...base,
    method: 'DELETE',
    path: WEBHOOK,
    summary: 'Delete a webhook with its deliveries',
    scope: 'admin',
    success: 204,
  },
  testWebhook: {
    ...base,
    method: 'POST',
    path: `${WEBHOOK}/test`,
    summary: 'Send the webhook an event of the type webhook.test',
    scope: 'admin',
    faults: ['webhook_disabled'],
    success: 202,
  },
  rotateSecret: {
    ...base,
    method: 'POST',
    path: `${WEBHOOK}/rotate-secret`,
    summary: 'Give the webhook a new secret; the one before signs for 24 hours more',
    scope: 'admin',
    success: 200,
  },
  recoverDeliveries: {
    ...base,
    method: 'POST',
    path: `${WEBHOOK}/recover`,
    summary: 'Send everything again that has not arrived since a time',
    scope: 'admin',
    body: requests.recoverRequest,
    faults: ['webhook_disabled'],
    success: 202,
  },
  listDeliveries: {
    ...base,
    method: 'GET',
    path: `${WEBHOOK}/deliveries`,
    summary: 'List the deliveries of a webhook, newest first',
    scope: 'admin',
    query: requests.pageQuery,
    success: 200,
  },
  redeliver: {
    ...base,
    method: 'POST',
    path: `${WEBHOOK}/deliveries/{delivery}/redeliver`,
    summary: 'Send a delivery again, now',
    scope: 'admin',
    faults: ['webhook_disabled'],
    success: 202,
  },
} as const satisfies Record<string, AnyRoute>;

/** The name of a call, which is its operation's id in the OpenAPI document. */
export type RouteName = keyof typeof ROUTES;
