import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LIMITS } from '../../lib/domain/limits.ts';
import { parseMatrix } from '../../lib/matrix/parse.ts';
import { optionOf, REFERENCE } from './helpers.ts';

const PATH = 'hptuning.matrix';

const parse = (raw: unknown) => parseMatrix(raw, PATH);

/** The paths of the mistakes in one parameter, below that parameter's own path. */
const pathsOf = (raw: unknown): string[] =>
  parse({ x: raw }).mistakes.map(({ path }) => path.replace(`${PATH}.x`, ''));

const onlyMistake = (raw: unknown) => {
  const { mistakes } = parse(raw);
  assert.equal(mistakes.length, 1, JSON.stringify(mistakes));
  const [mistake] = mistakes;
  assert.ok(mistake);
  return mistake;
};

const FORMS: readonly { readonly forms: readonly unknown[]; readonly option: unknown }[] = [
  {
    forms: [
      { range: '0:10:2' },
      { range: ' 0 : 1e1 : +2.0 ' },
      { range: [0, 10, 2] },
      { range: ['0', '10', '2'] },
      { range: { step: '2', start: 0, stop: '1e1' } },
    ],
    option: { kind: 'range', start: 0, stop: 10, step: 2 },
  },
  {
    forms: [
      { linspace: '0:1:5' },
      { linspace: [0, 1, 5] },
      { linspace: { start: 0, stop: 1, num: 5.0 } },
    ],
    option: { kind: 'linspace', start: 0, stop: 1, num: 5 },
  },
  {
    forms: [{ logspace: '-4:-1:4' }, { logspace: [-4, -1, 4] }, { logspace: '-4:-1:4:10' }],
    option: { kind: 'logspace', start: -4, stop: -1, num: 4, base: 10 },
  },
  {
    forms: [
      { logspace: '-4:-1:4:2' },
      { logspace: [-4, -1, 4, '2'] },
      { logspace: { start: -4, stop: -1, num: 4, base: 2 } },
    ],
    option: { kind: 'logspace', start: -4, stop: -1, num: 4, base: 2 },
  },
  {
    forms: [{ geomspace: '1e-3:1:4' }, { geomspace: ['1e-3', 1, 4] }],
    option: { kind: 'geomspace', start: 0.001, stop: 1, num: 4 },
  },
  {
    forms: [
      { uniform: '0:.5' },
      { uniform: [-0, 0.5] },
      { uniform: '0:0.5:10' },
      { uniform: { low: 0, high: 0.5, size: null } },
      { uniform: { low: 0, high: 0.5, size: [2, 3] } },
    ],
    option: { kind: 'uniform', low: 0, high: 0.5 },
  },
  {
    forms: [
      { quniform: '0:1:0.1' },
      { quniform: [0, 1, 0.1, 7] },
      { quniform: { low: 0, high: 1, q: 0.1 } },
    ],
    option: { kind: 'quniform', low: 0, high: 1, q: 0.1 },
  },
  {
    forms: [{ loguniform: '-9:-1' }, { loguniform: { low: -9, high: -1 } }],
    option: { kind: 'loguniform', low: -9, high: -1 },
  },
  {
    forms: [{ qloguniform: '0:5:1' }, { qloguniform: { low: 0, high: 5, q: 1 } }],
    option: { kind: 'qloguniform', low: 0, high: 5, q: 1 },
  },
  {
    forms: [{ normal: '0:1' }, { normal: [0, 1, 5] }, { normal: { loc: 0, scale: 1, size: 5 } }],
    option: { kind: 'normal', loc: 0, scale: 1 },
  },
  {
    forms: [{ qnormal: '0:1:0.5' }, { qnormal: { loc: 0, scale: 1, q: 0.5 } }],
    option: { kind: 'qnormal', loc: 0, scale: 1, q: 0.5 },
  },
  {
    forms: [{ lognormal: '0:1' }, { lognormal: { loc: 0, scale: 1 } }],
    option: { kind: 'lognormal', loc: 0, scale: 1 },
  },
  {
    forms: [{ qlognormal: '0:1:2' }, { qlognormal: { loc: 0, scale: 1, q: 2 } }],
    option: { kind: 'qlognormal', loc: 0, scale: 1, q: 2 },
  },
  {
    forms: [{ values: [0.5, '1e-3', true, [], [1, 'a', false]] }],
    option: { kind: 'values', values: [0.5, '1e-3', true, [], [1, 'a', false]] },
  },
  {
    forms: [
      {
        pvalues: [
          ['elu', 0.4],
          [[1, 2], '6e-1'],
        ],
      },
    ],
    option: { kind: 'pvalues', values: ['elu', [1, 2]], probabilities: [0.4, 0.6] },
  },
];

