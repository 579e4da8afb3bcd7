import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { renderCommand } from '../../lib/contract/command.ts';
import { readDocument } from '../../lib/contract/document.ts';
import { parseYaml } from '../../lib/contract/yaml.ts';
import { LIMITS } from '../../lib/domain/limits.ts';
import { isMap } from '../../lib/matrix/numbers.ts';

const SEED = 7;

const readText = (text: string) => {
  const yaml = parseYaml(text);
  assert.ok(yaml.ok, JSON.stringify(yaml));
  return readDocument(yaml.value, { seed: SEED });
};

const readFile = (name: string) =>
  readText(readFileSync(new URL(`polyaxonfiles/${name}.yml`, import.meta.url), 'utf8'));

const documentOf = (spec: unknown) => {
  const { document, mistakes } = readDocument(spec, { seed: SEED });
  assert.deepEqual(mistakes, []);
  assert.ok(document);
  return document;
};

const pathsOf = (spec: unknown): string[] => {
  const { document, mistakes } = readDocument(spec, { seed: SEED });
  assert.equal(document === null, mistakes.length > 0);
  return mistakes.map(({ path }) => path);
};

const MATRIX = { lr: { values: [0.1, 0.2] } };

/** The same without what is undefined, in maps inside maps too. */
const given = (sent: object): object =>
  Object.fromEntries(
    Object.entries(sent)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, isMap(value) ? given(value) : value]),
  );

/** A document without mistakes, with more fields on top and in hptuning; what is undefined is left out. */
const spec = (hptuning: object = {}, top: object = {}): object =>
  given({ version: 1, kind: 'group', hptuning: { matrix: MATRIX, ...hptuning }, ...top });

const DEFAULTS = {
  concurrency: 1,
  seed: SEED,
  leaseSeconds: 3_600,
  maxAttempts: 3,
  retryFailed: false,
  maxFailures: null,
  dispatch: 'pull',
  earlyStopping: [],
};

const LOGSPACE = { kind: 'logspace', start: 0.01, stop: 0.1, num: 5, base: 10 };

test('the grid of the Polyaxon documentation is read with its defaults and a warning', () => {
  const { document, mistakes, warnings } = readFile('grid');

  assert.deepEqual(mistakes, []);
  assert.deepEqual(document?.hptuning, {
    ...DEFAULTS,
    algorithm: { kind: 'grid', nExperiments: null, metric: null },
    matrix: [
      { name: 'lr', option: LOGSPACE },
      { name: 'dropout', option: { kind: 'values', values: [0.2, 0.5] } },
    ],
  });
  assert.deepEqual(document.declarations, { batch_size: 128 });
  assert.deepEqual(document.buildSteps, ['pip install scikit-learn']);
  assert.deepEqual([document.name, document.description, document.tags], [null, null, []]);
  assert.deepEqual(
    warnings.map(({ path }) => path),
    ['hptuning.matrix.lr.logspace'],
  );
});

test('the grid of four experiments of the Polyaxon documentation takes the first four', () => {
  const { document, warnings } = readFile('grid-first-four');

  assert.deepEqual(document?.hptuning.algorithm, { kind: 'grid', nExperiments: 4, metric: null });
  assert.equal(warnings.length, 1);
});

test('the random search of the Polyaxon documentation goes by its first early-stopping rule', () => {
  const { document, mistakes, warnings } = readFile('random');

  assert.deepEqual(mistakes, []);
  assert.deepEqual(document?.hptuning, {
    ...DEFAULTS,
    concurrency: 2,
    algorithm: {
      kind: 'random',
      nExperiments: 40,
      metric: { name: 'accuracy', optimization: 'maximize' },
    },
    matrix: [
      { name: 'lr', option: LOGSPACE },
      { name: 'dropout', option: { kind: 'values', values: [0.2, 0.5] } },
      {
        name: 'activation',
        option: {
          kind: 'pvalues',
          values: ['elu', 'relu', 'sigmoid'],
          probabilities: [0.1, 0.2, 0.7],
        },
      },
      { name: 'param1', option: { kind: 'uniform', low: 0, high: 1 } },
    ],
    earlyStopping: [
      { metric: 'accuracy', value: 0.9, optimization: 'maximize' },
      { metric: 'loss', value: 0.05, optimization: 'minimize' },
    ],
  });
  assert.equal(warnings.length, 1);
});

