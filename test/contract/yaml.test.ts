import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { parseYaml } from '../../lib/contract/yaml.ts';
import { LIMITS } from '../../lib/domain/limits.ts';

const read = (text: string): unknown => {
  const result = parseYaml(text);
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
};

const mistakeOf = (text: string) => {
  const result = parseYaml(text);
  assert.ok(!result.ok, JSON.stringify(result));
  return result.fault;
};

const READ: readonly (readonly [string, string, unknown])[] = [
  ['an empty text is null', '', null],
  ['comments alone are null', '# nothing\n', null],
  ['a document may begin with dashes', '---\na: 1', { a: 1 }],
  ['a document may end with dots', 'a: 1\n...\n', { a: 1 }],
  ['a byte order mark is skipped', '\ufeffa: 1', { a: 1 }],
  ['a document may say that it is YAML 1.2', '%YAML 1.2\n---\na: yes', { a: 'yes' }],
  ['JSON is YAML', '{"a": [1, "x", true, null, 1e-3]}', { a: [1, 'x', true, null, 0.001] }],
  ['dates stay strings', 'a: 2024-02-29', { a: '2024-02-29' }],
  ['times in base 60 stay strings', 'a: 12:30:45', { a: '12:30:45' }],
  ['yes, no, on and off stay strings', '[yes, no, on, off]', ['yes', 'no', 'on', 'off']],
  ['a leading zero is decimal', 'a: 012', { a: 12 }],
  ['octal and hexadecimal are read', '[0o14, 0x1F]', [12, 31]],
  ['thousands are not grouped', 'a: 1_000', { a: '1_000' }],
  ['tags of the core schema are read', 'a: !!str 1', { a: '1' }],
  ['numbers as keys are the text as written', '0.10: x\ntrue: y', { '0.10': 'x', true: 'y' }],
  ['an alias is what its anchor last was', '[&a 1, *a, &a 2, *a]', [1, 1, 2, 2]],
  [
    'an alias inside an anchor keeps what it was there',
    '- &y 1\n- &x [*y]\n- &y 2\n- *x\n- *y',
    [1, [1], 2, [1], 2],
  ],
  ['not a number and infinity are numbers here', '[.nan, -.inf]', [Number.NaN, -Infinity]],
  ['a quoted << is a string like any other', '"<<": 1', { '<<': 1 }],
];

for (const [title, text, value] of READ) {
  test(`of YAML, ${title}`, () => {
    assert.deepEqual(read(text), value);
  });
}

const REFUSED: readonly (readonly [string, string, RegExp, number, number])[] = [
  ['a second document', 'a: 1\n---\nb: 2', /second document/, 2, 1],
  ['an empty second document', 'a: 1\n---\n', /second document/, 2, 1],
  ['a key that stands twice', 'a: 1\nb: 2\na: 3', /"a" stands twice/, 3, 1],
  ['a key that stands twice once it is text', '1: a\n"1": b', /"1" stands twice/, 2, 1],
  ['a tag of its own', 'a: !python/object b', /[Tt]ag/, 1, 4],
  ['a tag of YAML 1.1', 'a: !!binary aGk=', /binary/, 1, 4],
  ['a set', 'x: 1\na: !!set {b, c}', /set/, 2, 4],
  ['a merge key', 'a: &a {b: 1}\nc:\n  <<: *a', /merge keys/, 3, 3],
  ['a list as a key', '? [a]\n: b', /key must be/, 1, 3],
  ['a map as a key', '{{a: 1}: b}', /key must be/, 1, 2],
  ['null as a key', '~: b', /key must be/, 1, 1],
  ['an alias as a key', 'a: &x b\n*x : c', /key must be/, 2, 1],
  ['__proto__ as a key', 'a:\n  - {b: 1, __proto__: {c: 1}}', /__proto__/, 2, 12],
  ['__proto__ as a quoted key', '"__proto__": 1', /__proto__/, 1, 1],
  ['an alias without an anchor', 'a: *x', /no anchor &x/, 1, 4],
  ['an alias inside its own anchor', 'a: &x [*x]', /inside its own anchor/, 1, 8],
  ['a list without an end', 'a: [1, 2', /end with a \]/, 1, 9],
  ['a string without an end', 'a: "x', /closing "quote/, 1, 6],
  ['a tab as indentation', 'a:\n\t- b', /[Tt]abs/, 2, 1],
  ['two colons in one line', 'a: b: c', /mapping/i, 1, 4],
  ['YAML 1.1', '%YAML 1.1\n---\na: yes', /1\.1/, 1, 1],
  ['YAML 1.3', '%YAML 1.3\n---\na: yes', /1\.3/, 1, 7],
];

for (const [title, text, message, line, column] of REFUSED) {
  test(`${title} is refused with its place`, () => {
    const fault = mistakeOf(text);

    assert.match(fault.message, message);
    assert.deepEqual([fault.line, fault.column], [line, column]);
  });
}

test('as many aliases as the limit are expanded, one more is refused', () => {
  const text = (count: number) => `a: &a 1\nb: [${Array(count).fill('*a').join(', ')}]`;

  assert.ok(parseYaml(text(LIMITS.yamlAliases)).ok);
  assert.match(mistakeOf(text(LIMITS.yamlAliases + 1)).message, /more than 100 aliases/);
});

test('aliases inside aliases count each time they are expanded', () => {
  const bomb = Array.from('bcdefghi', (name, index) => {
    const inner = 'abcdefgh'.slice(index, index + 1);
    return `${name}: &${name} [${Array(9).fill(`*${inner}`).join(', ')}]`;
  });

  assert.match(mistakeOf(['a: &a [x, x]', ...bomb].join('\n')).message, /more than 100 aliases/);
});

