import assert from 'node:assert/strict';
import { test } from 'node:test';
import { observedOf } from '../../../../web/plots/data.ts';
import { axesOf } from '../../../../web/plots/options/axes.ts';
import { STYLED } from '../../../../web/plots/options/palette.ts';
import { drawParallel, passing } from '../../../../web/plots/options/parallel.ts';
import { isNothing } from '../../../../web/plots/options/picture.ts';
import { drawnOf, MATRIX } from '../fixtures.ts';

const drawn = drawnOf(60);
const axes = axesOf(drawn, MATRIX);

test('an experiment is selected where it passes through an interval of every brushed axis', () => {
  const numbers = passing(
    drawn,
    axes,
    new Map([
      [0, [[1e-4, 1e-2]]],
      [
        1,
        [
          [0, 0.3],
          [0.8, 1],
        ],
      ],
      [2, [[0.6, 1.4]]],
    ]),
  );

  const expected = observedOf(drawn)
    .filter(({ values: [lr, momentum, optimizer] }) => {
      const [a, b] = [Number(lr), Number(momentum)];
      return a >= 1e-4 && a <= 1e-2 && (b <= 0.3 || b >= 0.8) && optimizer === 'sgd';
    })
    .map(({ number }) => number);
  assert.ok(expected.length > 0);
  assert.deepEqual(numbers, expected);
});

test('the last axis is the objective', () => {
  const numbers = passing(drawn, axes, new Map([[3, [[0, 0.2]]]]));

  assert.ok(numbers.length > 0);
  assert.deepEqual(
    numbers,
    observedOf(drawn)
      .filter(({ objective }) => objective <= 0.2)
      .map(({ number }) => number),
  );
});

test('of more than 2,000 experiments the best and some of the others are drawn, and it says so', () => {
  const many = drawnOf(5_000);
  const picture = drawParallel(many, axes, STYLED);

  assert.ok(!isNothing(picture));
  assert.equal(picture.marks, 2_000);
  assert.match(picture.summary, /Of 4500 experiments 2000 are drawn/);
});