test('the command of the Polyaxon documentation that goes on over several lines is one line', () => {
  const { document } = readFile('random');
  assert.ok(document?.command);

  const values = {
    ...document.declarations,
    lr: 0.1,
    dropout: 0.2,
    activation: 'elu',
    param1: 0.5,
  };
  assert.equal(
    renderCommand(document.command, values),
    'python3 train.py --batch-size=128 --lr=0.1 --dropout=0.2 --activation=elu --param1=0.5',
  );
});

test('a document is the same when it is read again from what was kept of it', () => {
  for (const name of ['grid', 'grid-first-four', 'random', 'bo', 'bo-early-stopping']) {
    const { document } = readFile(name);
    assert.ok(document);
    const kept: unknown = JSON.parse(JSON.stringify(document.spec));

    assert.deepEqual(documentOf(kept), document);
  }
});

const BO_READ = {
  bo: {
    acquisition: { kind: 'ucb', kappa: 1.2 },
    gaussianProcess: { kernel: 'matern', lengthScale: 1, nu: 1.9, restarts: 0 },
  },
  'bo-early-stopping': {
    acquisition: { kind: 'ei', eps: 1.2 },
    gaussianProcess: { kernel: 'rbf', lengthScale: 1, nu: 1.9, restarts: 0 },
  },
} as const;

for (const [name, surrogate] of Object.entries(BO_READ)) {
  test(`the document ${name} of the Polyaxon documentation is read as it stands`, () => {
    const { document, mistakes } = readFile(name);

    assert.deepEqual(mistakes, []);
    assert.deepEqual(document?.hptuning.algorithm, {
      kind: 'bo',
      nInitialTrials: 30,
      nIterations: 15,
      metric: { name: 'loss', optimization: 'minimize' },
      surrogate,
    });
  });
}

for (const name of ['hyperband', 'hyperband-early-stopping']) {
  test(`the document ${name} of the Polyaxon documentation is read as it stands`, () => {
    const { document, mistakes } = readFile(name);

    assert.deepEqual(mistakes, []);
    assert.deepEqual(document?.hptuning.algorithm, {
      kind: 'hyperband',
      maxIter: 81,
      eta: 3,
      resource: { name: 'num_steps', type: 'int' },
      metric: { name: 'loss', optimization: 'minimize' },
      resume: false,
      model: false,
    });
  });
}

const METRIC = { name: 'loss', optimization: 'minimize' };
const RESOURCE = { name: 'epochs', type: 'int' };
const HYPERBAND = { max_iter: 81, eta: 3, resource: RESOURCE, metric: METRIC };
const UTILITY = { acquisition_function: 'ucb', kappa: 1.2 };
const BO = { n_initial_trials: 3, n_iterations: 2, metric: METRIC, utility_function: UTILITY };
const AUTO = { n_experiments: 20, metric: METRIC };

const UNSUPPORTED: readonly (readonly [string, object, readonly string[]])[] = [
  ['constraints', { constraints: ['lr < 1'] }, ['hptuning.constraints']],
  [
    'a condition',
    { matrix: { ...MATRIX, b: { values: [1], condition: { lr: 0.1 } } } },
    ['hptuning.matrix.b.condition'],
  ],
  [
    'two at once',
    { constraints: ['lr < 1'], matrix: { ...MATRIX, b: { values: [1], condition: { lr: 0.1 } } } },
    ['hptuning.matrix.b.condition', 'hptuning.constraints'],
  ],
];

for (const [title, hptuning, paths] of UNSUPPORTED) {
  test(`what is legal but for later is not supported: ${title}`, () => {
    const { document, mistakes } = readDocument(spec(hptuning), { seed: SEED });

    assert.equal(document, null);
    assert.deepEqual(
      mistakes.map(({ path, code }) => [path, code]),
      paths.map((path) => [path, 'not_supported']),
    );
  });
}

for (const word of ['push', 'PUSH']) {
  test(`dispatch ${word} is push in the normal form`, () => {
    const { document } = readDocument(spec({ dispatch: word }), { seed: SEED });

    assert.equal(document?.hptuning.dispatch, 'push');
  });
}

test('what is not supported comes after everything else is mended', () => {
  assert.deepEqual(pathsOf(spec({ auto: AUTO, concurrency: 0 })), ['hptuning.concurrency']);
});