test('what few aliases make too large is refused', () => {
  const text = `a: &a "${'x'.repeat(LIMITS.bodyBytes / 2)}"\nb: [*a, *a]`;

  assert.match(mistakeOf(text).message, /aliases written out/);
});

test('a document may be as deep as the limit, not deeper', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const block = (depth: number) => `${'- '.repeat(depth)}x`;

  assert.ok(parseYaml(nested(LIMITS.documentDepth)).ok);
  assert.ok(parseYaml(block(LIMITS.documentDepth)).ok);
  assert.match(mistakeOf(nested(LIMITS.documentDepth + 1)).message, /deeper than 32/);
  assert.match(mistakeOf(block(LIMITS.documentDepth + 1)).message, /deeper than 32/);
});

test('aliases do not make a document deeper than the limit', () => {
  const half = '['.repeat(20);
  const text = `a: &a ${half}${']'.repeat(20)}\nb: ${half}*a${']'.repeat(20)}`;

  assert.match(mistakeOf(text).message, /deeper than 32/);
});

const filled = (unit: string, start = '') => {
  const count = Math.ceil((LIMITS.bodyBytes - start.length) / unit.length);
  return `${start}${unit.repeat(count)}`.slice(0, LIMITS.bodyBytes);
};

/** Texts of the largest size whose structure has no end. */
const HOSTILE: readonly string[] = [
  ...['[', '{', '[{', '- ', '? ', 'a: ', '- ? ', '"', '"" ', "'' ", '*a ', '&a ', '!a '].map(
    (unit) => filled(unit),
  ),
  ...[']', '[]', '---\n', '...\n', '%a\n', '\n', '# a\n', 'a: 1\n', 'a:\n ', '-\n'].map((unit) =>
    filled(unit),
  ),
  ...['[', ','].map((unit) => filled(unit, 'a: [')),
  filled('*a,', 'a: &a 1\nb: ['),
  filled('\\u', '"'),
  filled('>', 'a: '),
  filled('!!str ', 'a: '),
];

test('a text of endless structure is answered with one short mistake or a value', () => {
  for (const text of HOSTILE) {
    const result = parseYaml(text);

    assert.ok(result.ok || result.fault.message.length <= 300, text.slice(0, 20));
  }
});

test('a value is the same after it was written and read', () => {
  // Not in question here: what is legal JSON and refused all the same.
  const json = fc.jsonValue({ maxDepth: 5 }).filter((value) => {
    const text = JSON.stringify(value);
    return !text.includes('__proto__') && JSON.stringify(JSON.parse(text)) === text;
  });
  fc.assert(
    fc.property(json, (value) => {
      const sent: unknown = JSON.parse(JSON.stringify(value));

      assert.deepEqual(read(JSON.stringify(sent)), sent);
      assert.deepEqual(read(stringify(sent, { aliasDuplicateObjects: false })), sent);
    }),
    { seed: 1 },
  );
});

test('any text is read or refused with a place inside it', () => {
  const piece = fc.constantFrom('a', ': ', '- ', '\n', '  ', '[', ']', '{', '}', '"', "'", '&a ');
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 30 }).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(text, (sent) => {
      const result = parseYaml(sent);
      if (result.ok) return;

      const { line, column, message } = result.fault;
      assert.ok(line >= 1 && line <= sent.split('\n').length + 1, `${line}:${column} ${message}`);
      assert.ok(column >= 1);
      assert.ok(message.length > 0);
    }),
    { seed: 1, numRuns: 2_000 },
  );
});

const COMMANDS: readonly (readonly [string, string, string])[] = [
  ['a plain scalar', 'run:\n  cmd: a \\\n    b \\\n    c', 'a \\\nb \\\nc'],
  ['a plain scalar with blanks after it', 'run:\n  cmd: a \\  \n    b', 'a \\\nb'],
  ['a plain scalar with CRLF', 'run:\r\n  cmd: a \\\r\n    b', 'a \\\nb'],
  ['single quotes', "run:\n  cmd: 'a \\\n    it''s'", "a \\\nit's"],
  ['a folded block', 'run:\n  cmd: > # c:\\\n    a \\\n    b\n    c', 'a \\\nb c\n'],
  ['a literal block', 'run:\n  cmd: |-\n    a \\\n      b', 'a \\\n  b'],
  ['an alias', 'x: &x a \\\n  b\nrun: {cmd: *x}', 'a \\\nb'],
];

for (const [title, text, command] of COMMANDS) {
  test(`in ${title}, a command keeps the line break after a backslash`, () => {
    const value = read(text);

    assert.ok(typeof value === 'object' && value !== null && 'run' in value);
    assert.deepEqual(value.run, { cmd: command });
  });
}

const KEPT: readonly (readonly [string, string, string])[] = [
  ['within a line', 'run:\n  cmd: a\\ b \\ c', 'a\\ b \\ c'],
  ['within a line of several', 'run:\n  cmd: a\\ b\n    c', 'a\\ b c'],
  ['that another one escapes', 'run:\n  cmd: a \\\\\n    b', 'a \\\\ b'],
  ['at the end', 'run:\n  cmd: a \\\n', 'a \\'],
  ['in double quotes, where YAML itself joins', 'run:\n  cmd: "a \\\n    b"', 'a b'],
];

for (const [title, text, command] of KEPT) {
  test(`a backslash ${title} is left to YAML`, () => {
    assert.deepEqual(read(text), { run: { cmd: command } });
  });
}

test('build steps are commands too, other strings are not', () => {
  const text = 'build:\n  build_steps:\n  - a \\\n    b\ndescription: a \\\n  b';

  assert.deepEqual(read(text), { build: { build_steps: ['a \\\nb'] }, description: 'a \\ b' });
});
