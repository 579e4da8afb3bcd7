import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  Acquisition,
  Algorithm,
  GaussianProcess,
  Optimization,
} from '../../../lib/domain/hptuning.ts';
import type { Values } from '../../../lib/domain/values.ts';
import type { Encoding } from '../../../lib/matrix/encoding.ts';
import { createEncoding } from '../../../lib/matrix/encoding.ts';
import { createStream } from '../../../lib/numerics/stream.ts';
import type { Surrogate } from '../../../lib/optimizers/bayes/surrogate.ts';
import { createSurrogate } from '../../../lib/optimizers/bayes/surrogate.ts';
import type { Observation } from '../../../lib/optimizers/bayes/view.ts';
import { matrixOf } from '../../matrix/helpers.ts';

type Bo = Extract<Algorithm, { readonly kind: 'bo' }>;

const PLANE = createEncoding(matrixOf({ a: { uniform: [0, 1] }, b: { uniform: [0, 1] } }));
const MATERN: GaussianProcess = { kernel: 'matern', lengthScale: 1, nu: 1.9, restarts: 0 };
const UCB: Acquisition = { kind: 'ucb', kappa: 2 };

const described = (
  given: Partial<GaussianProcess> = {},
  acquisition: Acquisition = UCB,
): Bo['surrogate'] => ({
  acquisition,
  gaussianProcess: { ...MATERN, ...given },
});

interface Given {
  readonly observations: readonly Observation[];
  readonly surrogate?: Bo['surrogate'];
  readonly optimization?: Optimization;
  readonly room?: number;
  readonly initial?: number;
  readonly encoding?: Encoding;
}

const surrogateOf = ({
  observations,
  surrogate = null,
  optimization = 'minimize',
  room = 0,
  initial = 0,
  encoding = PLANE,
}: Given): Surrogate =>
  createSurrogate({
    settings: { initial, metric: { name: 'loss', optimization }, surrogate },
    seed: 1,
    encoding,
    observations,
    room,
  });

/** Points spread evenly over the plane. */
const spread = (count: number): readonly Values[] =>
  Array.from({ length: count }, (_, i) => ({
    a: ((i + 1) * Math.SQRT2) % 1,
    b: ((i + 1) * Math.sqrt(3)) % 1,
  }));

const observe = (
  count: number,
  objectiveOf: (a: number, b: number) => number,
): readonly Observation[] =>
  spread(count).map((values) => ({
    values,
    objective: objectiveOf(Number(values['a']), Number(values['b'])),
  }));

const bowl = (a: number, b: number): number => (a - 0.3) ** 2 + (b - 0.6) ** 2;
const wave = (a: number, b: number): number => Math.sin(4 * a) + Math.cos(3 * b);

const GRID: readonly Float64Array[] = Array.from({ length: 21 * 21 }, (_, i) =>
  Float64Array.of((i % 21) / 20, Math.floor(i / 21) / 20),
);

const SURROGATES = {
  'the default': null,
  'the reference': described(),
  'an rbf': described({ kernel: 'rbf' }),
  'a rough': described({ nu: 0.5 }),
} as const;