/** What is wrong on top, and where the one mistake is. */
const TOP: readonly (readonly [string, object, string])[] = [
  ['no version', { version: undefined }, 'version'],
  ['another version', { version: 2 }, 'version'],
  ['a version as a string', { version: '1' }, 'version'],
  ['no kind', { kind: undefined }, 'kind'],
  ['another kind', { kind: 'experiment' }, 'kind'],
  ['an unknown key', { hptunning: {} }, 'hptunning'],
  ['no hptuning', { hptuning: undefined }, 'hptuning'],
  ['hptuning as null', { hptuning: null }, 'hptuning'],
  ['hptuning as a list', { hptuning: [] }, 'hptuning'],
  ['an empty name', { name: '' }, 'name'],
  ['a long name', { name: 'x'.repeat(LIMITS.nameCharacters + 1) }, 'name'],
  ['a name as a number', { name: 5 }, 'name'],
  [
    'a long description',
    { description: 'x'.repeat(LIMITS.descriptionCharacters + 1) },
    'description',
  ],
  ['tags as a string', { tags: 'a, b' }, 'tags'],
  ['many tags', { tags: Array(LIMITS.tags + 1).fill('a') }, 'tags'],
  ['a long tag', { tags: ['a', 'x'.repeat(LIMITS.tagCharacters + 1)] }, 'tags[1]'],
  ['a tag as a number', { tags: [1] }, 'tags[0]'],
  ['an empty tag', { tags: [''] }, 'tags[0]'],
  ['declarations as a list', { declarations: [1] }, 'declarations'],
  ['a declaration as a map', { declarations: { a: { b: 1 } } }, 'declarations.a'],
  ['a declaration as null', { declarations: { a: null } }, 'declarations.a'],
  ['a declaration as lists in lists', { declarations: { a: [1, [2]] } }, 'declarations.a[1]'],
  ['a declaration without end', { declarations: { a: Infinity } }, 'declarations.a'],
  [
    'a long declaration',
    { declarations: { a: 'x'.repeat(LIMITS.stringCharacters + 1) } },
    'declarations.a',
  ],
  [
    'a declaration of many items',
    { declarations: { a: Array(LIMITS.itemValues + 1).fill(1) } },
    'declarations.a',
  ],
  ['a declaration with a blank in its name', { declarations: { 'a b': 1 } }, 'declarations.a b'],
  [
    'a declaration called constructor',
    { declarations: { constructor: 1 } },
    'declarations.constructor',
  ],
  [
    'a long name of a declaration',
    { declarations: { [`x${'y'.repeat(64)}`]: 1 } },
    `declarations.x${'y'.repeat(59)}…`,
  ],
  ['declarations and params', { declarations: { a: 1 }, params: { b: 2 } }, 'params'],
  ['a mistake in params', { params: { a: {} } }, 'params.a'],
  ['run as a string', { run: 'train' }, 'run'],
  ['a command as a list', { run: { cmd: ['a', 'b'] } }, 'run.cmd'],
  ['a command as null', { run: { cmd: null } }, 'run.cmd'],
  ['a blank command', { run: { cmd: ' ' } }, 'run.cmd'],
  ['a command with an unknown name', { run: { cmd: '{{ lrr }}' } }, 'run.cmd'],
  ['a command with a statement', { run: { cmd: '{% if lr %}' } }, 'run.cmd'],
  ['build as a string', { build: 'make' }, 'build'],
  ['build steps as a string', { build: { build_steps: 'make' } }, 'build.build_steps'],
  ['a build step as a number', { build: { build_steps: ['a', 1] } }, 'build.build_steps[1]'],
  ['a number that is none', { environment: { a: [1, Number.NaN] } }, 'environment.a[1]'],
  ['a number without end', { logging: -Infinity }, 'logging'],
  [
    '__proto__ in what is kept',
    { settings: JSON.parse('{"a":[{"__proto__":{"b":1}}]}') },
    'settings.a[0].__proto__',
  ],
];

for (const [title, top, path] of TOP) {
  test(`a document with ${title} has one mistake, at ${path}`, () => {
    assert.deepEqual(pathsOf(spec({}, top)), [path]);
  });
}

