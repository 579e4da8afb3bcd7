import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MetricValue } from '../../lib/domain/measurement.ts';
import { createHyperband } from '../../lib/optimizers/hyperband.ts';
import { promote } from '../../lib/optimizers/promotion.ts';
import { matrixOf } from '../matrix/helpers.ts';
import type { ReferenceEnd, ReferenceStart } from './hyperband-reference.ts';
import { runSequentially } from './hyperband-reference.ts';

const SEARCH = {
  matrix: matrixOf({ lr: { uniform: [0, 1] } }),
  seed: 7,
  maxIter: 10,
  eta: 3,
  resource: { name: 'epochs', type: 'int' },
  optimization: 'minimize',
} as const;

const succeed = (objective: MetricValue | null): ReferenceEnd => ({ end: 'succeeded', objective });

const inWords = (experiments: readonly ReferenceStart[]): readonly string[] =>
  experiments
    .filter(({ rung }) => rung > 0)
    .map((one) => `${one.bracket}/${one.rung}/${one.slot}@${one.resource} from ${one.from}`);

test('the last slots go on where later ones are better', () => {
  const experiments = runSequentially(SEARCH, ({ slot }) => succeed(-slot));

  assert.equal(experiments.length, 22);
  assert.deepEqual(inWords(experiments), [
    '2/1/0@3 from 8',
    '2/1/1@3 from 7',
    '2/1/2@3 from 6',
    '2/2/0@10 from 2',
    '1/1/0@10 from 4',
  ]);
});

test('what failed does not go on, and where nothing is left the bracket ends', () => {
  const experiments = runSequentially(SEARCH, ({ bracket, rung, slot }) => {
    if (bracket === 1) return succeed('NaN');
    return rung === 0 && slot !== 5 && slot !== 2 ? { end: 'failed', objective: 0 } : succeed(1);
  });

  assert.deepEqual(inWords(experiments), ['2/1/0@3 from 2', '2/1/1@3 from 5', '2/2/0@10 from 0']);
  assert.equal(experiments.length, 9 + 2 + 1 + 5 + 3);
});

test('a matrix that runs out of new points starts a smaller bracket', () => {
  const rare = 1e-9;
  const coin = {
    pvalues: [
      ['heads', 1 - rare],
      ['tails', rare],
    ],
  };
  const coins = Array.from({ length: 21 }, (_, i) => [`coin${i}`, coin]);
  const matrix = matrixOf(Object.fromEntries(coins));

  const experiments = runSequentially({ ...SEARCH, matrix }, () => succeed(0));

  assert.equal(experiments.length, 3 + 2 + 1);
});

const objective: fc.Arbitrary<ReferenceEnd> = fc.record({
  end: fc.constantFrom('succeeded' as const, 'succeeded' as const, 'failed' as const),
  objective: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(null, 'NaN' as const)),
});

test('each rung has what the one before it promotes, with the same values', () => {
  const matrix = fc.constantFrom(
    SEARCH.matrix,
    matrixOf({ a: { values: [1, 2, 3] }, b: { quniform: '0:1:0.25' } }),
  );
  const optimization = fc.constantFrom('minimize' as const, 'maximize' as const);
  fc.assert(
    fc.property(matrix, optimization, fc.func(objective), fc.nat(99), (m, goal, end, seed) => {
      const search = { ...SEARCH, matrix: m, optimization: goal, seed, maxIter: 27 };
      const plan = createHyperband(search);
      const experiments = runSequentially(search, ({ bracket, rung, slot }) =>
        end(bracket, rung, slot),
      );

      for (const { bracket, rungs } of plan.brackets) {
        for (const [rung, { experiments: places, resource }] of rungs.entries()) {
          const on = (r: number) =>
            experiments.filter((one) => one.bracket === bracket && one.rung === r);
          const expected =
            rung === 0
              ? Array.from({ length: places }, (_, slot) => ({
                  from: null,
                  values: plan.values({ bracket, slot }),
                }))
              : promote(on(rung - 1), goal, places).map((from) => ({
                  from,
                  values: on(rung - 1)[from]?.values,
                }));
          assert.deepEqual(
            on(rung).map(({ from, values }) => ({ from, values })),
            expected,
          );
          assert.ok(on(rung).every((one) => one.resource === resource));
        }
      }
      const indices = experiments.map(plan.indexOf);
      assert.deepEqual(
        indices,
        indices.toSorted((a, b) => a - b),
      );
    }),
    { seed: 1, numRuns: 60 },
  );
});