for (const [name, surrogate] of Object.entries(SURROGATES)) {
  test(`${name} surrogate foretells a smooth objective, in units of the metric`, () => {
    for (const optimization of ['minimize', 'maximize'] as const) {
      const observations = observe(40, (a, b) => 1000 + 100 * wave(a, b));
      const { predict } = surrogateOf({ observations, surrogate, optimization });
      const errors = GRID.map((point) => {
        const [a = 0, b = 0] = point;
        return Math.abs(predict(point, 0).mean - 1000 - 100 * wave(a, b));
      });
      const mean = errors.reduce((sum, one) => sum + one / errors.length, 0);

      assert.ok(mean < 20, `mean error ${mean}`);
    }
  });

  test(`${name} surrogate is surer near what was observed than far from it`, () => {
    const corner = observe(60, bowl).filter(
      ({ values }) => Number(values['a']) < 0.5 && Number(values['b']) < 0.5,
    );
    const { predict } = surrogateOf({ observations: corner, surrogate });

    assert.ok(predict(Float64Array.of(0.25, 0.25), 0).sd < predict(Float64Array.of(1, 1), 0).sd);
  });

  test(`${name} surrogate is not white noise: its certainty varies over the cube`, () => {
    for (const objectiveOf of [bowl, wave]) {
      for (const count of [5, 6, 7, 8, 9, 10]) {
        const observations = observe(count, objectiveOf);
        const { predict } = surrogateOf({ observations, surrogate });
        const sds = GRID.map((point) => predict(point, 0).sd).sort((a, b) => a - b);
        const [least = 0, median = 0, most = 0] = [sds[0], sds[220], sds[440]];

        // White noise would be equally unsure of all points but those that were observed.
        assert.ok(least < 0.5 * most && median < 0.99 * most, `${least}, ${median}, ${most}`);
      }
    }
  });

  test(`the acquisition of ${name} surrogate leads where the objective is better`, () => {
    for (const count of [5, 6, 7, 8, 9, 10]) {
      const slope = observe(count, (a) => a);
      const heights = [0, 1].map((a) => {
        const { landscapeAt } = surrogateOf({ observations: slope, surrogate });
        return landscapeAt(0).at(Float64Array.of(a, 0.5));
      });

      assert.ok((heights[0] ?? 0) > (heights[1] ?? 0), `of ${count}: ${heights}`);
    }
  });

  test(`the gradient of the acquisition of ${name} surrogate is the slope of its height`, () => {
    const observations = observe(12, wave);
    const { landscapeAt } = surrogateOf({ observations, surrogate });
    const step = 1e-6;
    for (const index of [0, 1]) {
      const landscape = landscapeAt(index);
      for (const [a, b] of [
        [0.21, 0.83],
        [0.66, 0.12],
        [0.05, 0.4],
      ] as const) {
        const gradient = new Float64Array(2);
        const height = landscape.climb(Float64Array.of(a, b), gradient);
        const byA =
          landscape.at(Float64Array.of(a + step, b)) - landscape.at(Float64Array.of(a - step, b));
        const byB =
          landscape.at(Float64Array.of(a, b + step)) - landscape.at(Float64Array.of(a, b - step));

        assert.equal(height, landscape.at(Float64Array.of(a, b)));
        for (const [c, difference] of [byA, byB].entries()) {
          const slope = difference / (2 * step);
          const error = Math.abs((gradient[c] ?? 0) - slope) / Math.max(1, Math.abs(slope));
          assert.ok(error < 1e-4, `${gradient[c]} instead of ${slope}`);
        }
      }
    }
  });

  test(`what is being tried makes ${name} surrogate surer there`, () => {
    const observations = observe(8, wave);
    const { predict, expect } = surrogateOf({ observations, surrogate, room: 2 });
    const point = Float64Array.of(0.5, 0.05);
    const before = predict(point, 0).sd;
    expect([{ a: 0.5, b: 0.05 }]);
    const after = predict(point, 0).sd;

    assert.ok(after < 0.5 * before, `${before}, then ${after}`);
  });

  test(`${name} surrogate is told only what is new of a growing list`, () => {
    const observations = observe(8, wave);
    const atOnce = surrogateOf({ observations, surrogate, room: 3 });
    const inTurn = surrogateOf({ observations, surrogate, room: 3 });
    const pending = spread(11).slice(8);
    atOnce.expect(pending);
    for (const count of [0, 1, 1, 3, 3]) inTurn.expect(pending.slice(0, count));

    for (const point of GRID.slice(0, 50)) {
      assert.deepEqual(inTurn.predict(point, 0), atOnce.predict(point, 0));
    }
  });
}

test('a described surrogate has no noise: at an observation it says what was observed', () => {
  for (const optimization of ['minimize', 'maximize'] as const) {
    const observations = observe(10, wave);
    const { predict } = surrogateOf({ observations, surrogate: described(), optimization });
    for (const { values, objective } of observations) {
      const { mean, sd } = predict(PLANE.pointOf(values), 0);

      assert.ok(Math.abs(mean - objective) < 1e-5, `${mean} instead of ${objective}`);
      assert.ok(sd < 1e-4, `${sd}`);
    }
  }
});

