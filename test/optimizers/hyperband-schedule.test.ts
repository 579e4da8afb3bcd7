import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { LIMITS } from '../../lib/domain/limits.ts';
import type { Bracket, ScheduleInput } from '../../lib/optimizers/hyperband-schedule.ts';
import {
  createSchedule,
  plannedExperiments,
  plansMoreThan,
  shrunk,
  totalResource,
} from '../../lib/optimizers/hyperband-schedule.ts';

const schedule = (
  maxIter: number,
  eta: number,
  resourceType: 'int' | 'float' = 'int',
): readonly Bracket[] => createSchedule({ maxIter, eta, resourceType });

/** `n@r n@r …` for each bracket. */
const inWords = (brackets: readonly Bracket[]): readonly string[] =>
  brackets.map(({ rungs }) =>
    rungs.map((rung) => `${rung.experiments}@${rung.resource}`).join(' '),
  );

const TABLES: readonly {
  maxIter: number;
  eta: number;
  type: 'int' | 'float';
  brackets: readonly string[];
}[] = [
  {
    maxIter: 81,
    eta: 3,
    type: 'int',
    brackets: [
      '81@1 27@3 9@9 3@27 1@81',
      '34@3 11@9 3@27 1@81',
      '15@9 5@27 1@81',
      '8@27 2@81',
      '5@81',
    ],
  },
  {
    maxIter: 10,
    eta: 3,
    type: 'float',
    brackets: [
      '9@1.1111111111111112 3@3.3333333333333335 1@10',
      '5@3.3333333333333335 1@10',
      '3@10',
    ],
  },
  { maxIter: 10, eta: 3, type: 'int', brackets: ['9@1 3@3 1@10', '5@3 1@10', '3@10'] },
  {
    maxIter: 243,
    eta: 3,
    type: 'int',
    brackets: [
      '243@1 81@3 27@9 9@27 3@81 1@243',
      '98@3 32@9 10@27 3@81 1@243',
      '41@9 13@27 4@81 1@243',
      '18@27 6@81 2@243',
      '9@81 3@243',
      '6@243',
    ],
  },
  {
    maxIter: 1000,
    eta: 10,
    type: 'int',
    brackets: ['1000@1 100@10 10@100 1@1000', '134@10 13@100 1@1000', '20@100 2@1000', '4@1000'],
  },
  { maxIter: 1, eta: 3, type: 'int', brackets: ['1@1'] },
  { maxIter: 2, eta: 3, type: 'float', brackets: ['1@2'] },
  { maxIter: 3, eta: 3, type: 'int', brackets: ['3@1 1@3', '2@3'] },
  // 1.25 and 2.5: halves go up.
  { maxIter: 5, eta: 2, type: 'int', brackets: ['4@1 2@3 1@5', '3@3 1@5', '3@5'] },
  { maxIter: 7, eta: 1e21, type: 'int', brackets: ['1@7'] },
];

for (const { maxIter, eta, type, brackets } of TABLES) {
  test(`max_iter ${maxIter} and eta ${eta} give the ${brackets.length} brackets of the table (${type})`, () => {
    const actual = schedule(maxIter, eta, type);

    assert.deepEqual(inWords(actual), brackets);
    assert.deepEqual(
      actual.map(({ bracket }) => bracket),
      brackets.map((_, i) => brackets.length - 1 - i),
    );
  });
}

test('max_iter 81 and eta 3 plan 206 experiments', () => {
  const brackets = schedule(81, 3);

  assert.equal(plannedExperiments(brackets), 206);
  assert.equal(totalResource(brackets, { resume: false }), 1902);
  assert.equal(totalResource(brackets, { resume: true }), 1581);
});

interface OracleCase {
  readonly max_iter: number;
  readonly eta: string;
  readonly s_max: number;
  readonly starts?: readonly number[];
  readonly planned: number;
  readonly total: number;
  readonly resumed: number;
  readonly rungs?: readonly (readonly (readonly [number, number, number])[])[];
  readonly digest?: string;
}

const ORACLE: readonly OracleCase[] = JSON.parse(
  readFileSync(new URL('../oracles/hyperband.oracle.json', import.meta.url), 'utf8'),
);

/** [experiments, resource as int, resource as float] of each rung of each bracket. */
function listRungs(maxIter: number, eta: number): readonly (readonly (readonly number[])[])[] {
  const floats = schedule(maxIter, eta, 'float');
  return schedule(maxIter, eta, 'int').map(({ rungs }, i) =>
    rungs.map(({ experiments, resource }, j) => {
      const float = floats[i]?.rungs[j];
      assert.equal(float?.experiments, experiments);
      return [experiments, resource, float.resource];
    }),
  );
}

function digestOf(numbers: readonly number[]): string {
  const bytes = Buffer.alloc(8 * numbers.length);
  for (const [i, number] of numbers.entries()) bytes.writeDoubleLE(number, 8 * i);
  return createHash('sha256').update(bytes).digest('hex');
}

