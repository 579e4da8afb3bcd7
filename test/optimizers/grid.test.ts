import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createGrid, gridSize } from '../../lib/optimizers/grid.ts';
import { listedOption, matrixOf } from '../matrix/helpers.ts';

const REFERENCE = { lr: { logspace: '0.01:0.1:5' }, dropout: { values: [0.2, 0.5] } };

test('the example of the reference page has ten experiments, the last key fastest', () => {
  const grid = createGrid(matrixOf(REFERENCE), null);

  const dropouts = Array.from({ length: grid.planned }, (_, i) => grid.suggest(i)?.['dropout']);

  assert.equal(grid.planned, 10);
  assert.deepEqual(dropouts, [0.2, 0.5, 0.2, 0.5, 0.2, 0.5, 0.2, 0.5, 0.2, 0.5]);
  assert.equal(grid.suggest(10), null);
});

test('with n_experiments 4 the example of the reference page has its first four cells', () => {
  const grid = createGrid(matrixOf(REFERENCE), 4);
  const [first, second] = [10 ** 0.01, 10 ** 0.0325];

  assert.equal(grid.planned, 4);
  assert.deepEqual([0, 1, 2, 3, 4].map(grid.suggest), [
    { lr: first, dropout: 0.2 },
    { lr: first, dropout: 0.5 },
    { lr: second, dropout: 0.2 },
    { lr: second, dropout: 0.5 },
    null,
  ]);
});

test('more n_experiments than cells means all of them', () => {
  assert.equal(createGrid(matrixOf(REFERENCE), 11).planned, 10);
});

test('repeated values give repeated cells', () => {
  const grid = createGrid(matrixOf({ a: { values: [1, 1] }, b: { values: ['x'] } }), null);

  assert.deepEqual([0, 1, 2].map(grid.suggest), [{ a: 1, b: 'x' }, { a: 1, b: 'x' }, null]);
});

test('any cell of a huge grid is computed by itself', () => {
  const axis = { linspace: [1, 10_000, 10_000] };
  const matrix = matrixOf({ a: axis, b: axis, c: axis });
  const grid = createGrid(matrix, null);

  assert.equal(gridSize(matrix), 1e12);
  assert.deepEqual(grid.suggest(1e12 - 1), { a: 10_000, b: 10_000, c: 10_000 });
  assert.deepEqual(grid.suggest(123_456_789_012), { a: 1235, b: 5679, c: 9013 });
});

test('a grid beyond 2^53 cells has no exact size, but its first cells can be had', () => {
  const axis = { linspace: [1, 10_000, 10_000] };
  const matrix = matrixOf({ a: axis, b: axis, c: axis, d: axis });
  const grid = createGrid(matrix, 5);

  assert.equal(gridSize(matrix), Number.POSITIVE_INFINITY);
  assert.equal(grid.planned, 5);
  assert.deepEqual(grid.suggest(4), { a: 1, b: 1, c: 1, d: 5 });
});

test('the size of a grid is exact below 2^53 and infinite from there', () => {
  const axis = { linspace: [0, 1, 8192] };
  const matrix = matrixOf({ a: axis, b: axis, c: axis, d: axis });
  const twice = matrixOf({ e: { values: [0, 1] }, a: axis, b: axis, c: axis, d: axis });

  assert.equal(gridSize(matrix), 2 ** 52);
  assert.equal(gridSize(twice), Number.POSITIVE_INFINITY);
});

test('the cells of any grid are the loops over its lists, one inside the other', () => {
  fc.assert(
    fc.property(listedOption, listedOption, (a, b) => {
      const matrix = matrixOf({ a, b });
      const single = (name: string, raw: unknown) => createGrid(matrixOf({ [name]: raw }), null);
      const [outer, inner] = [single('a', a), single('b', b)];
      const grid = createGrid(matrix, null);

      let index = 0;
      for (let i = 0; i < outer.planned; i++) {
        for (let j = 0; j < inner.planned; j++) {
          assert.deepEqual(grid.suggest(index++), { ...outer.suggest(i), ...inner.suggest(j) });
        }
      }
      assert.equal(grid.planned, index);
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('a distribution is refused by an assertion, and so is an index that is none', () => {
  assert.throws(
    () => createGrid(matrixOf({ a: { uniform: [0, 1] } }), null),
    assert.AssertionError,
  );
  assert.throws(() => createGrid(matrixOf(REFERENCE), null).suggest(-1), assert.AssertionError);
  assert.throws(() => createGrid(matrixOf(REFERENCE), null).suggest(0.5), assert.AssertionError);
});