/** What is wrong in hptuning, and where below it the one mistake is. */
const HPTUNING: readonly (readonly [string, object, string])[] = [
  ['an unknown key', { concurency: 2 }, 'concurency'],
  ['no matrix', { matrix: undefined }, 'matrix'],
  ['an empty matrix', { matrix: {} }, 'matrix'],
  ['a matrix as a list', { matrix: [] }, 'matrix'],
  ['a mistake in the matrix', { matrix: { lr: { values: [] } } }, 'matrix.lr.values'],
  ['no concurrency', { concurrency: 0 }, 'concurrency'],
  ['much concurrency', { concurrency: LIMITS.concurrency + 1 }, 'concurrency'],
  ['half a concurrency', { concurrency: 1.5 }, 'concurrency'],
  ['a concurrency as a string', { concurrency: '2' }, 'concurrency'],
  ['a concurrency that is true', { concurrency: true }, 'concurrency'],
  ['a negative seed', { seed: -1 }, 'seed'],
  ['a seed above 2^53 - 1', { seed: 2 ** 53 }, 'seed'],
  ['a seed as a string', { seed: 'x' }, 'seed'],
  ['a short lease', { lease_seconds: LIMITS.leaseSecondsMin - 1 }, 'lease_seconds'],
  ['a long lease', { lease_seconds: LIMITS.leaseSecondsMax + 1 }, 'lease_seconds'],
  ['no attempts', { max_attempts: 0 }, 'max_attempts'],
  ['many attempts', { max_attempts: LIMITS.maxAttempts + 1 }, 'max_attempts'],
  ['a flag as a string', { retry_failed: 'yes' }, 'retry_failed'],
  ['negative failures', { max_failures: -1 }, 'max_failures'],
  ['an unknown dispatch', { dispatch: 'pul' }, 'dispatch'],
  ['rules as a map', { early_stopping: { metric: 'a', value: 1 } }, 'early_stopping'],
  [
    'many rules',
    { early_stopping: Array(LIMITS.earlyStoppingRules + 1).fill({ metric: 'a', value: 1 }) },
    'early_stopping',
  ],
  ['a rule without a metric', { early_stopping: [{ value: 1 }] }, 'early_stopping[0].metric'],
  ['a rule without a value', { early_stopping: [{ metric: 'a' }] }, 'early_stopping[0].value'],
  [
    'a rule with a value as a string',
    { early_stopping: [{ metric: 'a', value: '1' }] },
    'early_stopping[0].value',
  ],
  [
    'a rule with an unknown key',
    { early_stopping: [{ metric: 'a', value: 1, optimisation: 'maximize' }] },
    'early_stopping[0].optimisation',
  ],
  [
    'a rule with an unknown word',
    { early_stopping: [{ metric: 'a', value: 1, optimization: 'max' }] },
    'early_stopping[0].optimization',
  ],
  ['two algorithms', { grid_search: {}, random_search: { n_experiments: 1 } }, 'random_search'],
  ['a grid of none', { grid_search: { n_experiments: 0 } }, 'grid_search.n_experiments'],
  [
    'a grid of more than 2^53 - 1',
    { grid_search: { n_experiments: 2 ** 53 } },
    'grid_search.n_experiments',
  ],
  ['a grid as a number', { grid_search: 4 }, 'grid_search'],
  ['a grid with an unknown key', { grid_search: { n_experiment: 4 } }, 'grid_search.n_experiment'],
  [
    'a metric without a name',
    { grid_search: { metric: { optimization: 'maximize' } } },
    'grid_search.metric.name',
  ],
  [
    'a metric without optimization',
    { grid_search: { metric: { name: 'a' } } },
    'grid_search.metric.optimization',
  ],
  ['a metric as a string', { grid_search: { metric: 'loss' } }, 'grid_search.metric'],
  [
    'a metric with a line break in its name',
    { grid_search: { metric: { ...METRIC, name: 'a\nb' } } },
    'grid_search.metric.name',
  ],
  [
    'a long name of a metric',
    { grid_search: { metric: { ...METRIC, name: 'x'.repeat(129) } } },
    'grid_search.metric.name',
  ],
  ['a grid over a distribution', { matrix: { ...MATRIX, b: { uniform: [0, 1] } } }, 'matrix.b'],
  ['a grid over weights', { matrix: { ...MATRIX, b: { pvalues: [['a', 1]] } } }, 'matrix.b'],
  [
    'a grid over quantised values',
    { grid_search: { n_experiments: 1 }, matrix: { b: { quniform: [0, 1, 0.5] } } },
    'matrix.b',
  ],
  ['a random search without a number', { random_search: {} }, 'random_search.n_experiments'],
  ['a random search that is null', { random_search: null }, 'random_search.n_experiments'],
  [
    'a random search of many',
    { random_search: { n_experiments: LIMITS.plannedExperiments + 1 } },
    'random_search.n_experiments',
  ],
  [
    'a random search of a string',
    { random_search: { n_experiments: '40' } },
    'random_search.n_experiments',
  ],
  [
    'hyperband without max_iter',
    { hyperband: { ...HYPERBAND, max_iter: null } },
    'hyperband.max_iter',
  ],
  [
    'a large max_iter',
    { hyperband: { ...HYPERBAND, max_iter: LIMITS.maxIter + 1 } },
    'hyperband.max_iter',
  ],
  ['half a max_iter', { hyperband: { ...HYPERBAND, max_iter: 1.5 } }, 'hyperband.max_iter'],
  ['a small eta', { hyperband: { ...HYPERBAND, eta: 1.09 } }, 'hyperband.eta'],
  ['an eta as a string', { hyperband: { ...HYPERBAND, eta: '3' } }, 'hyperband.eta'],
  [
    'hyperband without a resource',
    { hyperband: { ...HYPERBAND, resource: undefined } },
    'hyperband.resource',
  ],
  [
    'a resource without a type',
    { hyperband: { ...HYPERBAND, resource: { name: 'a' } } },
    'hyperband.resource.type',
  ],
  [
    'a resource of another type',
    { hyperband: { ...HYPERBAND, resource: { name: 'a', type: 'str' } } },
    'hyperband.resource.type',
  ],
  [
    'a resource with a blank in its name',
    { hyperband: { ...HYPERBAND, resource: { ...RESOURCE, name: 'a b' } } },
    'hyperband.resource.name',
  ],
  [
    'a resource called prototype',
    { hyperband: { ...HYPERBAND, resource: { ...RESOURCE, name: 'prototype' } } },
    'hyperband.resource.name',
  ],
  [
    'a resource with an unknown key',
    { hyperband: { ...HYPERBAND, resource: { ...RESOURCE, unit: 'h' } } },
    'hyperband.resource.unit',
  ],
  [
    'a parameter named like the resource',
    { hyperband: HYPERBAND, matrix: { epochs: { values: [1] } } },
    'matrix.epochs',
  ],
  ['hyperband without a metric', { hyperband: { ...HYPERBAND, metric: null } }, 'hyperband.metric'],
  ['resume as a string', { hyperband: { ...HYPERBAND, resume: 'False' } }, 'hyperband.resume'],
  [
    'hyperband with an unknown key',
    { hyperband: { ...HYPERBAND, max_iters: 1 } },
    'hyperband.max_iters',
  ],
  ['no initial trials', { bo: { ...BO, n_initial_trials: 0 } }, 'bo.n_initial_trials'],
  ['negative iterations', { bo: { ...BO, n_iterations: -1 } }, 'bo.n_iterations'],
  [
    'many trials together',
    { bo: { ...BO, n_iterations: LIMITS.plannedExperiments - 2 } },
    'bo.n_iterations',
  ],
  ['bo without a metric', { bo: { ...BO, metric: undefined } }, 'bo.metric'],
  [
    'ucb without kappa',
    { bo: { ...BO, utility_function: { acquisition_function: 'UCB', eps: 1 } } },
    'bo.utility_function.kappa',
  ],
  [
    'ei without eps',
    { bo: { ...BO, utility_function: { acquisition_function: 'Ei', kappa: 1 } } },
    'bo.utility_function.eps',
  ],
  [
    'poi without eps',
    { bo: { ...BO, utility_function: { acquisition_function: 'poi' } } },
    'bo.utility_function.eps',
  ],
  [
    'no acquisition function',
    { bo: { ...BO, utility_function: { kappa: 1 } } },
    'bo.utility_function.acquisition_function',
  ],
  [
    'another acquisition function',
    { bo: { ...BO, utility_function: { ...UTILITY, acquisition_function: 'lcb' } } },
    'bo.utility_function.acquisition_function',
  ],
  [
    'an unknown key of the utility function',
    { bo: { ...BO, utility_function: { ...UTILITY, kapa: 1 } } },
    'bo.utility_function.kapa',
  ],
  ...(
    [
      ['kernel', 'linear'],
      ['length_scale', 0],
      ['nu', 0],
      ['nu', '1.9'],
      ['n_restarts_optimizer', -1],
      ['n_restarts_optimizer', 0.5],
      ['alpha', 1],
    ] as const
  ).map(
    ([key, value]) =>
      [
        `a gaussian process with ${key} ${JSON.stringify(value)}`,
        { bo: { ...BO, utility_function: { ...UTILITY, gaussian_process: { [key]: value } } } },
        `bo.utility_function.gaussian_process.${key}`,
      ] as const,
  ),
  ['auto without a number', { auto: { metric: METRIC } }, 'auto.n_experiments'],
  [
    'auto with a resource and no max_iter',
    { auto: { ...AUTO, resource: RESOURCE } },
    'auto.max_iter',
  ],
  ['auto with max_iter and no resource', { auto: { ...AUTO, max_iter: 9 } }, 'auto.resource'],
  ['asha without a number', { asha: HYPERBAND }, 'asha.n_experiments'],
];