test(`${ORACLE.length} schedules are those of exact fractions, to the last bit of a float resource`, () => {
  assert.ok(ORACLE.length > 600);
  for (const { max_iter: maxIter, eta: written, ...expected } of ORACLE) {
    const eta = Number(written);
    const brackets = schedule(maxIter, eta);
    const rungs = listRungs(maxIter, eta);
    const where = `max_iter ${maxIter}, eta ${written}`;

    assert.equal(brackets[0]?.bracket, expected.s_max, where);
    if (expected.starts !== undefined) {
      const starts = brackets.map((bracket) => bracket.rungs[0]?.experiments);
      assert.deepEqual(starts, expected.starts, where);
    }
    if (expected.rungs !== undefined) assert.deepEqual(rungs, expected.rungs, where);
    if (expected.digest !== undefined)
      assert.equal(digestOf(rungs.flat(2)), expected.digest, where);
    assert.equal(plannedExperiments(brackets), expected.planned, where);
    assert.equal(totalResource(brackets, { resume: false }), expected.total, where);
    assert.equal(totalResource(brackets, { resume: true }), expected.resumed, where);
  }
});

const anyInput: fc.Arbitrary<ScheduleInput> = fc.record({
  maxIter: fc.integer({ min: 1, max: LIMITS.maxIter }),
  eta: fc.oneof(
    fc.integer({ min: 2, max: 20 }),
    fc.integer({ min: 125, max: 999 }).map((hundredths) => hundredths / 100),
  ),
  resourceType: fc.constantFrom('int' as const, 'float' as const),
});

test('in every bracket experiments fall and resources rise, from at least 1 to exactly max_iter', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      for (const { bracket, rungs } of createSchedule(input)) {
        const experiments = rungs.map((rung) => rung.experiments);
        const resources = rungs.map((rung) => rung.resource);

        assert.equal(rungs.length, bracket + 1);
        assert.deepEqual(
          experiments,
          experiments.toSorted((a, b) => b - a),
        );
        assert.deepEqual(
          resources,
          resources.toSorted((a, b) => a - b),
        );
        assert.ok((experiments.at(-1) ?? 0) >= 1);
        assert.ok((resources[0] ?? 0) >= 1);
        assert.equal(resources.at(-1), input.maxIter);
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('whether a schedule plans more than a limit is known without counting all of it', () => {
  fc.assert(
    fc.property(anyInput, fc.integer({ min: -2, max: 2 }), (input, off) => {
      const limit = plannedExperiments(createSchedule(input)) + off;

      assert.equal(plansMoreThan(limit, input), off < 0);
    }),
    { seed: 2, numRuns: 200 },
  );
});

test('the longest schedule plans more than the limit', () => {
  const input: ScheduleInput = {
    maxIter: LIMITS.maxIter,
    eta: LIMITS.etaMin,
    resourceType: 'int',
  };

  assert.equal(plansMoreThan(LIMITS.plannedExperiments, input), true);
  assert.equal(plannedExperiments(createSchedule(input)), 119_566_798);
});

test('max_iter and eta outside of their limits are refused by an assertion', () => {
  const at = { maxIter: LIMITS.maxIter, eta: LIMITS.etaMin };
  assert.doesNotThrow(() => schedule(at.maxIter, at.eta));
  for (const [maxIter, eta] of [
    [0, 3],
    [1.5, 3],
    [at.maxIter + 1, 3],
    [81, 1.0999999],
    [81, Number.POSITIVE_INFINITY],
    [81, Number.NaN],
  ] as const) {
    assert.throws(() => schedule(maxIter, eta), assert.AssertionError);
  }
});

const shrinkFirst = (maxIter: number, eta: number, points: number): string | undefined =>
  inWords(schedule(maxIter, eta).map((bracket) => shrunk(bracket, { points, eta })))[0];

const SHRUNK: readonly (readonly [points: number, rungs: string])[] = [
  [Number.POSITIVE_INFINITY, '81@1 27@3 9@9 3@27 1@81'],
  [81, '81@1 27@3 9@9 3@27 1@81'],
  [80, '80@1 26@3 8@9 2@27 1@81'],
  [30, '30@1 10@3 3@9 1@27 1@81'],
  [2, '2@1 1@3 1@9 1@27 1@81'],
  [1, '1@1 1@3 1@9 1@27 1@81'],
];

for (const [points, rungs] of SHRUNK) {
  test(`a bracket of 81 with ${points} distinct points runs ${rungs}`, () => {
    assert.equal(shrinkFirst(81, 3, points), rungs);
  });
}

test('eta is the decimal that was written, though the double nearest to it is another number', () => {
  const [bracket] = schedule(200, 1.1);
  assert.ok(bracket);

  const { rungs } = shrunk(bracket, { points: 121, eta: 1.1 });

  // The double is above 11/10: divided by it, 121 would leave 109 and 99.
  assert.deepEqual(
    rungs.slice(0, 3).map(({ experiments }) => experiments),
    [121, 110, 100],
  );
});

test('a bracket that has its points is shrunk to itself', () => {
  fc.assert(
    fc.property(anyInput, fc.nat(1000), (input, more) => {
      for (const bracket of createSchedule(input)) {
        const points = (bracket.rungs[0]?.experiments ?? 0) + more;
        assert.deepEqual(shrunk(bracket, { points, eta: input.eta }), bracket);
      }
    }),
    { seed: 3, numRuns: 50 },
  );
});

test('a bracket without points is refused by an assertion', () => {
  assert.throws(() => shrinkFirst(81, 3, 0), assert.AssertionError);
});
