import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Context } from '../../../web/editor/context.ts';
import { contextAt } from '../../../web/editor/context.ts';

/** Where the cursor is in a text that shows it as `|`. */
const at = (text: string): Context | null => contextAt(text.replace('|', ''), text.indexOf('|'));

const PLACES: readonly (readonly [string, string, string | null])[] = [
  ['an empty text', '|', 'below  ""'],
  ['a key at the top', 'version: 1\nki|', 'below  "ki"'],
  ['a value at the top', 'version: 1\nkind: gr|', 'value kind "gr"'],
  ['a key one level in', 'hptuning:\n  con|', 'below hptuning "con"'],
  ['an empty line one level in', 'hptuning:\n  seed: 1\n  |\nrun:\n  cmd: x', 'below hptuning ""'],
  [
    'a key after a deeper one',
    'hptuning:\n  matrix:\n    lr:\n      values: [1]\n  co|',
    'below hptuning "co"',
  ],
  [
    'the option of a parameter',
    'hptuning:\n  matrix:\n    lr:\n      uni|',
    'below hptuning/matrix/lr "uni"',
  ],
  [
    'the option of a parameter in braces',
    'hptuning:\n  matrix:\n    lr: {uni|',
    'below hptuning/matrix/lr "uni"',
  ],
  [
    'behind the braces',
    'hptuning:\n  matrix:\n    lr: {values: [1]}\n    |',
    'below hptuning/matrix ""',
  ],
  [
    'a value in braces',
    'hptuning:\n  bo: {metric: {name: loss, optimization: m|',
    'value hptuning/bo/metric/optimization "m"',
  ],
  [
    'braces over several lines',
    'hptuning:\n  bo: {\n    metric: {name: loss,\n  opt|',
    'below hptuning/bo/metric "opt"',
  ],
  [
    'brackets in braces that are closed',
    'hptuning:\n  bo: {a: [1, {b: c}, "}"], |',
    'below hptuning/bo ""',
  ],
  [
    'an item of a list',
    'hptuning:\n  early_stopping:\n    - me|',
    'below hptuning/early_stopping/0 "me"',
  ],
  [
    'a second item',
    'hptuning:\n  early_stopping:\n    - metric: loss\n      value: 1\n    - |',
    'below hptuning/early_stopping/1 ""',
  ],
  [
    'a further key of an item',
    'hptuning:\n  early_stopping:\n    - metric: loss\n      opt|',
    'below hptuning/early_stopping/0 "opt"',
  ],
  [
    'a list in the column of its key',
    'hptuning:\n  early_stopping:\n  - metric: loss\n    opt|',
    'below hptuning/early_stopping/0 "opt"',
  ],
  [
    'a key behind such a list',
    'hptuning:\n  early_stopping:\n  - metric: loss\n  con|',
    'below hptuning "con"',
  ],
  [
    'an item in braces',
    'hptuning:\n  early_stopping:\n    - {metric: loss, opt|',
    'below hptuning/early_stopping/0 "opt"',
  ],
  ['an item in brackets', 'tags: [a, b|', 'below tags/1 "b"'],
  ['behind a comment line', 'hptuning:\n# a: b\n  con|', 'below hptuning "con"'],
  ['behind an anchor', 'hptuning: &h\n  con|', 'below hptuning "con"'],
  ['directly behind a colon', 'kind:|', null],
  ['a comment', 'kind: group # gr|', null],
  ['a block of text', 'run:\n  cmd: |-\n    a: b\n    con@', null],
  ['a value that goes on', 'run:\n  cmd: python3 train.py\n    --lr|', null],
  ['behind a block of text', 'run:\n  cmd: |-\n    a: b\nhp@', 'below  "hp"'],
];

for (const [what, text, expected] of PLACES) {
  test(`the cursor is found: ${what}`, () => {
    const cursor = text.includes('@') ? '@' : '|';

    const context = contextAt(text.replace(cursor, ''), text.indexOf(cursor));

    const found = context && `${context.kind} ${context.path.join('/')} "${context.word}"`;
    assert.equal(found, expected);
  });
}

test('keys beside the cursor are known, before and behind it', () => {
  const text =
    'kind: group\nhptuning:\n  seed: 1\n  matrix:\n    lr: {values: [1]}\n  |\n\n  concurrency: 2\nrun:\n  cmd: x\n';

  assert.deepEqual(at(text)?.present, ['matrix', 'seed', 'concurrency']);
});

test('keys of another item of the list are not beside the cursor', () => {
  const text =
    'early_stopping:\n  - metric: a\n    value: 1\n  - metric: b\n    |\n  - optimization: minimize\n';

  assert.deepEqual(at(text)?.present, ['metric']);
});

test('keys beside the cursor are known in braces', () => {
  assert.deepEqual(at('a: {b: 1, c: {d: 2}, |')?.present, ['b', 'c']);
});

test('a line below a key in an item is indented from the key', () => {
  assert.equal(at('a:\n  - |')?.extraIndent, 2);
  assert.equal(at('a:\n  |')?.extraIndent, 0);
  assert.equal(at('a: {|')?.extraIndent, null);
});

test('a cursor anywhere in any text does no harm', () => {
  const text = 'a: {b: [c, "d}\n- - e: |\n  ? f\n\t: \'g\n]]}}\n--- # h\n&a !b *c';
  for (let offset = 0; offset <= text.length; offset++) {
    assert.doesNotThrow(() => contextAt(text, offset));
  }
});