test('of different objectives at one point a described surrogate says their mean', () => {
  const point = { a: 0.4, b: 0.4 };
  const observations = [
    ...observe(4, wave),
    { values: point, objective: 1 },
    { values: point, objective: 2 },
  ];
  const { predict } = surrogateOf({ observations, surrogate: described() });

  assert.ok(Math.abs(predict(PLANE.pointOf(point), 0).mean - 1.5) < 1e-3);
});

test('incumbents are the sixteen best, the best first, whatever is better', () => {
  const observations = observe(30, wave);
  const sorted = observations.toSorted((a, b) => a.objective - b.objective);
  const least = surrogateOf({ observations, optimization: 'minimize' }).incumbents;
  const most = surrogateOf({ observations, optimization: 'maximize' }).incumbents;

  assert.deepEqual(
    least,
    sorted.slice(0, 16).map(({ values }) => values),
  );
  assert.deepEqual(
    most,
    sorted
      .toReversed()
      .slice(0, 16)
      .map(({ values }) => values),
  );
});

test('what is infeasible is no incumbent while there is anything else', () => {
  const observations = observe(6, (a) => (a > 0.5 ? Number.NaN : a));
  const { incumbents } = surrogateOf({ observations });
  const isFeasible = incumbents.map(({ a }) => Number(a) <= 0.5);

  assert.deepEqual(
    isFeasible.toSorted((one, other) => Number(other) - Number(one)),
    isFeasible,
  );
});

test('the surrogate keeps away from where nothing is feasible', () => {
  const observations = observe(20, (a) => (a > 0.5 ? Number.NaN : 1 - a));
  for (const surrogate of Object.values(SURROGATES)) {
    const { predict } = surrogateOf({ observations, surrogate });
    const [feasible, infeasible] = [0.25, 0.9].map((a) => predict(Float64Array.of(a, 0.5), 0).mean);

    assert.ok((feasible ?? 0) < (infeasible ?? 0), `${feasible} and ${infeasible}`);
  }
});

for (const lengthScale of [1e-5, 0.01, 100, 1e5]) {
  for (const kernel of ['matern', 'rbf'] as const) {
    test(`a ${kernel} kernel with a length scale of ${lengthScale} has finite predictions`, () => {
      const surrogate = described({ kernel, lengthScale });
      const { predict, landscapeAt } = surrogateOf({
        observations: observe(12, wave),
        surrogate,
      });
      for (const point of GRID) {
        const { mean, sd } = predict(point, 0);
        assert.ok(Number.isFinite(mean) && sd >= 0 && Number.isFinite(sd), `${mean} ± ${sd}`);
        assert.ok(Number.isFinite(landscapeAt(0).at(point)));
      }
    });
  }
}

for (const kind of ['ei', 'poi'] as const) {
  test(`an eps of ${kind} that is out of reach still ranks points`, () => {
    const surrogate = described({}, { kind, eps: 50 });
    const { landscapeAt } = surrogateOf({ observations: observe(10, wave), surrogate });
    const heights = GRID.map((point) => landscapeAt(0).at(point));

    assert.ok(heights.every(Number.isFinite));
    assert.ok(new Set(heights).size > 400);
  });
}

test('the default surrogate takes turns by the index of the suggestion', () => {
  const { predict } = surrogateOf({ observations: observe(6, wave) });

  assert.deepEqual(
    [4, 5, 6, 7].map((index) => predict(Float64Array.of(0.5, 0.5), index).acquisition.name),
    ['ei', 'ei', 'ucb', 'ucb'],
  );
});

