import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Algorithm } from '../../../lib/domain/hptuning.ts';
import { createEncoding } from '../../../lib/matrix/encoding.ts';
import { levelled } from '../../../lib/optimizers/bayes/levels.ts';
import { createSurrogate } from '../../../lib/optimizers/bayes/surrogate.ts';
import { matrixOf } from '../../matrix/helpers.ts';

const PLAIN = createEncoding(matrixOf({ x: { uniform: [0, 1] } }));
const metric = { name: 'loss', optimization: 'minimize' } as const;

const auto = (maxIter: number | null): Algorithm => ({
  ...{ kind: 'auto', nExperiments: 20, metric },
  training:
    maxIter === null
      ? null
      : { resource: { name: 'epochs', type: 'int' }, maxIter, eta: 3, resume: true },
});

const pointOf = (maxIter: number, epochs?: number): readonly number[] => [
  ...levelled(PLAIN, auto(maxIter)).chosen.pointOf({
    x: 0.25,
    ...(epochs === undefined ? {} : { epochs }),
  }),
];

test('the resource is one coordinate more, by its logarithm', () => {
  assert.deepEqual(pointOf(81, 1), [0.25, 0]);
  assert.deepEqual(pointOf(81, 9), [0.25, 0.5]);
  assert.deepEqual(pointOf(81, 81), [0.25, 1]);
});

test('values without a resource stand at the largest', () => {
  assert.deepEqual(pointOf(27), [0.25, 1]);
});

test('where there is one level all stand on it, and less than the first rung counts as the first', () => {
  assert.deepEqual(pointOf(1, 1), [0.25, 1]);
  assert.deepEqual(pointOf(27, 0), [0.25, 0]);
});

test('what is chosen has the parameters of the matrix, what was observed the resource as well', () => {
  const { chosen, observed } = levelled(PLAIN, auto(27));

  assert.deepEqual([chosen.axes.length, observed.axes.length], [1, 2]);
  assert.deepEqual([chosen.width, observed.width], [2, 2]);
});

test('a search without a resource sees its values as they are', () => {
  assert.deepEqual(levelled(PLAIN, auto(null)), { chosen: PLAIN, observed: PLAIN });
});

/** What is expected in full at both ends, where results with one epoch rise and those with 27 are as said. */
function expectedInFull(late: (x: number) => number): readonly number[] {
  const { chosen, observed } = levelled(PLAIN, auto(27));
  const xs = Array.from({ length: 11 }, (_, i) => i / 10);
  const observations = [
    ...xs.map((x) => ({ values: { x, epochs: 1 }, objective: x })),
    ...[0.2, 0.4, 0.6, 0.8].map((x) => ({ values: { x, epochs: 27 }, objective: late(x) })),
  ];
  const surrogate = createSurrogate({
    ...{ settings: { metric, surrogate: null, initial: 0 }, seed: 1, observations, room: 0 },
    encoding: observed,
  });
  return [0, 1].map((x) => surrogate.predict(chosen.pointOf({ x }), 0).mean);
}

test('results with little resource are believed where those with much agree, not where they contradict', () => {
  const [low = 0, high = 0] = expectedInFull((x) => x);
  assert.ok(low < 0.15 && high > 0.85, `${low} ${high}`);

  const [lowTurned = 0, highTurned = 0] = expectedInFull((x) => 1 - x);
  assert.ok(lowTurned > highTurned, `${lowTurned} ${highTurned}`);
});
