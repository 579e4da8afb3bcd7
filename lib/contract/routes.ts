import type * as z from 'zod';
import type { Scope } from '../domain/api-key.ts';
import type { FaultCode } from '../domain/faults.ts';
import { LIMITS } from '../domain/limits.ts';
import { documentSchema } from './document.ts';
import * as requests from './requests.ts';
import * as schemas from './schemas.ts';

/** One call of the contract, with the schemas of its query and its body. */
export interface Route<Query extends z.ZodType, Body extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** As API Gateway writes it. */
  readonly path: string;
  readonly summary: string;
  /** Scope that a key needs; null where none is needed. */
  readonly scope: Scope | null;
  readonly query: Query;
  /** Reads the body. */
  readonly body: Body;
  /** Describes the body where it is read by other means than its schema. */
  readonly describedBody?: z.ZodType;
  readonly takesYaml: boolean;
  /** JSON may carry NaN and Infinity without quotes. */
  readonly takesBareWords: boolean;
  readonly bodyBytes: number;
  /** How the call itself can fail, beside what can go wrong with every call. */
  readonly faults: readonly FaultCode[];
  readonly success: { readonly status: number; readonly schema: z.ZodType | null };
}

/** Any call of the contract. */
export type AnyRoute = Route<z.ZodType, z.ZodType>;

const base = {
  query: requests.emptyQuery,
  body: requests.emptyRequest,
  takesYaml: false,
  takesBareWords: false,
  bodyBytes: LIMITS.bodyBytes,
  faults: [],
} as const;

/** Named, so that the OpenAPI document has it once. */
const polyaxonfile = documentSchema.meta({ id: 'Polyaxonfile' });

const GROUP = '/v1/groups/{group}';
const EXPERIMENT = `${GROUP}/experiments/{number}` as const;

/** Every call of the service, by name. */
export const ROUTES = {
  health: {
    ...base,
    method: 'GET',
    path: '/v1/health',
    summary: 'Tell that the service is alive, and its version',
    scope: null,
    success: { status: 200, schema: schemas.health },
  },
  openapi: {
    ...base,
    method: 'GET',
    path: '/v1/openapi.json',
    summary: 'The contract',
    scope: null,
    success: { status: 200, schema: schemas.openApi },
  },
  createGroup: {
    ...base,
    method: 'POST',
    path: '/v1/groups',
    summary: 'Create a group from a polyaxonfile',
    scope: 'groups:write',
    body: requests.anyJson,
    describedBody: polyaxonfile,
    takesYaml: true,
    faults: ['invalid_document', 'not_supported'],
    success: { status: 201, schema: schemas.group },
  },
  previewGroup: {
    ...base,
    method: 'POST',
    path: '/v1/groups/preview',
    summary: 'Tell what a polyaxonfile would run; nothing is stored',
    scope: 'groups:read',
    body: requests.anyJson,
    describedBody: polyaxonfile,
    takesYaml: true,
    faults: ['invalid_document', 'not_supported'],
    success: { status: 200, schema: schemas.preview },
  },
  listGroups: {
    ...base,
    method: 'GET',
    path: '/v1/groups',
    summary: 'List groups, newest first',
    scope: 'groups:read',
    query: requests.groupsQuery,
    success: { status: 200, schema: schemas.groupPage },
  },
  readGroup: {
    ...base,
    method: 'GET',
    path: GROUP,
    summary: 'Read a group',
    scope: 'groups:read',
    success: { status: 200, schema: schemas.group },
  },
  deleteGroup: {
    ...base,
    method: 'DELETE',
    path: GROUP,
    summary: 'Delete a group with all its experiments',
    scope: 'groups:write',
    success: { status: 204, schema: null },
  },
  suggest: {
    ...base,
    method: 'POST',
    path: `${GROUP}/suggest`,
    summary: 'Hand out the next experiments',
    scope: 'work',
    body: requests.suggestRequest,
    success: { status: 200, schema: schemas.suggestAnswer },
  },
  stopGroup: {
    ...base,
    method: 'POST',
    path: `${GROUP}/stop`,
    summary: 'Stop handing out, and ask running experiments to stop',
    scope: 'groups:write',
    body: requests.emptyRequest,
    success: { status: 200, schema: schemas.group },
  },
  resumeGroup: {
    ...base,
    method: 'POST',
    path: `${GROUP}/resume`,
    summary: 'Go on after a stop',
    scope: 'groups:write',
    body: requests.emptyRequest,
    faults: ['group_finished'],
    success: { status: 200, schema: schemas.group },
  },
  listExperiments: {
    ...base,
    method: 'GET',
    path: `${GROUP}/experiments`,
    summary: 'List experiments by number or by objective',
    scope: 'groups:read',
    query: requests.experimentsQuery,
    success: { status: 200, schema: schemas.experimentPage },
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
    success: { status: 201, schema: schemas.experiment },
  },
  readExperiment: {
    ...base,
    method: 'GET',
    path: EXPERIMENT,
    summary: 'Read an experiment',
    scope: 'groups:read',
    success: { status: 200, schema: schemas.experiment },
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
    success: { status: 200, schema: schemas.reportAnswer },
  },
  release: {
    ...base,
    method: 'POST',
    path: `${EXPERIMENT}/release`,
    summary: 'Give an experiment back, so that another worker gets it',
    scope: 'work',
    body: requests.releaseRequest,
    faults: ['lease_lost', 'experiment_not_running', 'experiment_finished'],
    success: { status: 200, schema: schemas.reportAnswer },
  },
  listMeasurements: {
    ...base,
    method: 'GET',
    path: `${EXPERIMENT}/measurements`,
    summary: 'List every reported number by arrival',
    scope: 'groups:read',
    query: requests.pageQuery,
    success: { status: 200, schema: schemas.measurementPage },
  },
  explain: {
    ...base,
    method: 'GET',
    path: `${EXPERIMENT}/explanation`,
    summary: 'Tell why an experiment has these values',
    scope: 'groups:read',
    success: { status: 200, schema: schemas.explanation },
  },
  listEvents: {
    ...base,
    method: 'GET',
    path: `${GROUP}/events`,
    summary: "List the group's log, oldest first",
    scope: 'groups:read',
    query: requests.pageQuery,
    success: { status: 200, schema: schemas.eventPage },
  },
  createKey: {
    ...base,
    method: 'POST',
    path: '/v1/keys',
    summary: 'Create a key of the team; the answer alone has its secret',
    scope: 'admin',
    body: requests.keyRequest,
    faults: ['too_many_keys'],
    success: { status: 201, schema: schemas.createdKey },
  },
  listKeys: {
    ...base,
    method: 'GET',
    path: '/v1/keys',
    summary: 'List the keys of the team, newest first',
    scope: 'admin',
    query: requests.pageQuery,
    success: { status: 200, schema: schemas.keyPage },
  },
  revokeKey: {
    ...base,
    method: 'DELETE',
    path: '/v1/keys/{key}',
    summary: 'Revoke a key: within 60 seconds it opens nothing any more',
    scope: 'admin',
    success: { status: 204, schema: null },
  },
} as const satisfies Record<string, AnyRoute>;
