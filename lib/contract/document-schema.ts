import * as z from 'zod';
import {
  ashaFields,
  autoFields,
  boFields,
  gridFields,
  hyperbandFields,
  randomFields,
} from './algorithm-fields.ts';
import { documentFields } from './document-fields.ts';
import { commonFields } from './hptuning-fields.ts';

const scalar = z.union([z.number(), z.string(), z.boolean()]);

const value = z.union([scalar, z.array(scalar)]);

/** The numbers of an option in each of its forms. */
const numbers = (short: string, names: readonly string[], optionalNames: readonly string[] = []) =>
  z
    .union([
      z.string(),
      z.array(z.union([z.number(), z.string()])),
      z.strictObject(
        Object.fromEntries([
          ...names.map((name) => [name, z.number()] as const),
          ...optionalNames.map((name) => [name, z.number().optional()] as const),
        ]),
      ),
    ])
    .optional()
    .describe(short);

const bounds = ['low', 'high'];
const spread = ['loc', 'scale'];
const points = ['start', 'stop', 'num'];

const parameter = z
  .strictObject({
    values: z.array(value).optional().describe('The list as it is.'),
    pvalues: z
      .array(z.tuple([value, z.number()]))
      .optional()
      .describe('A weighted choice: a list of [value, probability].'),
    range: numbers('start:stop:step, stop excluded', ['start', 'stop', 'step']),
    linspace: numbers('start:stop:num, both ends included', points),
    logspace: numbers('start:stop:num[:base], start and stop exponents of base 10', points, [
      'base',
    ]),
    geomspace: numbers('start:stop:num, a constant ratio, both ends included', points),
    uniform: numbers('low:high', bounds),
    quniform: numbers('low:high:q', [...bounds, 'q']),
    loguniform: numbers('low:high, exponents of e', bounds),
    qloguniform: numbers('low:high:q, the bounds exponents of e', [...bounds, 'q']),
    normal: numbers('loc:scale', spread),
    qnormal: numbers('loc:scale:q', [...spread, 'q']),
    lognormal: numbers('loc:scale, of the logarithm', spread),
    qlognormal: numbers('loc:scale:q, loc and scale of the logarithm', [...spread, 'q']),
  })
  .describe('Exactly one option.');

const constants = z
  .record(z.string(), value)
  .nullish()
  .describe('Constants that the command can use; params is another name of declarations.');

const hptuning = z.strictObject({
  matrix: z
    .record(z.string(), parameter)
    .describe('The parameters, in the order in which a grid varies them.'),
  grid_search: gridFields().nullish().describe('Every combination of listed values; the default.'),
  random_search: randomFields().nullish().describe('Distinct random points.'),
  hyperband: hyperbandFields()
    .nullish()
    .describe(
      'Successive halving in brackets; with `model` the configurations come from a surrogate once a rung is complete.',
    ),
  bo: boFields().nullish().describe('Bayesian optimisation.'),
  auto: autoFields()
    .nullish()
    .describe(
      'The search chooses by itself; with `resource` and `max_iter` also how long each experiment trains.',
    ),
  asha: ashaFields().nullish().describe('Successive halving that waits for nobody.'),
  ...commonFields(),
});

/**
 * The polyaxonfile as the OpenAPI document shows it. `readDocument` is what reads one, and knows
 * more rules.
 */
export const documentSchema = z
  .strictObject({
    ...documentFields(),
    declarations: constants,
    params: constants,
    hptuning,
    build: z
      .looseObject({ build_steps: z.array(z.string()).nullish() })
      .nullish()
      .describe('Kept as it is sent; an agent runs build_steps when told to.'),
    run: z
      .looseObject({
        cmd: z
          .string()
          .optional()
          .describe('The command of an experiment, with {{ name }} where a value goes.'),
      })
      .nullish(),
  })
  .describe('A polyaxonfile.');

/** The JSON schema of a polyaxonfile, for editors that complete and check one while it is written. */
export const documentJsonSchema = (): object => ({
  ...z.toJSONSchema(documentSchema, { io: 'input' }),
  title: 'Polyaxonfile',
});
