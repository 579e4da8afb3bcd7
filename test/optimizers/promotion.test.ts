import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ENDS } from '../../lib/domain/experiment.ts';
import type { MetricValue } from '../../lib/domain/measurement.ts';
import type { RungResult } from '../../lib/optimizers/promotion.ts';
import { promote } from '../../lib/optimizers/promotion.ts';

const succeeded = (...objectives: readonly (MetricValue | null)[]): readonly RungResult[] =>
  objectives.map((objective, slot) => ({ slot, end: 'succeeded', objective }));

test('the best go on, the very best first', () => {
  const results = succeeded(0.3, 0.1, 0.2, 0.4);

  assert.deepEqual(promote(results, 'minimize', 2), [1, 2]);
  assert.deepEqual(promote(results, 'maximize', 2), [3, 0]);
});

test('equal values go on by slot, whichever optimization is asked for', () => {
  const results = succeeded(1, 0, -0, 1, 0).toReversed();

  assert.deepEqual(promote(results, 'minimize', 5), [1, 2, 4, 0, 3]);
  assert.deepEqual(promote(results, 'maximize', 5), [0, 3, 1, 2, 4]);
});

for (const end of ENDS.filter((one) => one !== 'succeeded')) {
  test(`an experiment that ended ${end} is never promoted, however good its value`, () => {
    const results: readonly RungResult[] = [
      { slot: 0, end, objective: -1e9 },
      ...succeeded(5, 4).map((result) => ({ ...result, slot: result.slot + 1 })),
    ];

    assert.deepEqual(promote(results, 'minimize', 3), [2, 1]);
  });
}

test('an experiment without a finite value is never promoted', () => {
  const results = succeeded(null, 'NaN', 'Infinity', '-Infinity', 7);

  assert.deepEqual(promote(results, 'minimize', 5), [4]);
  assert.deepEqual(promote(results, 'maximize', 5), [4]);
});

test('a rung of which nothing can go on promotes nothing', () => {
  assert.deepEqual(promote(succeeded(null, 'NaN'), 'minimize', 2), []);
  assert.deepEqual(promote([], 'minimize', 2), []);
});

test('the largest and the smallest doubles are ranked like all others', () => {
  const results = succeeded(-Number.MAX_VALUE, Number.MAX_VALUE, Number.MIN_VALUE, 0);

  assert.deepEqual(promote(results, 'minimize', 4), [0, 3, 2, 1]);
});

const objective: fc.Arbitrary<MetricValue | null> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 2, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 1, arbitrary: fc.constantFrom(null, 'NaN', 'Infinity', '-Infinity') },
);
const rung: fc.Arbitrary<readonly RungResult[]> = fc
  .array(
    fc.record({
      end: fc.oneof({ weight: 5, arbitrary: fc.constant('succeeded') }, fc.constantFrom(...ENDS)),
      objective,
    }),
    { maxLength: 40 },
  )
  .map((results) => results.map((result, slot) => ({ slot, ...result })));
const optimization = fc.constantFrom('minimize' as const, 'maximize' as const);
const RUNS = { seed: 1, numRuns: 500 };

const isPromotable = ({ end, objective: value }: RungResult): boolean =>
  end === 'succeeded' && typeof value === 'number' && Number.isFinite(value);

test('the order in which results arrive changes nothing', () => {
  const shuffled = rung.chain((results) =>
    fc.tuple(
      fc.constant(results),
      fc.shuffledSubarray([...results], { minLength: results.length }),
    ),
  );
  fc.assert(
    fc.property(shuffled, optimization, fc.nat(50), ([results, others], goal, take) => {
      assert.deepEqual(promote(others, goal, take), promote(results, goal, take));
    }),
    RUNS,
  );
});

test('only what can be promoted is, each slot at most once, and as many as asked for or left', () => {
  fc.assert(
    fc.property(rung, optimization, fc.nat(50), (results, goal, take) => {
      const promotable = new Set(results.filter(isPromotable).map(({ slot }) => slot));
      const promoted = promote(results, goal, take);

      assert.equal(promoted.length, Math.min(take, promotable.size));
      assert.equal(new Set(promoted).size, promoted.length);
      assert.ok(promoted.every((slot) => promotable.has(slot)));
    }),
    RUNS,
  );
});

test('fewer places take the first of those that more places take', () => {
  fc.assert(
    fc.property(rung, optimization, fc.nat(50), fc.nat(50), (results, goal, few, more) => {
      assert.deepEqual(
        promote(results, goal, few),
        promote(results, goal, few + more).slice(0, few),
      );
    }),
    RUNS,
  );
});

test('whoever goes on is not worse than its successor, and has the lower slot where they are equal', () => {
  fc.assert(
    fc.property(rung, optimization, (results, goal) => {
      const sign = goal === 'minimize' ? 1 : -1;
      const ranked = promote(results, goal, results.length).map((slot) => ({
        slot,
        value: sign * Number(results[slot]?.objective),
      }));

      for (const [i, { slot, value }] of ranked.slice(1).entries()) {
        const before = ranked[i];
        assert.ok(before);
        assert.ok(before.value < value || (before.value === value && before.slot < slot));
      }
    }),
    RUNS,
  );
});

test('a number of places that is none is refused by an assertion', () => {
  for (const take of [-1, 0.5, Number.NaN]) {
    assert.throws(() => promote([], 'minimize', take), assert.AssertionError);
  }
});
