import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Minimization } from '../../lib/numerics/minimize.ts';
import { createDescent, minimizeBounded } from '../../lib/numerics/minimize.ts';
import tables from '../oracles/minimize.oracle.json' with { type: 'json' };

const ENOUGH = { iterations: 1000, evaluations: 5000, tolerance: 1e-8 } as const;

const cube = (n: number, low: number, high: number) => ({
  lower: new Float64Array(n).fill(low),
  upper: new Float64Array(n).fill(high),
});

const at = (x: Float64Array, i: number): number => x[i] ?? Number.NaN;

const rosenbrock: Minimization['evaluate'] = (x, gradient) => {
  let sum = 0;
  gradient.fill(0);
  for (let i = 0; i + 1 < x.length; i++) {
    const bend = at(x, i + 1) - at(x, i) ** 2;
    const rest = 1 - at(x, i);
    sum += 100 * bend * bend + rest * rest;
    gradient[i] = at(gradient, i) - 400 * bend * at(x, i) - 2 * rest;
    gradient[i + 1] = 200 * bend;
  }
  return sum;
};

for (const { n, lower, upper, start, value, x } of tables.rosenbrock) {
  test(`Rosenbrock's function of ${n} variables in [${lower}, ${upper}] has the minimum that SciPy finds`, () => {
    const minimum = minimizeBounded({
      start: Float64Array.from(start),
      ...cube(n, lower, upper),
      evaluate: rosenbrock,
      ...ENOUGH,
    });

    assert.ok(Math.abs(minimum.value - value) < 1e-9 * Math.max(1, value), `${minimum.value}`);
    for (let i = 0; i < n; i++) {
      assert.ok(Math.abs(at(minimum.x, i) - (x[i] ?? 0)) < 1e-4, `x[${i}]`);
    }
    assert.ok(minimum.evaluations < 300, `${minimum.evaluations} evaluations`);
  });
}

test('a descent in parts ends where one in a single go does, and keeps what it had reached before', () => {
  const given = {
    start: Float64Array.of(-1.2, 1, 0.3),
    ...cube(3, -2, 2),
    evaluate: rosenbrock,
    evaluations: 5000,
    tolerance: 1e-8,
  };

  const goOn = createDescent(given);
  const early = goOn(3);
  const kept = early.x.slice();
  const parts = [7, 7, 12, 1000].map(goOn);

  assert.equal(early.reason, 'iterations');
  assert.deepEqual(early, minimizeBounded({ ...given, iterations: 3 }));
  assert.deepEqual(early.x, kept);
  assert.deepEqual(parts.at(-1), minimizeBounded({ ...given, iterations: 1000 }));
});

test('a quadratic is least at the bounds that it is pushed against and free elsewhere', () => {
  // (x0 + x1 − 1.5)² + (x1 − x2)² + (x2 + 5)², in the cube least at (1, 1/4, 0).
  const minimum = minimizeBounded({
    start: Float64Array.of(0.2, 0.4, 0.9),
    ...cube(3, 0, 1),
    evaluate: (x, gradient) => {
      const a = at(x, 0) + at(x, 1) - 1.5;
      const b = at(x, 1) - at(x, 2);
      const c = at(x, 2) + 5;
      gradient.set([2 * a, 2 * a + 2 * b, 2 * c - 2 * b]);
      return a * a + b * b + c * c;
    },
    ...ENOUGH,
  });

  assert.equal(minimum.reason, 'gradient');
  assert.equal(minimum.x[0], 1);
  assert.ok(Math.abs(at(minimum.x, 1) - 0.25) < 1e-7);
  assert.equal(minimum.x[2], 0);
  assert.ok(minimum.gradientNorm <= ENOUGH.tolerance);
});

const box = fc.integer({ min: 1, max: 6 }).chain((n) => {
  const coordinate = fc.double({ min: -3, max: 3, noNaN: true });
  const coordinates = fc.array(coordinate, { minLength: n, maxLength: n });
  return fc.tuple(coordinates, coordinates, coordinates, coordinates);
});