for (const { forms, option } of FORMS) {
  for (const raw of forms) {
    test(`${JSON.stringify(raw)} is read in its normal form`, () => {
      assert.deepEqual(optionOf(raw), option);
    });
  }
}

/** What is wrong in one parameter, and where: one path for each mistake. */
const MISTAKES: readonly (readonly [unknown, readonly string[]])[] = [
  [{ range: [5, 1, 1] }, ['.range']],
  [{ range: [1, 1, 1] }, ['.range']],
  [{ range: [0, 1, 0] }, ['.range[2]']],
  [{ range: [0, 1, -0.1] }, ['.range[2]']],
  [{ range: '0:1:0' }, ['.range']],
  [{ range: { start: 0, stop: 1, step: 0 } }, ['.range.step']],
  [{ range: ['a', null, true] }, ['.range[0]', '.range[1]', '.range[2]']],
  [{ range: '0:1' }, ['.range']],
  [{ range: '0:1:0.1:5' }, ['.range']],
  [{ range: '' }, ['.range']],
  [{ range: [] }, ['.range']],
  [{ range: null }, ['.range']],
  [{ range: 7 }, ['.range']],
  [{ range: {} }, ['.range.start', '.range.stop', '.range.step']],
  [{ range: { start: 0, stop: 1, step: 0.1, size: 3 } }, ['.range.size']],
  [{ range: { start: 0, stpo: 1, step: -1 } }, ['.range.stpo', '.range.stop', '.range.step']],
  [{ range: [0, Number.POSITIVE_INFINITY, 1] }, ['.range[1]']],
  [{ range: ['nan', 1, '1e999'] }, ['.range[0]', '.range[2]']],
  [{ range: ['0x10', '1_000', '1.'] }, ['.range[0]', '.range[1]']],
  [{ range: '0:1e300:1e-300' }, ['.range']],
  [{ range: '0:1:1e-320' }, ['.range']],
  [{ linspace: [0, 1, 0] }, ['.linspace[2]']],
  [{ linspace: [0, 1, 2.5] }, ['.linspace[2]']],
  [{ linspace: [0, 1, -3] }, ['.linspace[2]']],
  [{ linspace: [2, 1, 0.5] }, ['.linspace', '.linspace[2]']],
  [{ linspace: '-1.7e308:1.7e308:3' }, ['.linspace']],
  [{ logspace: [0, -1, 3] }, ['.logspace']],
  [{ logspace: [0, 1, 3, 0] }, ['.logspace[3]']],
  [{ logspace: { start: 0, stop: 1, num: 3, base: -2 } }, ['.logspace.base']],
  [{ logspace: '0:400:3' }, ['.logspace']],
  [{ logspace: '-400:0:3' }, ['.logspace']],
  [{ geomspace: [0, 1, 3] }, ['.geomspace']],
  [{ geomspace: [-1, 0, 3] }, ['.geomspace']],
  [{ geomspace: [-1, 1, 3] }, ['.geomspace']],
  [{ uniform: [1, 1] }, ['.uniform']],
  [{ uniform: [1, 0] }, ['.uniform']],
  [{ uniform: [0] }, ['.uniform']],
  [{ uniform: [0, 1, 0.1] }, ['.uniform[2]']],
  [{ uniform: [0, 1, 0] }, ['.uniform[2]']],
  [{ uniform: { low: 0, high: 1, q: 0.1 } }, ['.uniform.q']],
  [{ uniform: '-1e308:1e308' }, ['.uniform']],
  [{ quniform: [0, 1, 0] }, ['.quniform[2]']],
  [{ quniform: [0, 1, -1] }, ['.quniform[2]']],
  [{ quniform: [1, 2, 5] }, ['.quniform']],
  [{ quniform: [0.31, 0.39, 0.1] }, ['.quniform']],
  [{ quniform: [0, 1, 1e-20] }, ['.quniform[2]']],
  [{ loguniform: '0:710' }, ['.loguniform']],
  [{ loguniform: '-800:0' }, ['.loguniform']],
  [{ loguniform: '0:1e-300' }, ['.loguniform']],
  [{ qloguniform: '0:1:5' }, ['.qloguniform']],
  [{ qloguniform: '0:800:5' }, ['.qloguniform']],
  [{ normal: [0, 0] }, ['.normal[1]']],
  [{ normal: [0, -1] }, ['.normal[1]']],
  [{ qnormal: [0, 0, 0] }, ['.qnormal[1]', '.qnormal[2]']],
  [{ lognormal: [800, 1] }, ['.lognormal[0]']],
  [{ qlognormal: [-800, 1, 1] }, ['.qlognormal[0]']],
  [{ values: [] }, ['.values']],
  [{ values: 0.5 }, ['.values']],
  [{ values: '1:2:3' }, ['.values']],
  [{ values: {} }, ['.values']],
  [{ values: null }, ['.values']],
  [{ values: [null, 1, Number.NaN] }, ['.values[0]', '.values[2]']],
  [{ values: [{ uniform: [0, 1] }] }, ['.values[0]']],
  [{ values: [[1, [2]], [null]] }, ['.values[0][1]', '.values[1][0]']],
  [{ values: [Number.NEGATIVE_INFINITY] }, ['.values[0]']],
  [{ pvalues: [] }, ['.pvalues']],
  [{ pvalues: ['a', ['b'], ['c', 0.1, 0.2]] }, ['.pvalues[0]', '.pvalues[1]', '.pvalues[2]']],
  [
    {
      pvalues: [
        ['a', 1.1],
        ['b', -0.1],
      ],
    },
    ['.pvalues[0][1]', '.pvalues[1][1]'],
  ],
  [{ pvalues: [[null, 'x']] }, ['.pvalues[0][0]', '.pvalues[0][1]']],
  [
    {
      pvalues: [
        ['a', 0.6],
        ['b', 0.6],
      ],
    },
    ['.pvalues'],
  ],
  [
    {
      pvalues: [
        ['a', 0],
        ['b', 0],
      ],
    },
    ['.pvalues'],
  ],
  [{}, ['']],
  [null, ['']],
  [0.1, ['']],
  [[0.1, 0.2], ['']],
  [{ uniforn: [0, 1] }, ['.uniforn']],
  [{ matrix: { y: { values: [1] } } }, ['.matrix']],
  [{ values: [1], uniform: [0, 1] }, ['']],
  [{ values: [], uniform: [1, 0], foo: 1 }, ['.foo', '', '.values', '.uniform']],
];

