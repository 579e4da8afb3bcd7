import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { axisOf, logTicks, placeOn } from '../../../../web/plots/options/axes.ts';

describe('the axis of a parameter', () => {
  for (const [title, option, column, kind] of [
    ['a uniform one is linear', { uniform: { low: 0, high: 1 } }, [0.5], 'linear'],
    ['a loguniform one is logarithmic', { loguniform: { low: -9, high: 0 } }, [0.5], 'log'],
    ['doubled numbers are logarithmic', { values: [16, 32, 64, 128] }, [32], 'log'],
    ['steps of three and a third too', { values: [0.001, 0.003, 0.01, 0.03] }, [0.01], 'log'],
    ['1, 2, 3 are linear', { values: [1, 2, 3] }, [2], 'linear'],
    ['two numbers are linear', { values: [1, 1000] }, [1], 'linear'],
    ['words are categories', { values: ['adam', 'sgd'] }, ['adam'], 'category'],
    ['numbers among words are categories', { values: ['auto', 3] }, [3], 'category'],
    [
      'truth is a category',
      {
        pvalues: [
          [true, 0.5],
          [false, 0.5],
        ],
      },
      [true],
      'category',
    ],
    [
      'a value at zero cannot be logarithmic',
      { loguniform: { low: -9, high: 0 } },
      [0, 1],
      'linear',
    ],
    ['without a matrix numbers are linear', undefined, [1, 10, 100], 'linear'],
  ] as const) {
    test(title, () => assert.equal(axisOf('p', option, column).kind, kind));
  }

  test('lists of values have places like words', () => {
    const axis = axisOf('layers', { values: [[64], [64, 64]] }, [[64, 64]]);

    assert.deepEqual(axis.categories, ['[64]', '[64,64]']);
    assert.equal(placeOn(axis)([64, 64]), 1);
    assert.equal(placeOn(axis)([1]), null);
  });
});

describe('labels of a logarithmic axis', () => {
  for (const [extent, ticks] of [
    [
      [1e-5, 1],
      [1e-5, 1e-4, 1e-3, 0.01, 0.1, 1],
    ],
    [
      [16, 128],
      [20, 50, 100],
    ],
    [
      [0.3, 0.6],
      [0.3, 0.4, 0.5, 0.6],
    ],
    [
      [1e-20, 1],
      [1e-18, 1e-15, 1e-12, 1e-9, 1e-6, 1e-3, 1],
    ],
  ] as const) {
    test(`from ${extent[0]} to ${extent[1]}`, () => assert.deepEqual(logTicks(extent), ticks));
  }
});