for (const [title, hptuning, path] of HPTUNING) {
  test(`hptuning with ${title} has one mistake, at ${path}`, () => {
    assert.deepEqual(pathsOf(spec(hptuning)), [`hptuning.${path}`]);
  });
}

const AT_LIMIT: readonly (readonly [string, object, object])[] = [
  ['concurrency', { concurrency: LIMITS.concurrency }, {}],
  ['seed 0', { seed: 0 }, {}],
  ['the largest seed', { seed: 2 ** 53 - 1 }, {}],
  ['the shortest lease', { lease_seconds: LIMITS.leaseSecondsMin }, {}],
  ['the longest lease', { lease_seconds: LIMITS.leaseSecondsMax }, {}],
  ['attempts', { max_attempts: LIMITS.maxAttempts }, {}],
  ['no failures', { max_failures: 0 }, {}],
  [
    'rules',
    { early_stopping: Array(LIMITS.earlyStoppingRules).fill({ metric: 'a', value: 1 }) },
    {},
  ],
  ['a large grid', { grid_search: { n_experiments: 2 ** 53 - 1 } }, {}],
  ['a large random search', { random_search: { n_experiments: LIMITS.plannedExperiments } }, {}],
  [
    'a long hyperband',
    { hyperband: { ...HYPERBAND, max_iter: LIMITS.maxIter, eta: LIMITS.etaMin } },
    {},
  ],
  ['a short hyperband', { hyperband: { ...HYPERBAND, max_iter: 1, eta: 1e9 } }, {}],
  ['the name', {}, { name: 'x'.repeat(LIMITS.nameCharacters) }],
  ['the description', {}, { description: 'x'.repeat(LIMITS.descriptionCharacters) }],
  ['tags', {}, { tags: Array(LIMITS.tags).fill('x'.repeat(LIMITS.tagCharacters)) }],
  ['a declaration', {}, { declarations: { a: 'x'.repeat(LIMITS.stringCharacters) } }],
  ['items of a declaration', {}, { declarations: { a: Array(LIMITS.itemValues).fill(1) } }],
  ['the name of a metric', { grid_search: { metric: { ...METRIC, name: 'x'.repeat(128) } } }, {}],
  ['one initial trial alone', { bo: { ...BO, n_initial_trials: 1, n_iterations: 0 } }, {}],
  [
    'initial trials',
    { bo: { ...BO, n_initial_trials: LIMITS.plannedExperiments, n_iterations: 0 } },
    {},
  ],
  ['iterations', { bo: { ...BO, n_iterations: LIMITS.plannedExperiments - 3 } }, {}],
];

