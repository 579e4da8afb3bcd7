import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onOneLevel } from '../../../lib/optimizers/bayes/one-level.ts';
import type { Observation } from '../../../lib/optimizers/bayes/view.ts';
import { matrixOf } from '../../matrix/helpers.ts';

const LEVELS = { resource: 'epochs', matrix: matrixOf({ x: { uniform: [0, 1] } }) };

const at = (x: number, epochs: number, objective: number): Observation => ({
  values: { x, epochs },
  objective,
});

const learnt = (observations: readonly Observation[]) =>
  onOneLevel({ observations, failed: [] }, LEVELS).observations.map(
    ({ values, objective, spent }) => [values['x'], spent, objective],
  );

test('every result counts, with its resource, in the order of the results', () => {
  const observations = [at(0.1, 1, 5), at(0.2, 1, 6), at(0.1, 3, 5)];

  assert.deepEqual(learnt(observations), [
    [0.1, 1, 5],
    [0.2, 1, 6],
    [0.1, 3, 5],
  ]);
});

test('results are shifted by the median change of those who went on', () => {
  const observations = [
    at(0.1, 1, 5),
    at(0.2, 1, 6),
    at(0.3, 1, 7),
    at(0.9, 1, 20),
    ...[at(0.1, 3, 4), at(0.2, 3, 3), at(0.3, 3, 2)],
  ];

  assert.deepEqual(
    learnt(observations).map(([, , objective]) => objective),
    [2, 3, 4, 17, 4, 3, 2],
  );
});

test('shifts add up from level to level', () => {
  const observations = [
    ...[at(0.1, 1, 8), at(0.2, 1, 9), at(0.3, 1, 20)],
    ...[at(0.1, 3, 6), at(0.2, 3, 7)],
    at(0.1, 9, 5),
  ];

  assert.deepEqual(learnt(observations), [
    ...[
      [0.1, 1, 5],
      [0.2, 1, 6],
      [0.3, 1, 17],
    ],
    ...[
      [0.1, 3, 5],
      [0.2, 3, 6],
    ],
    [0.1, 9, 5],
  ]);
});

test('where nobody has gone on results stay what they are', () => {
  assert.deepEqual(learnt([at(0.1, 1, 8), at(0.2, 1, 9)]), [
    [0.1, 1, 8],
    [0.2, 1, 9],
  ]);
});

test('what is not finite shifts nobody, and stays so itself', () => {
  const observations = [at(0.1, 1, 8), at(0.1, 3, Number.NaN), at(0.2, 1, 9)];

  assert.deepEqual(learnt(observations), [
    [0.1, 1, 8],
    [0.1, 3, Number.NaN],
    [0.2, 1, 9],
  ]);
});

test('a configuration that failed after a result is known by the result', () => {
  const failed = [
    { x: 0.1, epochs: 3 },
    { x: 0.7, epochs: 1 },
  ];

  const view = onOneLevel({ observations: [at(0.1, 1, 8)], failed }, LEVELS);

  assert.deepEqual(view.failed, [{ x: 0.7, epochs: 1 }]);
});