for (const [raw, paths] of MISTAKES) {
  const where = paths.map((path) => path || 'the parameter').join(', ');
  test(`${JSON.stringify(raw)} has mistakes at ${where}`, () => {
    assert.deepEqual(pathsOf(raw), paths);
    assert.deepEqual(parse({ x: raw }).matrix, []);
  });
}

test('a message says what is wrong, the value, what is allowed and what to do', () => {
  assert.deepEqual(onlyMistake({ lr: { range: ['ten', 20, 1] } }), {
    path: 'hptuning.matrix.lr.range[0]',
    message: 'start is "ten": it must be a finite number, as in 0.1 or 1e-3.',
  });
  assert.deepEqual(onlyMistake({ lr: { linspace: '5:1:3' } }), {
    path: 'hptuning.matrix.lr.linspace',
    message: 'start is 5 and stop is 1: start must be below stop. Swap them.',
  });
});

test('an unknown option or key comes with the nearest known one', () => {
  const option = onlyMistake({ lr: { Uniforms: [0, 1] } });
  assert.equal(option.suggestion, 'uniform');
  assert.match(option.message, /nearest one is uniform/);

  const [key] = parse({ lr: { range: { start: 0, stop: 1, stp: 1 } } }).mistakes;
  assert.equal(key?.path, 'hptuning.matrix.lr.range.stp');
  assert.equal(key?.suggestion, 'step');
});

test('a third number of uniform that cannot be a size is not ignored, since it looks like q', () => {
  const { message } = onlyMistake({ lr: { uniform: '0:1:0.1' } });

  assert.match(message, /with a q in front/);
});

test('mistakes of all parameters come at once, and the parameters without any are kept in order', () => {
  const { matrix, mistakes } = parse({
    b: { values: [1] },
    a: { uniform: [1, 0] },
    d: { uniform: [0, 1] },
    c: { rnge: '0:1:1' },
  });

  assert.deepEqual(
    matrix.map(({ name }) => name),
    ['b', 'd'],
  );
  assert.deepEqual(
    mistakes.map(({ path }) => path),
    [`${PATH}.a.uniform`, `${PATH}.c.rnge`],
  );
});

