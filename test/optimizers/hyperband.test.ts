import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Matrix } from '../../lib/domain/hptuning.ts';
import { LIMITS } from '../../lib/domain/limits.ts';
import type { Values } from '../../lib/domain/values.ts';
import { valueKey } from '../../lib/domain/values.ts';
import { distinctPoints } from '../../lib/matrix/distinct.ts';
import type { HyperbandPlan } from '../../lib/optimizers/hyperband.ts';
import { createHyperband } from '../../lib/optimizers/hyperband.ts';
import { createSchedule } from '../../lib/optimizers/hyperband-schedule.ts';
import { createRandom } from '../../lib/optimizers/random.ts';
import { matrixOf, rightOption } from '../matrix/helpers.ts';

const ordinal = (length: number): number[] => Array.from({ length }, (_, i) => i);

const planOf = (raw: unknown, more: { maxIter?: number; eta?: number; seed?: number } = {}) =>
  createHyperband({
    matrix: matrixOf(raw),
    seed: 7,
    maxIter: 81,
    eta: 3,
    resource: { name: 'epochs', type: 'int' },
    ...more,
  });

const drawAll = (plan: HyperbandPlan, bracket: number): readonly (Values | null)[] =>
  ordinal(plan.brackets.find((one) => one.bracket === bracket)?.rungs[0]?.experiments ?? 0).map(
    (slot) => plan.values({ bracket, slot }),
  );

const keyOf = (values: Values | null): string =>
  JSON.stringify(values === null ? null : Object.entries(values).map(([k, v]) => [k, valueKey(v)]));

const INFINITE = { a: { uniform: [0, 1] }, b: { values: [1, 2] } };
const FINITE = { a: { values: ['x', 'y', 'x'] }, b: { quniform: '0:3:1' } };
const LARGE = { a: { quniform: '0:9999:1' }, b: { range: '0:10000:1' } };

test('a plan over enough points has the whole schedule', () => {
  const plan = planOf(INFINITE);

  assert.deepEqual(plan.brackets, createSchedule({ maxIter: 81, eta: 3, resourceType: 'int' }));
  assert.equal(plan.planned, 206);
  assert.equal(plan.fresh, 143);
});

test('a bracket never starts with more experiments than the matrix has distinct points', () => {
  const plan = planOf(FINITE);

  assert.deepEqual(
    plan.brackets.map(({ rungs }) => rungs.map(({ experiments }) => experiments)),
    [[8, 2, 1, 1, 1], [8, 2, 1, 1], [8, 2, 1], [8, 2], [5]],
  );
  assert.equal(plan.planned, 13 + 12 + 11 + 10 + 5);
});

for (const [name, raw] of Object.entries({ INFINITE, FINITE, LARGE })) {
  const matrixName = `${name.toLowerCase()} matrix`;

  test(`brackets draw independently of each other and of random search (${matrixName})`, () => {
    const plan = planOf(raw);
    const random = createRandom({ matrix: matrixOf(raw), seed: 7, nExperiments: 5 });
    const traces = [
      ...plan.brackets.map(({ bracket }) => drawAll(plan, bracket).slice(0, 5)),
      ordinal(5).map(random.suggest),
    ];

    assert.equal(new Set(traces.map((trace) => trace.map(keyOf).join())).size, 6);
  });

  test(`a longer plan keeps the values of a bracket's slots (${matrixName})`, () => {
    const [short, long] = [planOf(raw), planOf(raw, { maxIter: 729 })];

    for (const { bracket } of short.brackets) {
      const values = drawAll(short, bracket);
      assert.deepEqual(drawAll(long, bracket).slice(0, values.length), values);
    }
  });

  test(`different seeds give different values (${matrixName})`, () => {
    const traces = [0, 1, 2 ** 32, 2 ** 53 - 1].map((seed) =>
      drawAll(planOf(raw, { seed }), 4).map(keyOf).join(),
    );

    assert.equal(new Set(traces).size, 4);
  });
}

const anyMatrix = fc
  .array(rightOption, { minLength: 1, maxLength: 3 })
  .map((options) => matrixOf(Object.fromEntries(options.map((option, i) => [`p${i}`, option]))));

test('values are distinct within a bracket and do not depend on the order of asking', () => {
  fc.assert(
    fc.property(anyMatrix, fc.maxSafeNat(), (matrix, seed) => {
      fc.pre(distinctPoints(matrix) < 1e4 || distinctPoints(matrix) > LIMITS.orderedSpacePoints);
      const search = {
        matrix,
        seed,
        maxIter: 27,
        eta: 3,
        resource: { name: 'epochs', type: 'float' } as const,
      };
      const [forwards, backwards] = [createHyperband(search), createHyperband(search)];
      const slots = ordinal(forwards.fresh).map(forwards.freshAt);

      const late = slots.toReversed().map(backwards.values).reverse();
      const early = slots.map(forwards.values);

      assert.deepEqual(late, early);
      for (const { bracket } of forwards.brackets) {
        const found = early.filter((values, i) => values !== null && slots[i]?.bracket === bracket);
        assert.equal(new Set(found.map(keyOf)).size, found.length);
      }
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('once a large matrix has nothing new for a slot it has nothing for those after it', () => {
  const rare = 1e-9;
  const coin = {
    pvalues: [
      ['heads', 1 - rare],
      ['tails', rare],
    ],
  };
  const plan = planOf(Object.fromEntries(ordinal(21).map((i) => [`coin${i}`, coin])));
  const [first, ...others] = drawAll(plan, 4);

  assert.equal(first?.['coin0'], 'heads');
  assert.equal(others.length, 80);
  assert.ok(others.every((values) => values === null));
});

test('a plan of nearly a million experiments draws nothing before it is asked to', () => {
  let draws = 0;
  const matrix: Matrix = matrixOf(INFINITE).map(({ name, option }) => ({
    // To plan takes the options alone; whoever draws values needs the names as well.
    get name() {
      draws++;
      return name;
    },
    option,
  }));

  const plan = createHyperband({
    matrix,
    seed: 7,
    maxIter: 1_000_000,
    eta: 2.9,
    resource: { name: 'epochs', type: 'int' },
  });

  assert.equal(plan.planned, 864_568);
  assert.deepEqual(plan.locate(864_567), { bracket: 0, rung: 0, slot: 12 });
  assert.equal(draws, 0);
  assert.equal(typeof plan.values({ bracket: 0, slot: 12 })?.['a'], 'number');
  assert.ok(draws > 0);
});

test('a plan above the limit is refused by an assertion, and so is a slot that it does not have', () => {
  assert.throws(() => planOf(INFINITE, { maxIter: 1_000_000 }), assert.AssertionError);
  const plan = planOf(INFINITE);

  assert.throws(() => plan.values({ bracket: 5, slot: 0 }), assert.AssertionError);
  assert.throws(() => plan.values({ bracket: 4, slot: 81 }), assert.AssertionError);
  assert.throws(() => plan.values({ bracket: 4, slot: -1 }), assert.AssertionError);
});
