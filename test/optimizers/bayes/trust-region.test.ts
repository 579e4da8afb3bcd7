import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEncoding } from '../../../lib/matrix/encoding.ts';
import type { Region } from '../../../lib/optimizers/bayes/trust-region.ts';
import {
  boxOf,
  FIRST_REGION,
  regionAfter,
  replayed,
} from '../../../lib/optimizers/bayes/trust-region.ts';
import { matrixOf } from '../../matrix/helpers.ts';

/** Outcomes in a row, each better than all before it (+) or not (-), and how often that has made the region wider by two. */
const HISTORIES = [
  { name: 'nothing leaves it as it is', history: '', doublings: 0 },
  { name: 'one success leaves it as it is', history: '+', doublings: 0 },
  { name: 'two successes double it', history: '++', doublings: 1 },
  { name: 'it covers more than everything at most', history: '++++++++', doublings: 2 },
  { name: 'a failure between successes keeps it from growing', history: '+-+', doublings: 0 },
  { name: 'three failures leave it as it is', history: '---', doublings: 0 },
  { name: 'four failures halve it', history: '----', doublings: -1 },
  { name: 'a success among failures keeps it from shrinking', history: '---+---', doublings: 0 },
  { name: 'eight failures halve it twice', history: '--------', doublings: -2 },
  { name: 'what has shrunk can grow again', history: '--------++', doublings: -1 },
  { name: 'it shrinks five times', history: '-'.repeat(20), doublings: -5 },
  { name: 'it begins anew where it has become too small', history: '-'.repeat(24), doublings: 0 },
];

for (const { name, history, doublings } of HISTORIES) {
  test(`region: ${name}`, () => {
    const after = [...history].reduce<Region>(
      (region, sign) => regionAfter(region, sign === '+'),
      FIRST_REGION,
    );

    assert.equal(after.side, FIRST_REGION.side * 2 ** doublings);
  });
}

test('the initial design says nothing of the region, but is what later outcomes are compared with', () => {
  const initial = Float64Array.of(1, 2, 3, 4, 9);
  const later = [5, 6, 7];

  assert.deepEqual(replayed(initial, 5), FIRST_REGION);
  assert.equal(replayed(Float64Array.of(...initial, ...later), 5).failures, 3);
  assert.equal(replayed(Float64Array.of(...initial, ...later, 8), 5).side, FIRST_REGION.side / 2);
  assert.equal(replayed(Float64Array.of(...initial, 10, 11), 5).side, FIRST_REGION.side * 2);
});

test('an outcome that equals the best one is no success', () => {
  assert.deepEqual(replayed(Float64Array.of(1, 2, 2), 1), { ...FIRST_REGION, failures: 1 });
});

test('the region depends on the order of outcomes alone, whatever their scale', () => {
  const outcomes = Float64Array.from({ length: 60 }, (_, i) => Math.sin(i * i) + i / 40);

  assert.deepEqual(
    replayed(outcomes, 4),
    replayed(
      outcomes.map((one) => Math.exp(3 * one) - 7),
      4,
    ),
  );
});

const MIXED = createEncoding(
  matrixOf({
    a: { uniform: [0, 10] },
    word: { values: ['x', 'y'] },
    b: { loguniform: [-5, 0] },
    listed: { values: [1, 2, 3] },
  }),
);
const near = (actual: Float64Array, expected: readonly number[]): void => {
  assert.equal(actual.length, expected.length);
  for (const [i, one] of actual.entries()) {
    assert.ok(Math.abs(one - (expected[i] ?? Number.NaN)) < 1e-12, `${actual}`);
  }
};

test('a box bounds numbers around its centre and leaves choices alone', () => {
  const { lower, upper } = boxOf(
    { ...FIRST_REGION, side: 0.2 },
    {
      encoding: MIXED,
      centre: MIXED.pointOf({ a: 5, word: 'y', b: Math.exp(-5), listed: 2 }),
      lengthScales: new Float64Array(MIXED.width),
    },
  );

  near(lower, [0.4, 0, 0, 0, 0]);
  near(upper, [0.6, 1, 1, 0.1, 1]);
});

test('a box is wider along parameters that change less', () => {
  const { lower, upper } = boxOf(
    { ...FIRST_REGION, side: 0.2 },
    {
      encoding: MIXED,
      centre: MIXED.pointOf({ a: 5, word: 'y', b: Math.exp(-2.5), listed: 2 }),
      lengthScales: Float64Array.of(Math.log(2), 0, 0, Math.log(0.5), 3),
    },
  );

  near(lower, [0.3, 0, 0, 0.45, 0]);
  near(upper, [0.7, 1, 1, 0.55, 1]);
});