test('every second suggestion stays in a box around the incumbent, which shrinks while nothing gets better', () => {
  const first = observe(6, bowl);
  const [best] = first.toSorted((a, b) => a.objective - b.objective);
  const worse = observe(26, (a, b) => 5 + bowl(a, b)).slice(6);
  const widthAfter = (count: number): number => {
    const { boxAt } = surrogateOf({
      observations: [...first, ...worse.slice(0, count)],
      initial: 6,
    });
    const box = boxAt(7);
    assert.ok(box !== null && best !== undefined);
    for (const [c, t] of PLANE.pointOf(best.values).entries()) {
      assert.ok((box.lower[c] ?? 1) < t && t < (box.upper[c] ?? 0));
    }
    return (box.upper[0] ?? 0) - (box.lower[0] ?? 0);
  };

  assert.equal(surrogateOf({ observations: first }).boxAt(6), null);
  assert.ok(widthAfter(16) < widthAfter(0) / 4, `${widthAfter(16)} after ${widthAfter(0)}`);
});

test('failures say nothing of the box', () => {
  const observations = observe(8, bowl);
  const failed = spread(16)
    .slice(8)
    .map((values) => ({ values, objective: Number.NaN }));
  const halved = observe(12, (a, b) => (bowl(a, b) < 0 ? 0 : 9 + bowl(a, b))).slice(8);
  const sideOf = (all: readonly Observation[]): number => {
    const box = surrogateOf({ observations: all, initial: 8 }).boxAt(1);
    return Math.sqrt(
      [0, 1].reduce((area, c) => area * ((box?.upper[c] ?? 0) - (box?.lower[c] ?? 0)), 1),
    );
  };

  assert.ok(sideOf([...observations, ...failed]) > 1.5 * sideOf([...observations, ...halved]));
});

test('where there is noise the box lies around the best mean, not around the luckiest observation', () => {
  const points = spread(40);
  const noisy = points.map((values, i) => ({
    values,
    objective: bowl(Number(values['a']), Number(values['b'])) + (i % 2 === 0 ? 0.08 : -0.08),
  }));
  const lucky = { values: { a: 0.9, b: 0.1 }, objective: -0.3 };
  const box = surrogateOf({ observations: [...noisy, lucky], initial: 41 }).boxAt(1);
  const middle = [0, 1].map((c) => ((box?.lower[c] ?? 0) + (box?.upper[c] ?? 0)) / 2);

  assert.ok(Math.hypot((middle[0] ?? 0) - 0.3, (middle[1] ?? 0) - 0.6) < 0.3, middle.join());
});

test('few observations do not make length scales differ by chance', () => {
  // Two of twelve parameters matter, and ten observations cannot tell which.
  const many = createEncoding(
    matrixOf(
      Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`p${i}`, { uniform: [0, 1] }])),
    ),
  );
  const observations = Array.from({ length: 10 }, (_, i) => {
    const values = Object.fromEntries(
      Array.from({ length: 12 }, (_p, j) => [`p${j}`, ((i + 1) * Math.sqrt(j + 2)) % 1]),
    );
    return { values, objective: bowl(Number(values['p0']), Number(values['p1'])) };
  });
  const box = surrogateOf({ observations, initial: 10, encoding: many }).boxAt(1);
  const widths =
    observations.length > 0 && box ? [...box.upper].map((u, c) => u - (box.lower[c] ?? 0)) : [];

  assert.ok(Math.max(...widths) < 8 * Math.min(...widths), widths.join());
});

const ACQUISITIONS: readonly Acquisition[] = [
  { kind: 'ucb', kappa: 2.576 },
  { kind: 'ei', eps: 0.01 },
  { kind: 'poi', eps: 0.01 },
];

for (const acquisition of ACQUISITIONS) {
  test(`a prediction names ${acquisition.kind} and says its plain value, which ranks points as the landscape does`, () => {
    const surrogate = described({}, acquisition);
    const { predict, landscapeAt } = surrogateOf({ observations: observe(6, wave), surrogate });
    const { at } = landscapeAt(0);
    const byHeight = GRID.toSorted((a, b) => at(a) - at(b));
    const values = byHeight.map((point) => predict(point, 0).acquisition.value);

    assert.equal(predict(Float64Array.of(0.5, 0.5), 0).acquisition.name, acquisition.kind);
    for (const [i, value] of values.slice(1).entries()) {
      assert.ok(value >= (values[i] ?? Number.NaN) - 1e-12, `${values[i]}, then ${value}`);
    }
    if (acquisition.kind !== 'ucb') assert.ok(values.every((value) => value >= 0));
  });
}

