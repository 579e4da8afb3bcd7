import * as z from 'zod';
import { SCOPES } from '../domain/api-key.ts';
import { ENDS, EXPERIMENT_STATUSES } from '../domain/experiment.ts';
import { GROUP_STATUSES } from '../domain/group.ts';
import { LIMITS } from '../domain/limits.ts';
import type { Json } from '../domain/values.ts';
import { EVENT_PATTERNS } from '../domain/webhook.ts';
import { orList, show } from '../matrix/words.ts';
import { metricName } from './algorithm-fields.ts';
import { integer, list, map, numberFrom, optional, text, textLike } from './fields.ts';
import { once } from './once.ts';
import { grouped } from './words.ts';

/*
 * What callers send, one zod schema per body and per query string, each made when something is first read with it. A
 * field that is null counts as left out.
 */

const bytes = (max: number) =>
  text(0, max).refine((value) => Buffer.byteLength(value) <= max, {
    error: ({ input }) =>
      `It takes ${Buffer.byteLength(String(input))} bytes in UTF-8: at most ${max} are allowed.`,
  });

const GROUP_ID = /^grp_[0-9a-hjkmnp-tv-z]{26}$/;

/** Words for a metric's value that JSON numbers cannot say. */
const NON_FINITE = ['NaN', 'Infinity', '-Infinity'] as const;

const metricValue = once(() =>
  z.union([z.number(), z.enum(NON_FINITE)], {
    error: ({ input }) =>
      `It is ${show(input)}: a metric is a finite number, or one of the strings "NaN", "Infinity", "-Infinity".`,
  }),
);

/** Named numbers of one moment. */
export const metrics = once(() =>
  z
    .record(metricName(), metricValue(), {
      error: (issue) =>
        issue.code === 'invalid_key'
          ? `A metric's name has 1 to ${LIMITS.metricNameCharacters} printable characters.`
          : 'It must be a map from the names of metrics to numbers, such as {"loss": 0.31}.',
    })
    .refine((value) => Object.keys(value).length <= LIMITS.metricsPerReport, {
      error: `It names too many metrics: at most ${LIMITS.metricsPerReport} a report.`,
    })
    .meta({ id: 'Metrics', description: 'Metric names with their values.' }),
);

const step = once(() =>
  numberFrom(0).meta({ description: 'Where in the training the numbers belong.' }),
);

const oneOf = <const W extends readonly [string, ...string[]]>(words: W) =>
  z.enum(words, {
    error: ({ input }) => `It is ${show(input)}: it must be ${orList(words)}.`,
  });

export const suggestRequest = once(() =>
  map({
    count: optional(integer(1, LIMITS.suggestCount), 1).meta({
      description: 'How many experiments the caller can start now.',
    }),
    worker: optional(text(1, LIMITS.workerCharacters), null).meta({
      description:
        'Name of the slot that runs them: asking again under it gives back what it still holds.',
    }),
    wait_seconds: optional(
      numberFrom(0).max(LIMITS.waitSecondsLocal, {
        error: ({ input }) => `It is ${String(input)}: at most ${LIMITS.waitSecondsLocal} seconds.`,
      }),
      0,
    ).meta({ description: 'How long the call may hold until something becomes ready.' }),
  }).meta({ id: 'SuggestRequest' }),
);

export const reportRequest = once(() =>
  map({
    metrics: optional(metrics(), null),
    step: optional(step(), null),
    measurements: optional(
      list(map({ step: optional(step(), null), metrics: metrics() }), LIMITS.measurementsPerReport),
      null,
    ).meta({ description: 'Numbers of many steps at once.' }),
    status: optional(oneOf(['running', ...ENDS]), 'running' as const).meta({
      description: 'running, or how the experiment ended.',
    }),
    checkpoint: optional(bytes(LIMITS.checkpointBytes), null).meta({
      description: 'Where the training can go on from.',
    }),
    message: optional(bytes(LIMITS.messageBytes), null),
    lease_token: optional(text(1, LIMITS.nameCharacters), null),
  }).meta({ id: 'ReportRequest' }),
);

export const releaseRequest = once(() =>
  map({
    lease_token: optional(text(1, LIMITS.nameCharacters), null),
  }).meta({ id: 'ReleaseRequest' }),
);

const isScalar = `a number, true, false or a string of at most ${grouped(LIMITS.stringCharacters)} characters`;

const scalar = once(() =>
  z.union([z.number(), z.string().max(LIMITS.stringCharacters), z.boolean()], {
    error: ({ input }) => `It is ${show(input)}: it must be ${isScalar}.`,
  }),
);

const scalars = once(() => z.array(scalar()).max(LIMITS.itemValues));

const value = once(() =>
  z.union([scalar(), scalars()], {
    error: ({ input }) =>
      `It is ${show(input)}: it must be ${isScalar}, or a list of at most ${grouped(LIMITS.itemValues)} of these.`,
  }),
);

/** Values for every parameter of a matrix. */
export const values = once(() =>
  z
    .record(z.string(), value(), {
      error: 'It must be a map from the parameters to their values.',
    })
    .meta({ id: 'Values', description: 'A value for every parameter.' }),
);

export const experimentRequest = once(() =>
  map({
    values: values(),
    metrics: optional(metrics(), null).meta({ description: 'What is known of them already.' }),
    status: optional(oneOf(ENDS), null).meta({ description: 'How it ended, where that is known.' }),
    message: optional(bytes(LIMITS.messageBytes), null),
  }).meta({ id: 'ExperimentRequest' }),
);