for (const [title, hptuning, top] of AT_LIMIT) {
  test(`a document at the limit is legal: ${title}`, () => {
    documentOf(spec(hptuning, top));
  });
}

test('a grid may have as many cells as a double can number, not more', () => {
  const listed = (count: number) => ({ range: [0, count, 1] });
  const cells = { a: listed(8192), b: listed(8192), c: listed(8192), d: listed(8192) };

  documentOf(spec({ matrix: { ...cells, e: listed(2) } }));
  assert.deepEqual(pathsOf(spec({ matrix: { ...cells, e: listed(3) } })), ['hptuning.matrix']);
  assert.deepEqual(
    pathsOf(spec({ matrix: { ...cells, e: listed(3) }, grid_search: { n_experiments: 1 } })),
    ['hptuning.matrix'],
  );
});

test('all mistakes of a document come back at once', () => {
  const sent = {
    version: 3,
    kind: 'job',
    name: 5,
    hptunings: {},
    tags: ['a', 1],
    declarations: { a: null, b: { c: 1 } },
    hptuning: {
      concurency: 2,
      concurrency: 0,
      seed: 'x',
      bo: { n_iterations: 'many', utility_function: { acquisition_function: 'ucb', eta: 1 } },
      hyperband: { eta: 1, resource: { name: 'lr' } },
      matrix: { lr: { uniform: [1, 0] }, 'a b': { values: [] } },
      early_stopping: [{ value: 1 }, 5],
    },
    build: { build_steps: [1] },
    run: { cmd: '{{ x }} {{ lr() }}' },
  };

  assert.deepEqual(pathsOf(sent), [
    'version',
    'kind',
    'name',
    'tags[1]',
    'hptunings',
    'declarations.a',
    'declarations.b',
    'hptuning.concurrency',
    'hptuning.seed',
    'hptuning.early_stopping[0].metric',
    'hptuning.early_stopping[1]',
    'hptuning.concurency',
    'hptuning.bo',
    'hptuning.hyperband.max_iter',
    'hptuning.hyperband.eta',
    'hptuning.hyperband.resource.type',
    'hptuning.hyperband.metric',
    'hptuning.bo.n_initial_trials',
    'hptuning.bo.n_iterations',
    'hptuning.bo.metric',
    'hptuning.bo.utility_function.eta',
    'hptuning.bo.utility_function.kappa',
    'hptuning.matrix.lr.uniform',
    'hptuning.matrix.a b',
    'hptuning.matrix.a b.values',
    'hptuning.matrix.lr',
    'build.build_steps[0]',
    'run.cmd',
    'run.cmd',
  ]);
});