test('of noisy objectives the default surrogate does not believe the luckiest', () => {
  const noisy = observe(60, (a, b) => bowl(a, b)).map(({ values }, i) => ({
    values,
    objective: bowl(Number(values['a']), Number(values['b'])) + 0.2 * Math.sin(1e4 * i),
  }));
  const { predict } = surrogateOf({ observations: noisy });
  const [best] = noisy.toSorted((a, b) => a.objective - b.objective);
  assert.ok(best);

  assert.ok(predict(PLANE.pointOf(best.values), 0).mean > best.objective + 0.02);
});

test('with more observations than a process is given, the best and the latest count', () => {
  const observations = observe(700, (a, b) => 5 + bowl(a, b));
  const { predict, incumbents } = surrogateOf({ observations, surrogate: described() });
  const [best] = observations.toSorted((a, b) => a.objective - b.objective);

  assert.deepEqual(incumbents[0], best?.values);
  assert.ok(Math.abs(predict(Float64Array.of(0.3, 0.6), 0).mean - 5) < 0.05);
});

test('ripples too narrow to be seen are taken for noise', () => {
  // Observations lie much farther from each other than the ripples are wide; a length scale of theirs would explain all.
  const count = 8;
  const many = createEncoding(
    matrixOf(
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, { uniform: [0, 1] }])),
    ),
  );
  const observations = Array.from({ length: 24 }, (_, i) => {
    const point = Array.from({ length: count }, (_p, j) => ((i + 1) * Math.sqrt(2 * j + 3)) % 1);
    const bowlAt = point.reduce((sum, t) => sum + (t - 0.4) ** 2, 0);
    const ripples = point.reduce((sum, t) => sum + Math.cos(200 * t), 0) / count;
    const values = Object.fromEntries(point.map((t, j) => [`p${j}`, t]));
    return { values, objective: bowlAt + 0.3 * ripples };
  });
  const { predict } = surrogateOf({ observations, encoding: many });
  const middle = predict(new Float64Array(count).fill(0.4), 0).mean;
  const corner = predict(new Float64Array(count).fill(1), 0).mean;

  assert.ok(middle < corner - 0.2, `${middle} in the middle, ${corner} in the corner`);
});

test('where there is noise, what many looks have told is not looked at again from everywhere', () => {
  const noise = createStream({ seed: 3, purpose: 97 });
  // A valley that is looked at forty times, and some looks from everywhere.
  const near = Array.from({ length: 40 }, (_, i) => ({
    a: 0.3 + 0.04 * (noise.uniform(i, 0) - 0.5),
    b: 0.6 + 0.04 * (noise.uniform(i, 1) - 0.5),
  }));
  const observations = [...near, ...spread(12)].map(({ a, b }, i) => ({
    values: { a, b },
    objective:
      3 * ((Number(a) - 0.3) ** 2 + (Number(b) - 0.6) ** 2) + 0.4 * (noise.uniform(i, 2) - 0.5),
  }));
  const { isKnown } = surrogateOf({ observations });
  const [valley, corner] = [Float64Array.of(0.3, 0.6), Float64Array.of(1, 0)];

  assert.deepEqual(
    [0, 2].map((index) => isKnown(valley, index)),
    [true, true],
  );
  // Every second suggestion stays near the incumbent and goes on there.
  assert.equal(isKnown(valley, 1), false);
  assert.equal(isKnown(corner, 0), false);
  const quiet = surrogateOf({
    observations: observations.map(({ values: { a, b }, values }) => ({
      values,
      objective: (Number(a) - 0.3) ** 2 + (Number(b) - 0.6) ** 2,
    })),
  });
  assert.equal(quiet.isKnown(valley, 0), false);
});
