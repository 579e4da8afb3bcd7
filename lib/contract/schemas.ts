import * as z from 'zod';
import { SCOPES } from '../domain/api-key.ts';
import { EXPERIMENT_STATUSES, SOURCES } from '../domain/experiment.ts';
import { FAULTS } from '../domain/faults.ts';
import type { EventType } from '../domain/group.ts';
import { GROUP_STATUSES } from '../domain/group.ts';
import { WEBHOOK_EVENT_TYPES } from '../domain/webhook.ts';
import { values as valuesField } from './requests.ts';

/*
 * What the service answers. The OpenAPI document is made from these schemas, and the tests hold every answer against
 * them; in production nothing is checked twice.
 */

const values = valuesField();
const time = z.iso
  .datetime({ precision: 3 })
  .meta({ description: 'RFC 3339 in UTC, with milliseconds.' });
const count = z.int().min(0);
const groupId = z.string().regex(/^grp_[0-9a-hjkmnp-tv-z]{26}$/);
const json = z.unknown();
const reason = z.strictObject({ code: z.string(), detail: z.string() });
export const metricValue = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]);

export const mistake = z
  .strictObject({
    path: z.string(),
    message: z.string(),
    suggestion: z.string().optional(),
    code: z.enum(['invalid', 'not_supported']).optional(),
  })
  .meta({ id: 'Mistake' });