for (const raw of [null, undefined, 5, 'lr', [], [{ lr: { values: [1] } }], {}]) {
  test(`${JSON.stringify(raw)} is no matrix`, () => {
    assert.equal(onlyMistake(raw).path, PATH);
  });
}

const NAMES = ['lr', '_', 'A.b-c_9', 'x'.repeat(64)];
const NO_NAMES = [
  '',
  '1x',
  '-x',
  '.x',
  'a b',
  'a:b',
  'é',
  'x'.repeat(65),
  'prototype',
  'constructor',
  '__proto__',
];

for (const name of NAMES) {
  test(`a parameter may be called ${name}`, () => {
    assert.deepEqual(parse({ [name]: { values: [1] } }).mistakes, []);
  });
}

for (const name of NO_NAMES) {
  test(`a parameter may not be called ${JSON.stringify(name)}`, () => {
    const raw: unknown = JSON.parse(`{${JSON.stringify(name)}: {"values": [1]}}`);

    assert.ok(onlyMistake(raw).path.startsWith(`${PATH}.`));
  });
}

test('a reserved word as an option or a key is unknown, and changes no prototype', () => {
  const raw: unknown = JSON.parse(
    '{"x": {"__proto__": {"values": [1]}}, "y": {"range": {"__proto__": 1, "constructor": 2, "start": 0, "stop": 1, "step": 1}}}',
  );

  assert.deepEqual(
    parse(raw).mistakes.map(({ path }) => path),
    [`${PATH}.x.__proto__`, `${PATH}.y.range.__proto__`, `${PATH}.y.range.constructor`],
  );
});

const ordinal = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** Documents of a size, each with the largest size that is legal. */
const SIZES: readonly { name: string; limit: number; of: (size: number) => unknown }[] = [
  {
    name: 'parameters',
    limit: LIMITS.parameters,
    of: (n) => Object.fromEntries(ordinal(n).map((i) => [`p${i}`, { values: [1] }])),
  },
  { name: 'values', limit: LIMITS.listedValues, of: (n) => ({ x: { values: ordinal(n) } }) },
  {
    name: 'pvalues',
    limit: LIMITS.listedValues,
    of: (n) => ({ x: { pvalues: ordinal(n).map((i) => [i, 1 / n]) } }),
  },
  {
    name: 'values of a range',
    limit: LIMITS.listedValues,
    of: (n) => ({ x: { range: [0, n, 1] } }),
  },
  {
    name: 'values of linspace',
    limit: LIMITS.listedValues,
    of: (n) => ({ x: { linspace: [0, 1, n] } }),
  },
  {
    name: 'values of logspace',
    limit: LIMITS.listedValues,
    of: (n) => ({ x: { logspace: [0, 2, n] } }),
  },
  {
    name: 'values of geomspace',
    limit: LIMITS.listedValues,
    of: (n) => ({ x: { geomspace: [1, 2, n] } }),
  },
  {
    name: 'items of a list in a list',
    limit: LIMITS.itemValues,
    of: (n) => ({ x: { values: [ordinal(n)] } }),
  },
  {
    name: 'characters of a string',
    limit: LIMITS.stringCharacters,
    of: (n) => ({ x: { values: ['a'.repeat(n)] } }),
  },
];

for (const { name, limit, of } of SIZES) {
  test(`${limit} ${name} are legal and ${limit + 1} are not`, () => {
    assert.deepEqual(parse(of(limit)).mistakes, []);
    assert.match(onlyMistake(of(limit + 1)).message, new RegExp(String(limit)));
  });
}

test('of very many wrong items the first hundred are named and the others counted', () => {
  const { mistakes } = parse({ x: { values: Array.from({ length: 500 }, () => null) } });

  assert.equal(mistakes.length, 101);
  assert.equal(mistakes[99]?.path, `${PATH}.x.values[99]`);
  assert.match(mistakes[100]?.message ?? '', /^400 more items/);
});

