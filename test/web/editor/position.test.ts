import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFinder, lineAndColumn, placeAt } from '../../../web/editor/position.ts';

const TEXT = `---
# A comment.
version: 1
kind: group
hptuning:
  concurency: 2
  early_stopping:
    - metric: loss
      value: high
    - {metric: accuracy, value: 0.9}
  matrix:
    lr:
      range: [zero, 1, 0.1]
    a.b: {values: [1]}
    a: {values: [2]}
    momentum: &m {uniform: "0:1"}
    decay: *m
run:
  cmd: python3 train.py
    --lr={{ lr }}
`;

const marked = (path: string): string => {
  const { from, to } = createFinder(TEXT)(path);
  return TEXT.slice(from, to);
};

const PLACES = [
  ['a key with its value, where both are on one line', 'hptuning.concurency', 'concurency: 2'],
  ['a key alone, where its value takes more lines', 'hptuning.matrix.lr', 'lr'],
  ['an item of a list', 'hptuning.matrix.lr.range[0]', 'zero'],
  ['a key in an item of a list', 'hptuning.early_stopping[0].value', 'value: high'],
  ['the beginning of an item of several lines', 'hptuning.early_stopping[0]', 'metric: loss'],
  ['a key in braces', 'hptuning.early_stopping[1].value', 'value: 0.9'],
  ['a key with dots in it', 'hptuning.matrix.a.b.values[0]', '1'],
  ['a key that another one begins with', 'hptuning.matrix.a.values[0]', '2'],
  ['the last thing on the way to a key that is missing', 'hptuning.matrix.lr.values', 'lr'],
  [
    'the last thing on the way to an item that is missing',
    'hptuning.early_stopping[7]',
    'early_stopping',
  ],
  ['a key beyond an alias', 'hptuning.matrix.decay.uniform', 'decay: *m'],
  ['the first line of a long value', 'run.cmd', 'cmd'],
  ['the first line with content, for the whole document', '', 'version: 1'],
  ['the first line with content, for a key that is missing at the top', 'name', 'version: 1'],
] as const;

for (const [what, path, text] of PLACES) {
  test(`a path leads to ${what}: ${path || 'no path'}`, () => {
    assert.equal(marked(path), text);
  });
}

test('a path with a key that was cut leads to the whole key', () => {
  const long = 'k'.repeat(80);
  const text = `matrix:\n  ${long}: 1\n`;

  const { from, to } = createFinder(text)(`matrix.${'k'.repeat(60)}…`);

  assert.equal(text.slice(from, to), `${long}: 1`);
});

test('a text that is no document has its mistakes at its beginning', () => {
  for (const text of ['', '\n', 'words', '- 1', '{', 'a: [', '\t', '*a']) {
    const { from, to } = createFinder(text)('hptuning.matrix');

    assert.ok(from >= 0 && from <= to && to <= text.length, JSON.stringify({ text, from, to }));
  }
});

test('a line and a column lead to the rest of the line', () => {
  const { from, to } = placeAt('a: 1\nb: [2\nc: 3', 2, 4);

  assert.deepEqual([from, to], [8, 10]);
});

test('behind the last character the last one is marked', () => {
  assert.deepEqual(placeAt('a: [', 1, 5), { from: 3, to: 4 });
  assert.deepEqual(placeAt('', 1, 1), { from: 0, to: 0 });
  assert.deepEqual(placeAt('a: 1\n', 9, 9), { from: 4, to: 5 });
});

test('an offset has a line and a column', () => {
  assert.deepEqual(lineAndColumn('a: 1\nbc: 2', 6), { line: 2, column: 2 });
});