test('an unknown key comes with the nearest known one and all that are known', () => {
  const { mistakes } = readDocument(spec({ concurency: 2 }), { seed: SEED });

  assert.equal(mistakes[0]?.suggestion, 'concurrency');
  assert.match(
    mistakes[0]?.message ?? '',
    /^Unknown key "concurency"; did you mean "concurrency"\? Allowed here: .*early_stopping/,
  );
});

test('an unknown word comes with the nearest known one', () => {
  const metric = { name: 'a', optimization: 'maximise' };
  const { mistakes } = readDocument(spec({ grid_search: { metric } }), { seed: SEED });

  assert.equal(mistakes[0]?.suggestion, 'maximize');
  assert.match(mistakes[0]?.message ?? '', /"maximise".*minimize or maximize/);
});

test('a message shows what was sent, shortened, and what is allowed', () => {
  const messageOf = (hptuning: object) =>
    readDocument(spec(hptuning), { seed: SEED }).mistakes[0]?.message;

  assert.equal(
    messageOf({ concurrency: '2' }),
    'It is "2": it must be an integer from 1 to 1,000. Write it without quotes.',
  );
  assert.equal(
    messageOf({ lease_seconds: 5 }),
    'It is 5: it must be an integer from 10 to 604,800.',
  );
  assert.ok((messageOf({ dispatch: 'x'.repeat(1e5) })?.length ?? 0) < 200);
});

test('a document of mistakes alone is answered with a bounded number of them', () => {
  const rules = Array(100).fill(
    Object.fromEntries(Array.from('abcdefghijklmnopqrstuvwxyz', (key) => [key, 1])),
  );
  const { mistakes } = readDocument(spec({ early_stopping: rules }), { seed: SEED });

  assert.equal(mistakes.length, 1_001);
  assert.match(mistakes.at(-1)?.message ?? '', /mistakes more/);
});

test('a document that is no map is one mistake', () => {
  for (const sent of [null, undefined, 5, 'text', [], [{ version: 1 }]]) {
    assert.deepEqual(pathsOf(sent), ['']);
  }
});

test('a document may be as deep as the limit, not deeper, and its depth costs nothing', () => {
  const nested = (depth: number): unknown => {
    let value: unknown = 1;
    for (let i = 0; i < depth; i += 1) value = [value];
    return value;
  };

  documentOf(spec({}, { environment: nested(LIMITS.documentDepth - 1) }));
  assert.equal(pathsOf(spec({}, { environment: nested(LIMITS.documentDepth) })).length, 1);
  assert.equal(pathsOf(spec({}, { environment: nested(1e5) })).length, 1);
  assert.ok(pathsOf(spec({ matrix: { lr: { values: nested(1e5) } }, bo: nested(1e5) })).length > 0);
});

test('words of an enumeration are read in lower, upper and capitalised spelling only', () => {
  for (const optimization of ['minimize', 'MINIMIZE', 'Minimize']) {
    const { algorithm } = documentOf(
      spec({ random_search: { n_experiments: 1, metric: { name: 'a', optimization } } }),
    ).hptuning;
    assert.deepEqual(algorithm.metric, { name: 'a', optimization: 'minimize' });
  }
  for (const optimization of ['minImize', 'MiniMize', ' minimize', 'min']) {
    const metric = { name: 'a', optimization };
    assert.equal(pathsOf(spec({ grid_search: { metric } })).length, 1);
  }
});

test('a whole number may be written with a point, in YAML and in JSON', () => {
  const { document } = readText(
    'version: 1.0\nkind: group\nhptuning: {concurrency: 2.0, matrix: {lr: {values: [1]}}}',
  );

  assert.equal(document?.hptuning.concurrency, 2);
});

