import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nearest } from '../../lib/contract/nearest.ts';

const KNOWN = ['concurrency', 'seed', 'grid_search', 'random_search', 'kind', 'lr'] as const;

const MEANT: readonly (readonly [string, string | undefined])[] = [
  ['concurency', 'concurrency'],
  ['conucrrency', 'concurrency'],
  ['Concurrency', 'concurrency'],
  ['sed', 'seed'],
  ['knid', 'kind'],
  ['grid', 'grid_search'],
  ['random', 'random_search'],
  ['LR', 'lr'],
  ['rl', undefined],
  ['parallelism', undefined],
  ['', undefined],
  ['x', undefined],
];

for (const [word, meant] of MEANT) {
  test(`the nearest known word to "${word}" is ${meant ?? 'none'}`, () => {
    assert.equal(nearest(word, KNOWN), meant);
  });
}

test('the beginning of two known words is near to neither', () => {
  assert.equal(nearest('max', ['max_attempts', 'max_failures']), undefined);
});

test('a known word is not suggested for itself', () => {
  assert.equal(nearest('seed', ['seed']), undefined);
});

test('a word of many characters is near to nothing, and costs nothing', () => {
  assert.equal(nearest('x'.repeat(1e6), ['x'.repeat(1e6 - 1)]), undefined);
});

test('a suggestion is always one of the known words', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), (word, known) => {
      const meant = nearest(word, known);

      assert.ok(meant === undefined || known.includes(meant));
    }),
  );
});
