import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileCommand, renderCommand } from '../../lib/contract/command.ts';
import { LIMITS } from '../../lib/domain/limits.ts';
import type { Value } from '../../lib/domain/values.ts';

type Context = Readonly<Record<string, Value>>;

const CONTEXT: Context = {
  lr: 0.1,
  batch_size: 128,
  'learning-rate': 0.01,
  'model.lr': 1e-7,
  shuffle: true,
  layers: [64, 32],
  activation: 'relu',
  phrase: "it's <a> & b",
  flat: false,
  tiny: 1e-7,
  huge: 1e21,
  zero: -0,
};

const compile = (source: string, context: Context = CONTEXT) =>
  compileCommand(source, new Set(Object.keys(context)), 'run.cmd');

const render = (source: string, context: Context = CONTEXT): string => {
  const compiled = compile(source, context);
  assert.ok(compiled.ok, JSON.stringify(compiled));
  return renderCommand(compiled.value, context);
};

const mistakesOf = (source: string) => {
  const compiled = compile(source);
  assert.ok(!compiled.ok, `accepted: ${source}`);
  return compiled.fault;
};

const RENDERED: readonly (readonly [string, string])[] = [
  ['train', 'train'],
  ['--lr={{ lr }}', '--lr=0.1'],
  ['{{lr}}{{ lr}}{{lr }}{{\tlr\n}}', '0.10.10.10.1'],
  ['{{ learning-rate }} {{ model.lr }}', '0.01 1e-7'],
  ['{{ shuffle }} {{ flat }}', 'true false'],
  ['{{ layers }}', '[64,32]'],
  ['{{ phrase }}', "it's <a> & b"],
  ['{{ huge }} {{ tiny }} {{ zero }}', '1e+21 1e-7 0'],
  ['{{ activation | upper }}', 'RELU'],
  ['{{ activation|upper|lower }}', 'relu'],
  ['{{ batch_size | float }}', '128'],
  ['{{ lr | int }}', '0'],
  ['{{ lr | round(1) }} {{ lr | round }}', '0.1 0'],
  ['{{ lr | round(0, "ceil") }}', '1'],
  ['{{ phrase | tojson }}', '"it\\u0027s \\u003ca\\u003e \\u0026 b"'],
  ['{{ missing | default(3) }}', '3'],
  ['{{ missing | default(-3) }}', '-3'],
  ['{{ missing | default(1e-3) }}', '0.001'],
  ['{{ missing | default(2.50) }}', '2.5'],
  ['{{ missing | default("a b") }}', 'a b'],
  ["{{ missing | default('}}') }}", '}}'],
  ["{{ missing | default('it\\'s\\n\\\\ \\d') }}", "it's\n\\ \\d"],
  ['{{ missing | default(true) }} {{ missing | default(False) }}', 'true false'],
  ['{{ missing | default("x", true) | upper }}', 'X'],
  ['{{ flat | default("x") }} {{ flat | default("x", true) }}', 'false x'],
  ['{{ constructor | default(1) }}{{ __proto__ | default(2) }}', '12'],
];

for (const [source, command] of RENDERED) {
  test(`the command ${JSON.stringify(source)} renders as ${JSON.stringify(command)}`, () => {
    assert.equal(render(source), command);
  });
}

const KEPT: readonly string[] = [
  '  two  blanks\tand a tab  \n',
  'a\\ b \\n \\',
  'awk "{print $1}" }} %} #} { { } {',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's, not JavaScript's
  'echo ${#files[@]} ${HOME} $((1+2)) `date`',
  '{"a": {"b": 1}}',
  'ünïcödé 🙂',
];

for (const source of KEPT) {
  test(`text without placeholders is kept as it is: ${JSON.stringify(source)}`, () => {
    assert.equal(render(source), source);
  });
}

const JOINED: readonly (readonly [string, string])[] = [
  ['a \\\nb', 'a b'],
  ['a\\\n  b', 'a  b'],
  ['a \\ \t\nb \\\r\nc', 'a b c'],
  ['a \\\\\nb', 'a \\\\\nb'],
  ['a \\\\\\\nb', 'a \\\\b'],
  ['{{ lr }} \\\n{{ lr }}', '0.1 0.1'],
  ['a\nb', 'a\nb'],
];

for (const [source, command] of JOINED) {
  test(`lines are joined where the shell joins them: ${JSON.stringify(source)}`, () => {
    assert.equal(render(source), command);
  });
}