test('a field that is null counts as left out', () => {
  const { hptuning, ...document } = documentOf(
    spec(
      {
        ...{ concurrency: null, seed: null, early_stopping: null, lease_seconds: null },
        ...{ max_attempts: null, retry_failed: null, max_failures: null, dispatch: null },
        ...{ grid_search: null, constraints: null },
      },
      {
        name: null,
        description: null,
        tags: null,
        declarations: null,
        params: null,
        run: null,
        build: null,
      },
    ),
  );

  assert.deepEqual(hptuning, documentOf(spec()).hptuning);
  assert.equal(document.command, null);
});

test('a metric of the algorithm goes before those of early stopping', () => {
  const early_stopping = [{ metric: 'accuracy', value: 1 }];

  assert.deepEqual(documentOf(spec({ early_stopping })).hptuning.algorithm.metric, {
    name: 'accuracy',
    optimization: 'maximize',
  });
  assert.deepEqual(
    documentOf(spec({ early_stopping, grid_search: { metric: METRIC } })).hptuning.algorithm.metric,
    METRIC,
  );
});

test('params is another name of declarations', () => {
  const { declarations, command } = documentOf(
    spec({}, { params: { a: [1, 'x', true], b: -0 }, run: { cmd: '{{ a }} {{ b }}' } }),
  );

  assert.deepEqual(declarations, { a: [1, 'x', true], b: 0 });
  assert.ok(command);
  assert.equal(renderCommand(command, declarations), '[1,"x",true] 0');
});

test('the name of the resource is known to the command', () => {
  const { mistakes } = readDocument(
    spec({ hyperband: HYPERBAND }, { run: { cmd: '{{ epochs }} {{ lr }}' } }),
    { seed: SEED },
  );

  assert.deepEqual(mistakes, []);
});

test('names with mistakes elsewhere are no unknown names of the command', () => {
  const sent = spec(
    { matrix: { lr: { values: [] } } },
    { declarations: { a: null }, run: { cmd: '{{ a }} {{ lr }}' } },
  );

  assert.deepEqual(pathsOf(sent), ['declarations.a', 'hptuning.matrix.lr.values']);
});

test('what is not read is kept as it was sent', () => {
  const kept = {
    ...{ environment: { resources: { gpu: 1 } }, framework: 'pytorch', logging: { level: 'INFO' } },
    ...{ settings: [1], notifications: null, build: { image: 'x', any: [null] }, run: { any: 1 } },
  };

  assert.deepEqual(documentOf(spec({}, kept)).spec, spec({}, kept));
});

test('a key that names something on every object changes no object', () => {
  const sent: unknown = JSON.parse(
    `{"version": 1, "kind": "group", "__proto__": {"polluted": 1},
      "declarations": {"__proto__": 1, "constructor": 1, "prototype": 1},
      "hptuning": {"__proto__": {"concurrency": 9}, "constructor": 1,
                   "matrix": {"__proto__": {"values": [1]}, "constructor": {"values": [1]}}}}`,
  );
  const paths = pathsOf(sent);

  assert.deepEqual([...paths].sort(), [
    '__proto__',
    'declarations.__proto__',
    'declarations.constructor',
    'declarations.prototype',
    'hptuning.__proto__',
    'hptuning.constructor',
    'hptuning.matrix.__proto__',
    'hptuning.matrix.constructor',
  ]);
  assert.equal(Reflect.get({}, 'polluted'), undefined);
});

const word = fc.constantFrom(
  ...[
    'version',
    'kind',
    'hptuning',
    'matrix',
    'lr',
    'values',
    'uniform',
    'concurrency',
    'run',
    'cmd',
  ],
  ...['grid_search', 'bo', 'hyperband', 'metric', 'name', 'resource', 'early_stopping', 'build'],
  ...[
    'declarations',
    'utility_function',
    'acquisition_function',
    'build_steps',
    '__proto__',
    'x.y',
  ],
);

/** JSON with the words of a document in places of chance. */
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom<unknown>(1, 0, -1, 2.5, 'group', '0:1:5', 'ucb', true, null, '{{ lr }}', NaN),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(word, tie('tree'), { maxKeys: 6 }),
  ),
}));

test('anything is a document or has mistakes, and nothing is changed by reading it', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), tree), fc.boolean(), (sent, isWrapped) => {
      const value = isWrapped ? { version: 1, kind: 'group', hptuning: sent } : sent;
      const before = JSON.stringify(value);
      const { document, mistakes } = readDocument(value, { seed: SEED });

      assert.equal(document === null, mistakes.length > 0);
      assert.ok(mistakes.every(({ message }) => message.length < 600));
      assert.equal(JSON.stringify(value), before);
    }),
    { seed: 1, numRuns: 3_000 },
  );
});
