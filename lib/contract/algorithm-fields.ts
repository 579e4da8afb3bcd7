import { LIMITS } from '../domain/limits.ts';
import { NAME, NAME_RULE } from '../matrix/names.ts';
import {
  flag,
  integer,
  map,
  number,
  numberFrom,
  optional,
  positive,
  textLike,
  word,
} from './fields.ts';
import { once } from './once.ts';

/** Starts of the surrogate's fit beyond the first; each costs a whole fit. */
const RESTARTS_MAX = 1_000;

/**
 * Without control characters, line breaks among them, and halves of characters: a metric's name heads a column of a
 * table. Spelled out, since not every reader of the contract knows classes of Unicode.
 */
const METRIC_NAME = new RegExp(
  `^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\ud800-\\udfff]{1,${LIMITS.metricNameCharacters}}$`,
  'u',
);

const OPTIMIZATIONS = ['minimize', 'maximize'] as const;

/** What is better of a metric: less of it or more. */
export const optimization = () => word(OPTIMIZATIONS);

/** The name under which a number is reported. */
export const metricName = () =>
  textLike(
    METRIC_NAME,
    `a metric's name: 1 to ${LIMITS.metricNameCharacters} printable characters`,
  );

/** What a search goes by. */
const metricFields = once(() =>
  map({
    name: metricName(),
    optimization: optimization(),
  }).describe('The reported number that the search goes by.'),
);

const resourceFields = once(() =>
  map({
    name: textLike(NAME, NAME_RULE).describe('The parameter that carries the resource.'),
    type: word(['int', 'float']),
  }).describe('What an experiment spends: epochs, steps.'),
);

const maxIter = () =>
  integer(1, LIMITS.maxIter).describe('The resource of an experiment that goes all the way.');

const eta = () =>
  numberFrom(LIMITS.etaMin).describe('One in eta experiments of a rung goes on to the next.');

const resume = () =>
  optional(flag(), false).describe(
    'Whether promoted experiments go on from their checkpoint; default false.',
  );

const planned = () => integer(1, LIMITS.plannedExperiments);

/** The fields of `grid_search`. */
export const gridFields = once(() =>
  map({
    n_experiments: optional(integer(1, LIMITS.exactInteger), null).describe(
      'The first so many experiments; all where it is left out.',
    ),
    metric: optional(metricFields(), null),
  }),
);

/** The fields of `random_search`. */
export const randomFields = once(() =>
  map({
    n_experiments: planned().describe('How many experiments to draw.'),
    metric: optional(metricFields(), null),
  }),
);

/** The fields of `hyperband`. */
export const hyperbandFields = once(() =>
  map({
    max_iter: maxIter(),
    eta: eta(),
    resource: resourceFields(),
    metric: metricFields(),
    resume: resume(),
    model: optional(flag(), false).describe(
      'Whether a surrogate proposes configurations once a rung is complete, one in five still drawn; default false.',
    ),
  }),
);

const ACQUISITION_FUNCTIONS = ['ucb', 'ei', 'poi'] as const;

const GAUSSIAN_PROCESS = {
  kernel: 'matern',
  length_scale: 1,
  nu: 1.9,
  n_restarts_optimizer: 0,
} as const;

const gaussianProcessFields = once(() =>
  map({
    kernel: optional(word(['matern', 'rbf']), GAUSSIAN_PROCESS.kernel),
    length_scale: optional(positive(), GAUSSIAN_PROCESS.length_scale),
    nu: optional(positive(), GAUSSIAN_PROCESS.nu),
    n_restarts_optimizer: optional(integer(0, RESTARTS_MAX), GAUSSIAN_PROCESS.n_restarts_optimizer),
  }),
);

const utilityFields = once(() =>
  map({
    acquisition_function: word(ACQUISITION_FUNCTIONS),
    kappa: optional(number(), null).describe('Needed for ucb: more of it explores more.'),
    eps: optional(number(), null).describe('Needed for ei and poi: more of it explores more.'),
    gaussian_process: optional(gaussianProcessFields(), GAUSSIAN_PROCESS),
  }),
);

/** The fields of `bo`. */
export const boFields = once(() =>
  map({
    n_initial_trials: planned().describe('Experiments of the initial design.'),
    n_iterations: integer(0, LIMITS.plannedExperiments).describe('Experiments after it.'),
    metric: metricFields(),
    utility_function: optional(utilityFields(), null),
  }),
);

/** The fields of `auto`. */
export const autoFields = once(() =>
  map({
    n_experiments: planned().describe('How many experiments; with resource, configurations.'),
    metric: metricFields(),
    resource: optional(resourceFields(), null),
    max_iter: optional(maxIter(), null),
    eta: optional(eta(), 3),
    resume: resume(),
  }),
);

/** The fields of `asha`. */
export const ashaFields = once(() =>
  map({
    max_iter: maxIter(),
    eta: eta(),
    resource: resourceFields(),
    metric: metricFields(),
    resume: resume(),
    n_experiments: planned().describe('How many new configurations to start.'),
  }),
);