export const problem = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ enum: Object.keys(FAULTS) }),
    detail: z.string(),
    errors: z.array(mistake),
    request_id: z.string(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457.' });

export const warning = z
  .strictObject({ path: z.string(), code: z.string(), message: z.string() })
  .meta({ id: 'Warning' });

export const experiment = z
  .strictObject({
    group: groupId,
    number: z.int().min(1),
    values,
    declarations: z.record(z.string(), json),
    command: z.string().nullable(),
    status: z.enum(EXPERIMENT_STATUSES),
    status_reason: reason.nullable(),
    worker: z.string().nullable(),
    attempt: count,
    lease: z.strictObject({ token: z.string().nullable(), expires_at: time }).nullable(),
    rung: z.strictObject({ bracket: count, rung: count, resource: z.number() }).nullable(),
    resume_from: z
      .strictObject({ number: z.int().min(1), checkpoint: z.string().nullable() })
      .nullable(),
    source: z.enum(SOURCES),
    metrics: z.record(
      z.string(),
      z.strictObject({
        last: metricValue,
        min: z.number().nullable(),
        max: z.number().nullable(),
        step: z.number().nullable(),
        count,
      }),
    ),
    objective: metricValue.nullable(),
    checkpoint: z.string().nullable(),
    message: z.string().nullable(),
    created_at: time,
    started_at: time.nullable(),
    finished_at: time.nullable(),
  })
  .meta({ id: 'Experiment' });

export const group = z
  .strictObject({
    id: groupId,
    name: z.string().nullable(),
    description: z.string().nullable(),
    tags: z.array(z.string()),
    status: z.enum(GROUP_STATUSES),
    status_reason: reason.nullable(),
    algorithm: z.enum(['grid', 'random', 'hyperband', 'bo', 'auto', 'asha']),
    algorithm_detail: z.string(),
    hptuning: z.record(z.string(), json),
    spec: z.record(z.string(), json),
    warnings: z.array(warning),
    progress: z.strictObject({
      planned: count,
      queued: count,
      running: count,
      succeeded: count,
      failed: count,
      infeasible: count,
      stopped: count,
    }),
    best: z
      .strictObject({ number: z.int().min(1), metric: z.string(), value: z.number(), values })
      .nullable(),
    created_at: time,
    updated_at: time,
    finished_at: time.nullable(),
  })
  .meta({ id: 'Group' });

export const preview = z
  .strictObject({
    algorithm: group.shape.algorithm,
    algorithm_detail: group.shape.algorithm_detail,
    planned: count,
    parameters: z.array(
      z.strictObject({
        name: z.string(),
        kind: z.string(),
        size: count.nullable(),
        values: z.array(json),
      }),
    ),
    points: z.array(values),
    brackets: z
      .array(
        z.strictObject({
          bracket: count,
          rungs: z.array(z.strictObject({ experiments: count, resource: z.number() })),
        }),
      )
      .nullable(),
    commands: z.array(z.string()).nullable(),
    warnings: z.array(warning),
  })
  .meta({ id: 'Preview' });

export const suggestAnswer = z
  .strictObject({
    experiments: z.array(experiment),
    group_status: z.enum(GROUP_STATUSES),
    reason: z.enum(['concurrency', 'rung', 'computing', 'waiting']).nullable(),
    retry_after_seconds: z.number().nullable(),
  })
  .meta({ id: 'SuggestAnswer' });

export const reportAnswer = z
  .strictObject({ experiment, should_stop: z.boolean(), stop_reason: reason.nullable() })
  .meta({ id: 'ReportAnswer' });

const measurement = z
  .strictObject({
    metric: z.string(),
    value: metricValue,
    step: z.number().nullable(),
    attempt: count,
    reported_at: time,
  })
  .meta({ id: 'Measurement' });

export const explanation = z
  .strictObject({
    group: groupId,
    number: z.int().min(1),
    source: experiment.shape.source,
    detail: z.string(),
    index: count.nullable(),
    seed: count,
    rung: experiment.shape.rung,
    surrogate: z
      .strictObject({
        mean: z.number(),
        sd: z.number().min(0),
        acquisition_function: z.string(),
        acquisition: z.number(),
      })
      .nullable(),
    pending: z.array(z.int()),
    observations: count,
  })
  .meta({ id: 'Explanation' });

const eventOf = <T extends EventType, D extends z.ZodType>(type: T, data: D) =>
  z.strictObject({
    id: z.string().regex(/^evt_/),
    type: z.literal(type),
    timestamp: time,
    group: groupId,
    data,
  });

const nothing = z.strictObject({});
const { number, attempt } = experiment.shape;
const reasoned = z.strictObject({ status_reason: reason }).meta({ id: 'ReasonData' });
const settled = {
  values: true,
  source: true,
  rung: true,
  resume_from: true,
  created_at: true,
} as const;
const ended = experiment
  .pick({
    number: true,
    attempt: true,
    objective: true,
    status_reason: true,
    checkpoint: true,
    message: true,
  })
  .meta({ id: 'EndData' });

/** One event; what its data are depends on its type. */
export const event = z
  .discriminatedUnion('type', [
    eventOf('group.created', group.omit({ id: true })),
    eventOf('group.stopping', reasoned),
    eventOf('group.stopped', reasoned),
    eventOf('group.resumed', nothing),
    eventOf('group.done', reasoned),
    eventOf('group.deleted', nothing),
    eventOf('group.best_changed', group.shape.best.unwrap()),
    eventOf(
      'group.rung_completed',
      z.strictObject({ bracket: count, rung: count, promoted: count }),
    ),
    eventOf('group.iteration_completed', z.strictObject({ number, iteration: z.int().min(1) })),
    eventOf(
      'group.planned_changed',
      group.pick({ algorithm_detail: true, warnings: true }).extend({ planned: count }),
    ),
    eventOf(
      'experiment.queued',
      z.union([
        experiment.pick({ number: true, attempt: true, ...settled }),
        experiment.pick({ number: true, attempt: true, status_reason: true }),
      ]),
    ),
    eventOf(
      'experiment.dispatched',
      experiment
        .pick({ number: true, attempt: true, worker: true, ...settled })
        .extend({ started_at: time }),
    ),
    eventOf('experiment.started', z.strictObject({ number, attempt, retaken: z.boolean() })),
    eventOf('experiment.succeeded', ended),
    eventOf('experiment.failed', ended),
    eventOf('experiment.infeasible', ended),
    eventOf('experiment.stop_requested', z.strictObject({ number })),
    eventOf('experiment.stopped', ended),
    eventOf('experiment.lease_lost', z.strictObject({ number, attempt })),
  ])
  .meta({ id: 'Event' });

export const key = z
  .strictObject({
    id: z.string().regex(/^key_[0-9a-hjkmnp-tv-z]{26}$/),
    name: z.string().nullable(),
    scopes: z.array(z.enum(SCOPES)),
    created_at: time,
    expires_at: time.nullable(),
    last_used_on: z.iso.date().nullable().meta({ description: 'Day of the last use, in UTC.' }),
  })
  .meta({ id: 'Key' });

export const createdKey = key
  .extend({
    key: z.string().nullable().meta({
      description:
        'The key itself, which nobody can read a second time: null where the request is repeated under its Idempotency-Key.',
    }),
  })
  .meta({ id: 'CreatedKey' });

export const webhook = z
  .strictObject({
    id: z.string().regex(/^whk_[0-9a-hjkmnp-tv-z]{26}$/),
    url: z.string(),
    events: z.array(z.string()),
    groups: z.array(groupId).nullable(),
    description: z.string(),
    status: z.enum(['enabled', 'disabled']),
    status_reason: reason.nullable(),
    failing_since: time.nullable().meta({
      description: 'Since when every attempt has failed; null where the newest one arrived.',
    }),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Webhook' });

export const createdWebhook = webhook
  .extend({
    secret: z.string().nullable().meta({
      description:
        'What signs, for the libraries of Standard Webhooks. Nobody can read it a second time: null where the request is repeated under its Idempotency-Key.',
    }),
  })
  .meta({ id: 'CreatedWebhook' });

export const delivery = z
  .strictObject({
    id: z.string().regex(/^dlv_[0-9a-hjkmnp-tv-z]{26}$/),
    webhook: webhook.shape.id,
    event: z.strictObject({
      id: z.string().regex(/^evt_/).meta({ description: 'Sent as webhook-id, at every attempt.' }),
      type: z.enum(WEBHOOK_EVENT_TYPES),
      group: groupId.nullable(),
    }),
    status: z.enum(['pending', 'delivered', 'failed']),
    reason: z.string().nullable().meta({ description: 'Why it was given up.' }),
    request: z
      .strictObject({ bytes: count, body: z.string() })
      .meta({ description: 'What is sent; the body by its beginning.' }),
    attempt_count: count,
    attempts: z
      .array(
        z.strictObject({
          at: time,
          status: z.int().nullable(),
          reason: z.string().nullable(),
          duration_ms: count.nullable(),
          body: z.string(),
        }),
      )
      .meta({
        description: 'The newest ones; the beginning of the answer, or why there was none.',
      }),
    next_attempt_at: time.nullable(),
    created_at: time,
  })
  .meta({ id: 'Delivery' });

export const recovered = z
  .strictObject({
    count,
    next_since: time.nullable().meta({
      description: 'Where there may be more than one call sends: since for the next one.',
    }),
  })
  .meta({ id: 'Recovered' });

const page = <S extends z.ZodType>(item: S, id: string) =>
  z.strictObject({ items: z.array(item), next_cursor: z.string().nullable() }).meta({ id });

export const groupPage = page(group, 'GroupPage');
export const experimentPage = page(experiment, 'ExperimentPage');
export const measurementPage = page(measurement, 'MeasurementPage');
export const eventPage = page(event, 'EventPage');
export const keyPage = page(key, 'KeyPage');
export const webhookPage = page(webhook, 'WebhookPage');
export const deliveryPage = page(delivery, 'DeliveryPage');

/** The contract itself: an OpenAPI document. */
export const openApi = z.looseObject({ openapi: z.string() }).meta({ id: 'OpenApi' });

export const health = z
  .strictObject({ status: z.literal('ok'), version: z.string() })
  .meta({ id: 'Health' });