const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['{{ lr.real }}', /called "lr\.real"/],
  ['{{ lr | default.x }}', /no filter default\.x/],
  ['{{ lr["a"] }}', /an attribute or a subscript is not allowed/],
  ['{{ lr() }}', /a call is not allowed/],
  ['{{ a.constructor.constructor("return process")() }}', /a call is not allowed/],
  ['{{ lr + 1 }}', /an operator is not allowed/],
  ['{{ lr * 2 | int }}', /an operator is not allowed/],
  ['{{ lr ** 2 }}', /an operator is not allowed/],
  ['{{ lr ~ "x" }}', /an operator is not allowed/],
  ['{{ -lr }}', /an operator is not allowed/],
  ['{{ not lr }}', /an operator is not allowed/],
  ['{{ lr and lr }}', /an operator is not allowed/],
  ['{{ lr == 1 }}', /an operator is not allowed/],
  ['{{ lr is defined }}', /a test is not allowed/],
  ['{{ lr if shuffle else 1 }}', /a condition is not allowed/],
  ['{{ [lr] }}', /a list is not allowed/],
  ['{{ {"a": lr} }}', /a map is not allowed/],
  ['{{ "text" }}', /a string is not allowed/],
  ['{{ 1 }}', /a number is not allowed/],
  ['{{ (lr) }}', /parentheses/],
  ['{{ lr | default((1)) }}', /parentheses/],
  ['{{ lr | default(lr) }}', /a name is not allowed as an argument/],
  ['{{ lr | default([1]) }}', /a list is not allowed as an argument/],
  ['{{ lr | default(1 + 1) }}', /an operator is not allowed as an argument/],
  ['{{ lr | default(f()) }}', /a call is not allowed as an argument/],
  ['{{ lr | default(value=1) }}', /a named argument is not allowed/],
  ['{{ lr | default(*layers) }}', /an unpacked argument is not allowed/],
  ['{{ lr | default(1e999) }}', /not allowed as an argument/],
  ['{{ lr | default(1 2) }}', /1 and 2 stand side by side/],
  ['{{ lr | default }}', /write default\(x\)/],
  ['{{ lr | int("a") }}', /write int/],
  ['{{ lr | round(-1) }}', /write round/],
  ['{{ lr | round(1.5) }}', /write round/],
  ['{{ lr | round(21) }}', /write round/],
  ['{{ lr | round(1, "half") }}', /write round/],
  ['{{ lr | round(1, "constructor") }}', /write round/],
  ['{{ lr | upper(1) }}', /write upper/],
  ['{{ lr | rond }}', /did you mean round\?/],
  ['{{ lr | constructor }}', /no filter constructor/],
  ['{{ lr | map("x") }}', /no filter map/],
  ['{{ lr | }}', /no expression/],
  ['{{ | int }}', /no expression/],
  ['{{ }}', /no expression/],
  ['{{ lr lr }}', /no expression/],
  ['{{ lr, lr }}', /no expression/],
  ['{{ $lr }}', /\$ is not allowed/],
  ['{{ lr; }}', /; is not allowed/],
  ["{{ lr | default('x) }}", /' is not allowed/],
  ['{{- lr -}}', /an operator is not allowed|no expression/],
  ['{{ lr', /the closing }} is missing/],
  ['{{ lr }', /the closing }} is missing/],
  ['a {{{ lr }}}', /no expression/],
  ['{% set a = 1 %}', /A statement/],
  ['{% for i in range(9) %}x{% endfor %}', /A statement/],
  ['a {# note #}', /A comment/],
  ['', /blank/],
  [' \n', /blank/],
  ['a\0b', /NUL/],
];

for (const [source, message] of REFUSED) {
  test(`the command ${JSON.stringify(source)} is refused`, () => {
    const [mistake] = mistakesOf(source);

    assert.ok(mistake);
    assert.match(mistake.message, message);
    assert.equal(mistake.path, 'run.cmd');
  });
}

test('a name that nobody gives a value is a mistake with the nearest name', () => {
  const [mistake, ...more] = mistakesOf('--lr={{ learning_rate }}');

  assert.deepEqual(more, []);
  assert.equal(mistake?.suggestion, 'learning-rate');
  assert.match(mistake?.message ?? '', /\{\{ learning_rate \}\}.*did you mean "learning-rate"\?/);
});

test('a name without a value needs default as its first filter', () => {
  assert.equal(mistakesOf('{{ missing | upper | default(1) }}').length, 1);
});

test('a dash in a name is never minus, and a dot never an attribute', () => {
  const context = { lr: 5, rate: 3, 'lr-rate': 1, a: 2, 'a.b': 4 };

  assert.equal(render('{{ lr-rate }} {{ a.b }}', context), '1 4');
  assert.equal(compileCommand('{{ lr-rate }}', new Set(['lr', 'rate']), '').ok, false);
  assert.equal(compileCommand('{{ a.b }}', new Set(['a', 'b']), '').ok, false);
});

test('every mistake of a command is answered at once', () => {
  const mistakes = mistakesOf('{{ a }} {{ lr() }} {% x %} {{ lr }} {{ b }} {{ "');

  assert.equal(mistakes.length, 5);
});

test('what a value contains is never read as a placeholder', () => {
  assert.equal(render('{{ a }}', { a: '{{ b }}', b: 'no' }), '{{ b }}');
});

const ENDLESS: readonly string[] = [
  ...['{{', '{{ ', '{{ a', '{{ (', '{{ [', '{{ -', '{{ not ', '{{ lr|', '{{ "', "{{ '\\"],
  ...['{{ a }}', '{{ lr() }}', '{{ "}}', '{{ "a }} ', '{%', '{#', '\\', '\\ ', '{{ lr | default('],
];

for (const unit of ENDLESS) {
  test(`a command of nothing but ${JSON.stringify(unit)} is answered with few mistakes`, () => {
    const compiled = compile(unit.repeat(LIMITS.bodyBytes / unit.length));

    assert.ok(compiled.ok || compiled.fault.length <= 50);
  });
}

test('any text is compiled or refused, and renders when it is compiled', () => {
  const piece = fc.constantFrom(
    '{{',
    '}}',
    ' ',
    'lr',
    '|',
    'int',
    '(',
    ')',
    '"',
    "'",
    '1',
    ',',
    '-',
  );
  const source = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('')),
    fc.array(piece, { maxLength: 8 }).map((pieces) => `{{ lr ${pieces.join('')} }}`),
  );
  fc.assert(
    fc.property(source, (text) => {
      const compiled = compile(text);

      if (compiled.ok) assert.equal(typeof renderCommand(compiled.value, CONTEXT), 'string');
      else assert.ok(compiled.fault.length > 0);
    }),
    { seed: 1, numRuns: 3_000 },
  );
});

test('a number is rendered as the same number', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
      assert.equal(Number(render('{{ x }}', { x })), x + 0);
    }),
  );
});