test('logspace with bounds that look like values warns with what results and what to write', () => {
  const { mistakes, warnings } = parse({ lr: { logspace: '0.01:0.1:5' } });

  assert.deepEqual(mistakes, []);
  assert.deepEqual(warnings, [
    {
      path: 'hptuning.matrix.lr.logspace',
      code: 'logspace_bounds',
      message:
        'logspace takes exponents: 0.01:0.1:5 gives values from 1.0233 to 1.2589. For values from 0.01 to 0.1 you probably want geomspace 0.01:0.1:5, which is logspace -2:-1:5.',
    },
  ]);
});

test('loguniform with bounds that look like values warns with what results and what to write', () => {
  const { warnings } = parse({ lr: { loguniform: '0.01:0.1' } });

  assert.deepEqual(
    warnings.map(({ code, path }) => [code, path]),
    [['loguniform_bounds', 'hptuning.matrix.lr.loguniform']],
  );
  assert.match(warnings[0]?.message ?? '', /1\.0101 to 1\.1052.*-4\.6052:-2\.3026/);
});

test('probabilities that add up to less than 1 warn with their sum and the shares', () => {
  const { warnings } = parse({
    act: {
      pvalues: [
        ['relu', 0.1],
        ['sigmoid', 0.8],
      ],
    },
  });

  assert.deepEqual(
    warnings.map(({ code, path }) => [code, path]),
    [['pvalues_sum', 'hptuning.matrix.act.pvalues']],
  );
  assert.match(warnings[0]?.message ?? '', /0\.9.*"relu" 0\.1111, "sigmoid" 0\.8889/);
});

const SILENT = [
  { logspace: '-4:-1:4' },
  { logspace: '0:1:4' },
  { logspace: '-0.5:0.5:4' },
  { logspace: '0.5:1.5:4' },
  { logspace: '1:3:4:2' },
  { loguniform: '-9:-1' },
  { loguniform: '0:1' },
  { loguniform: '0.5:5' },
  { pvalues: Array.from({ length: 10 }, (_, i) => [i, 0.1]) },
  {
    pvalues: [
      ['a', 1 / 3],
      ['b', 1 / 3],
      ['c', 1 / 3],
    ],
  },
  {
    pvalues: [
      ['a', 0.5],
      ['b', 0.5 + 9e-10],
    ],
  },
];

for (const raw of SILENT) {
  test(`${JSON.stringify(raw)} warns of nothing`, () => {
    const { mistakes, warnings } = parse({ x: raw });

    assert.deepEqual([mistakes, warnings], [[], []]);
  });
}

test('the examples of the reference page have no mistake', () => {
  const { mistakes, warnings, matrix } = parse({
    ...REFERENCE,
    learning_rate: { uniform: [0, 0.9] },
  });

  assert.deepEqual(mistakes, []);
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['logspace_bounds'],
  );
  assert.equal(matrix.length, 5);
});

const word = fc.oneof(
  fc.constantFrom(
    ...['values', 'pvalues', 'range', 'linspace', 'logspace', 'geomspace', 'uniform'],
  ),
  fc.constantFrom(...['quniform', 'loguniform', 'qloguniform', 'normal', 'qnormal', 'qlognormal']),
  fc.constantFrom('start', 'stop', 'step', 'num', 'low', 'high', 'q', 'loc', 'scale', '__proto__'),
  fc.string(),
);
const leaf = fc.oneof(
  fc.constantFrom<unknown>(null, true, '0:1:2', '0:1', '-1:1:0.1', 'a', '1e-3', 0, 1, 2, -1, 0.5),
  fc.double(),
  fc.string(),
);
const { tree } = fc.letrec<{ tree: unknown; list: unknown[]; map: unknown }>((tie) => ({
  tree: fc.oneof({ depthSize: 'small' }, leaf, tie('list'), tie('map')),
  list: fc.array(tie('tree'), { maxLength: 4 }),
  map: fc.dictionary(word, tie('tree'), { maxKeys: 4 }),
}));

test('whatever is sent is read without an exception, and every mistake has a path and a message', () => {
  fc.assert(
    fc.property(
      fc.oneof(tree, fc.anything(), fc.dictionary(word, fc.dictionary(word, tree))),
      (raw) => {
        const { matrix, mistakes, warnings } = parse(raw);

        for (const { path, message } of [...mistakes, ...warnings]) {
          assert.ok(path.startsWith(PATH) && message.length > 10);
          assert.ok(path.length < 600 && message.length < 1000);
        }
        assert.ok(mistakes.length > 0 || matrix.length > 0);
      },
    ),
    { seed: 1, numRuns: 3000 },
  );
});