test('a minimisation never leaves the bounds, ends no higher than it starts and repeats itself', () => {
  fc.assert(
    fc.property(box, ([one, other, start, centre]) => {
      const lower = Float64Array.from(one, (a, i) => Math.min(a, other[i] ?? 0));
      const upper = Float64Array.from(one, (a, i) => Math.max(a, other[i] ?? 0));
      const evaluate: Minimization['evaluate'] = (x, gradient) => {
        let sum = 0;
        for (let i = 0; i < x.length; i++) {
          assert.ok(at(x, i) >= at(lower, i) && at(x, i) <= at(upper, i));
          const from = at(x, i) - (centre[i] ?? 0);
          sum += from ** 4 + Math.cos(3 * from);
          gradient[i] = 4 * from ** 3 - 3 * Math.sin(3 * from);
        }
        return sum;
      };
      const given = { start: Float64Array.from(start), lower, upper, evaluate, ...ENOUGH };
      const minimum = minimizeBounded(given);
      const inside = Float64Array.from(start, (a, i) =>
        Math.min(Math.max(a, at(lower, i)), at(upper, i)),
      );

      assert.ok(minimum.value <= evaluate(inside, new Float64Array(start.length)));
      assert.deepEqual(minimizeBounded(given), minimum);
      assert.deepEqual(given.start, Float64Array.from(start));
    }),
  );
});

test('where the value or its gradient is not finite, a step is too far', () => {
  for (const wall of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    for (const part of ['value', 'gradient']) {
      // −log(1 − x) − 2x is least at 1/2 and ends at 1.
      const minimum = minimizeBounded({
        start: Float64Array.of(-20),
        ...cube(1, -100, 100),
        evaluate: (x, gradient) => {
          const rest = 1 - at(x, 0);
          if (rest > 0) {
            gradient[0] = 1 / rest - 2;
            return -Math.log(rest) - 2 * at(x, 0);
          }
          gradient[0] = part === 'gradient' ? wall : 1;
          return part === 'value' ? wall : -1000;
        },
        ...ENOUGH,
      });

      assert.ok(Math.abs(at(minimum.x, 0) - 0.5) < 1e-4, `${part} ${wall}: ${minimum.x[0]}`);
    }
  }
});

test('it is said why a minimisation ends', () => {
  const given: Minimization = {
    start: Float64Array.of(-1.2, 1),
    ...cube(2, -2, 2),
    evaluate: rosenbrock,
    ...ENOUGH,
  };
  const reasonOf = (change: Partial<Minimization>) =>
    minimizeBounded({ ...given, ...change }).reason;

  assert.equal(reasonOf({ start: Float64Array.of(1, 1) }), 'gradient');
  assert.equal(reasonOf({ tolerance: 0.1 }), 'decrease');
  assert.equal(reasonOf({ iterations: 3 }), 'iterations');
  assert.equal(reasonOf({ evaluations: 5 }), 'evaluations');
  assert.equal(reasonOf({ evaluate: () => Number.NaN }), 'start');
  // A gradient that points the wrong way.
  const misled: Minimization['evaluate'] = (x, gradient) => {
    const value = rosenbrock(x, gradient);
    for (const [i, one] of gradient.entries()) gradient[i] = -one;
    return value;
  };
  assert.equal(reasonOf({ evaluate: misled }), 'line-search');
});

test('no more evaluations are made than are allowed', () => {
  for (const evaluations of [1, 2, 7, 20]) {
    let made = 0;
    const minimum = minimizeBounded({
      start: Float64Array.of(-1.2, 1),
      ...cube(2, -2, 2),
      evaluate: (x, gradient) => {
        made += 1;
        return rosenbrock(x, gradient);
      },
      ...ENOUGH,
      evaluations,
    });

    assert.equal(made, evaluations);
    assert.equal(minimum.evaluations, evaluations);
  }
});
