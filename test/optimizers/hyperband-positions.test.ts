import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createPositions } from '../../lib/optimizers/hyperband-positions.ts';
import { createSchedule, shrunk } from '../../lib/optimizers/hyperband-schedule.ts';

const positionsOf = (maxIter: number, eta: number, points: number) => {
  const brackets = createSchedule({ maxIter, eta, resourceType: 'int' }).map((bracket) =>
    shrunk(bracket, { points, eta }),
  );
  return { brackets, positions: createPositions(brackets) };
};

const ordinal = (length: number): number[] => Array.from({ length }, (_, i) => i);

test('the experiments of 81/3 are numbered bracket by bracket, rung by rung, slot by slot', () => {
  const { positions } = positionsOf(81, 3, Number.POSITIVE_INFINITY);

  assert.equal(positions.planned, 206);
  assert.equal(positions.fresh, 81 + 34 + 15 + 8 + 5);
  for (const [index, bracket, rung, slot] of [
    [0, 4, 0, 0],
    [80, 4, 0, 80],
    [81, 4, 1, 0],
    [120, 4, 4, 0],
    [121, 3, 0, 0],
    [201, 0, 0, 0],
    [205, 0, 0, 4],
  ] as const) {
    assert.deepEqual(positions.locate(index), { bracket, rung, slot });
    assert.equal(positions.indexOf({ bracket, rung, slot }), index);
  }
});

test('new values are numbered over the brackets, the largest bracket number first', () => {
  const { positions } = positionsOf(81, 3, Number.POSITIVE_INFINITY);

  assert.deepEqual(positions.freshAt(0), { bracket: 4, slot: 0 });
  assert.deepEqual(positions.freshAt(80), { bracket: 4, slot: 80 });
  assert.deepEqual(positions.freshAt(81), { bracket: 3, slot: 0 });
  assert.deepEqual(positions.freshAt(142), { bracket: 0, slot: 4 });
  assert.throws(() => positions.freshOf({ bracket: 0, slot: 5 }), /no slot 5/);
});

const anyPlan = fc
  .tuple(
    fc.integer({ min: 1, max: 200 }),
    fc.integer({ min: 15, max: 60 }),
    fc.integer({ min: 1, max: 300 }),
  )
  .map(([maxIter, tenths, points]) => positionsOf(maxIter, tenths / 10, points));

test('every experiment of any plan has one index, in the order of the sequential algorithm', () => {
  fc.assert(
    fc.property(anyPlan, ({ brackets, positions }) => {
      const expected = brackets.flatMap(({ bracket, rungs }) =>
        rungs.flatMap(({ experiments }, rung) =>
          ordinal(experiments).map((slot) => ({ bracket, rung, slot })),
        ),
      );
      const located = ordinal(positions.planned).map(positions.locate);

      assert.deepEqual(located, expected);
      assert.deepEqual(located.map(positions.indexOf), ordinal(positions.planned));
      assert.deepEqual(
        ordinal(positions.fresh).map(positions.freshAt),
        expected.filter(({ rung }) => rung === 0).map(({ bracket, slot }) => ({ bracket, slot })),
      );
      const numbered = ordinal(positions.fresh).map(positions.freshAt).map(positions.freshOf);
      assert.deepEqual(numbered, ordinal(positions.fresh));
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('what the plan does not have is refused by an assertion', () => {
  const { positions } = positionsOf(10, 3, Number.POSITIVE_INFINITY);

  for (const index of [-1, 0.5, Number.NaN, positions.planned]) {
    assert.throws(() => positions.locate(index), assert.AssertionError);
  }
  assert.throws(() => positions.freshAt(positions.fresh), assert.AssertionError);
  for (const position of [
    { bracket: 3, rung: 0, slot: 0 },
    { bracket: 1, rung: 2, slot: 0 },
    { bracket: 1, rung: 1, slot: 1 },
    { bracket: 2, rung: 1, slot: 3 },
    { bracket: 2, rung: 1, slot: -1 },
    { bracket: 2, rung: 1, slot: 0.5 },
  ]) {
    assert.throws(() => positions.indexOf(position), assert.AssertionError);
  }
});