const scopes = once(() =>
  list(oneOf(SCOPES), SCOPES.length)
    .min(1, { error: 'It is empty: a key without a scope opens nothing.' })
    // Each once, in one order.
    .transform((named) => SCOPES.filter((scope) => named.includes(scope))),
);

const timeOfDay = once(() =>
  z.iso
    .datetime({
      offset: true,
      error: ({ input }) =>
        `It is ${show(input)}: it must be a time such as "2030-01-31T12:00:00Z".`,
    })
    .transform((text) => Date.parse(text)),
);

export const keyRequest = once(() =>
  map({
    name: optional(text(1, LIMITS.nameCharacters), null).meta({
      description: 'Whose key it is, or what for.',
    }),
    scopes: scopes().meta({ description: 'What the key allows.' }),
    expires_at: optional(timeOfDay(), null).meta({
      description: 'From when on the key opens nothing; left out, it holds until it is revoked.',
    }),
  }).meta({ id: 'KeyRequest' }),
);

const webhookUrl = once(() =>
  text(1, LIMITS.webhookUrlCharacters).meta({
    description: 'Where events are sent: an https URL that the whole internet can reach.',
  }),
);

const eventPatterns = once(() =>
  list(text(1, LIMITS.nameCharacters), EVENT_PATTERNS.length)
    .min(1, { error: 'It is empty: a webhook without events is told of nothing.' })
    .meta({
      description: `What the endpoint is told of: ${EVENT_PATTERNS.join(', ')}.`,
    }),
);

const webhookGroups = once(() =>
  list(
    textLike(GROUP_ID, "a group's id, such as grp_01k8y5m2q3r4s5t6v7w8x9y0za"),
    LIMITS.webhookGroups,
  )
    .min(1, { error: 'It is empty: leave it out for all groups.' })
    .meta({ description: 'Only events of these groups; null for all of the team.' }),
);

const webhookDescription = once(() =>
  text(0, LIMITS.descriptionCharacters).meta({ description: 'What it is for.' }),
);

export const webhookRequest = once(() =>
  map({
    url: webhookUrl(),
    events: eventPatterns(),
    groups: optional(webhookGroups(), null),
    description: optional(webhookDescription(), ''),
  }).meta({ id: 'WebhookRequest' }),
);

export const webhookPatch = once(() =>
  map({
    url: optional(webhookUrl(), null),
    events: optional(eventPatterns(), null),
    // Null means all groups here, so only what is left out stays.
    groups: webhookGroups().nullable().optional(),
    description: optional(webhookDescription(), null),
    status: optional(oneOf(['enabled', 'disabled']), null).meta({
      description: 'enabled: send to it again, and forget why it was disabled.',
    }),
  }).meta({ id: 'WebhookPatch' }),
);

export const recoverRequest = once(() =>
  map({
    since: timeOfDay().meta({
      description: 'Everything is sent again that happened from then on and has not arrived.',
    }),
  }).meta({ id: 'RecoverRequest' }),
);

/** A body that is read by other means; wrapped, because it can be null. */
export const anyJson = once(() => z.custom<Json>().transform((json) => ({ json })));

export const emptyRequest = once(() => map({}).meta({ id: 'EmptyRequest' }));

/** A query parameter that may be left out. A query has no null. */
export const asked = <S extends z.ZodType, const D>(schema: S, fallback: D) =>
  schema.optional().transform((value) => value ?? fallback);

/** How many items a page has: an integer as text. */
export const limitOf = (max: number, fallback: number) => {
  const digits = String(max).length;
  return asked(
    textLike(new RegExp(`^[1-9]\\d{0,${digits - 1}}$`), `an integer from 1 to ${max}`)
      .refine((value) => Number(value) <= max, {
        error: ({ input }) => `It is ${String(input)}: at most ${max}.`,
      })
      .meta({
        // What is read from text is described as what it means.
        override: ({ jsonSchema }) => {
          delete jsonSchema.pattern;
          Object.assign(jsonSchema, {
            type: 'integer',
            minimum: 1,
            maximum: max,
            default: fallback,
          });
        },
      }),
    String(fallback),
  )
    .transform(Number)
    .meta({ description: 'Items a page.' });
};

const limit = once(() => limitOf(LIMITS.pageItems, LIMITS.pageItemsDefault));

/** Where a page begins: what the page before says of it. */
export const cursor = once(() =>
  asked(textLike(/^[A-Za-z0-9_-]{1,200}$/, 'a next_cursor of this list'), null).meta({
    description: 'next_cursor of the page before.',
  }),
);

export const groupsQuery = once(() =>
  map({
    status: asked(oneOf(GROUP_STATUSES), null).meta({ description: 'Only groups of this status.' }),
    tag: asked(text(1, LIMITS.tagCharacters), null).meta({
      description: 'Only groups with this tag.',
    }),
    limit: limit(),
    cursor: cursor(),
  }),
);

export const experimentsQuery = once(() =>
  map({
    status: asked(oneOf(EXPERIMENT_STATUSES), null).meta({
      description: 'Only experiments of this status.',
    }),
    sort: asked(oneOf(['number', 'objective']), 'number' as const).meta({
      description: 'By number, which is the default, or by objective, the best first.',
    }),
    limit: limit(),
    cursor: cursor(),
  }),
);

export const eventsQuery = once(() =>
  map({
    sort: asked(oneOf(['oldest', 'newest']), 'oldest' as const).meta({
      description: 'Which come first: the oldest, which is the default, or the newest.',
    }),
    limit: limit(),
    cursor: cursor(),
  }),
);

export const pageQuery = once(() => map({ limit: limit(), cursor: cursor() }));

export const emptyQuery = once(() => map({}));
