import type * as z from 'zod';
import { documentSchema } from './document-schema.ts';
import * as insights from './insight-schemas.ts';
import type { RouteName } from './routes.ts';
import * as schemas from './schemas.ts';

/*
 * What only describes the calls: answers are not checked where they are made, and a polyaxonfile is read by code of its
 * own. Apart from the routes, so that no function builds schemas that it never reads with.
 */

/** What each call answers where it is done; null where that has no body. */
export const ANSWERS = {
  health: schemas.health,
  openapi: schemas.openApi,
  documentSchema: insights.documentSchemaAnswer,
  createGroup: schemas.group,
  previewGroup: schemas.preview,
  listGroups: schemas.groupPage,
  readGroup: schemas.group,
  deleteGroup: null,
  suggest: schemas.suggestAnswer,
  stopGroup: schemas.group,
  resumeGroup: schemas.group,
  listExperiments: schemas.experimentPage,
  addExperiment: schemas.experiment,
  readExperiment: schemas.experiment,
  report: schemas.reportAnswer,
  release: schemas.reportAnswer,
  listMeasurements: schemas.measurementPage,
  explain: schemas.explanation,
  listEvents: schemas.eventPage,
  columns: insights.columns,
  curves: insights.curvePage,
  rungs: insights.rungs,
  importance: insights.importance,
  contour: insights.contour,
  createKey: schemas.createdKey,
  listKeys: schemas.keyPage,
  revokeKey: null,
  createWebhook: schemas.createdWebhook,
  listWebhooks: schemas.webhookPage,
  readWebhook: schemas.webhook,
  patchWebhook: schemas.webhook,
  deleteWebhook: null,
  testWebhook: schemas.delivery,
  rotateSecret: schemas.createdWebhook,
  recoverDeliveries: schemas.recovered,
  listDeliveries: schemas.deliveryPage,
  redeliver: schemas.delivery,
} as const satisfies Record<RouteName, z.ZodType | null>;

/** Named, so that the OpenAPI document has it once. */
const polyaxonfile = documentSchema.meta({ id: 'Polyaxonfile' });

/** Describes bodies that are read by other means than their route's schema. */
export const DESCRIBED_BODIES: Readonly<Partial<Record<RouteName, z.ZodType>>> = {
  createGroup: polyaxonfile,
  previewGroup: polyaxonfile,
};
