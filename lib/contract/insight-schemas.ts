import * as z from 'zod';
import { EXPERIMENT_STATUSES, SOURCES } from '../domain/experiment.ts';
import { values as valuesField } from './requests.ts';
import { metricValue, warning } from './schemas.ts';

/*
 * What the calls answer that plots are drawn from: columns rather than objects, so that ten thousand experiments take a
 * megabyte.
 */

const count = z.int().min(0);
const number = z.int().min(1);
const metric = z.string().nullable().meta({ description: 'Null where the search goes by none.' });
const nextCursor = z.string().nullable();
const values = valuesField();

/** A column of few different words: the place of each in `names`. */
const words = <const W extends readonly [string, ...string[]]>(known: W) =>
  z.strictObject({ names: z.array(z.enum(known)), codes: z.array(count) });

const column = z.array(z.number().nullable());

const times = (description: string) =>
  z.array(z.int().nullable()).meta({ description: `${description}, ms since 1970 in UTC.` });

/** Experiments in columns: place i of each is one experiment. */
export const columns = z
  .strictObject({
    metric,
    optimization: z.enum(['minimize', 'maximize']).nullable(),
    parameters: z.array(z.string()),
    count: count.meta({ description: 'Experiments of the group, on all pages.' }),
    numbers: z.array(number),
    status: words(EXPERIMENT_STATUSES),
    source: words(SOURCES),
    objective: z.array(metricValue.nullable()).meta({
      description: 'The last value of the metric, of experiments that have ended.',
    }),
    created_at_ms: times('When each was made'),
    started_at_ms: times('When each was handed out last'),
    finished_at_ms: times('When each ended'),
    values: z.record(z.string(), z.array(values.valueType)).meta({
      description: 'A column for each parameter.',
    }),
    bracket: column,
    rung: column,
    resource: column,
    parent: column.meta({ description: 'Number of the experiment that each continues.' }),
    next_cursor: nextCursor,
  })
  .meta({ id: 'Columns' });

const curve = z
  .strictObject({
    number,
    status: z.enum(EXPERIMENT_STATUSES),
    steps: z.array(z.number()),
    values: z.array(metricValue),
  })
  .meta({ id: 'Curve' });

export const curvePage = z
  .strictObject({ metric, items: z.array(curve), next_cursor: nextCursor })
  .meta({ id: 'CurvePage' });

const onRung = z.strictObject({
  number,
  objective: metricValue.nullable(),
  status: z.enum(EXPERIMENT_STATUSES),
  promoted: z.boolean(),
  parent: number.nullable(),
});

/** Who is on which rung. */
export const rungs = z
  .strictObject({
    metric,
    optimization: columns.shape.optimization,
    brackets: z
      .array(
        z.strictObject({
          bracket: count,
          rungs: z.array(
            z.strictObject({
              rung: count,
              resource: z.number(),
              capacity: count.nullable().meta({
                description:
                  'Experiments that are planned on it; null where that depends on results.',
              }),
              status: z.enum(['waiting', 'open', 'closed']),
              count: count.meta({ description: 'Experiments on it, those that are left out too.' }),
              experiments: z.array(onRung),
            }),
          ),
        }),
      )
      .nullable()
      .meta({ description: 'Null where the search has no rungs.' }),
    truncated: z.boolean().meta({
      description:
        'True where experiments are left out: those of the lowest rungs that nobody continues.',
    }),
  })
  .meta({ id: 'Rungs' });

const share = z.number().min(0).max(1);

/** How much each parameter matters. */
export const importance = z
  .strictObject({
    metric,
    observations: count,
    method: z.literal('fanova'),
    parameters: z.array(
      z.strictObject({ name: z.string(), importance: share, standard_error: z.number().min(0) }),
    ),
    pairs: z
      .array(z.strictObject({ names: z.tuple([z.string(), z.string()]), importance: share }))
      .nullable(),
    warnings: z.array(warning),
  })
  .meta({ id: 'Importance' });

const axis = z.strictObject({
  name: z.string(),
  scale: z.enum(['linear', 'log', 'category']),
  values: z.array(values.valueType),
});
const surface = z
  .array(z.array(z.number()))
  .nullable()
  .meta({ description: 'A row for each value of y, in it a number for each value of x.' });

/** What a surrogate expects over two parameters. */
export const contour = z
  .strictObject({
    metric,
    x: axis,
    y: axis,
    mean: surface,
    standard_deviation: surface,
    at: values,
    observations: count,
    warnings: z.array(warning),
  })
  .meta({ id: 'Contour' });

/** The schema of a polyaxonfile: a JSON schema. */
export const documentSchemaAnswer = z
  .looseObject({ $schema: z.string() })
  .meta({ id: 'DocumentSchema' });
