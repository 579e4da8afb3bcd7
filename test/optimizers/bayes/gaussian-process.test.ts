import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMatern, createRbf } from '../../../lib/numerics/radial.ts';
import {
  expectedImprovement,
  probabilityOfImprovement,
  upperConfidenceBound,
} from '../../../lib/optimizers/bayes/acquisition.ts';
import type { Data, Model, Posterior } from '../../../lib/optimizers/bayes/gaussian-process.ts';
import {
  createPosterior,
  logMarginalLikelihood,
} from '../../../lib/optimizers/bayes/gaussian-process.ts';
import tables from '../../oracles/gaussian-process.oracle.json' with { type: 'json' };

const radialOf = (nu: number | null) => (nu === null ? createRbf() : createMatern(nu));

const processes = tables.processes.map((table) => {
  const { nu, d, fitsVariances, noise } = table;
  const theta = Float64Array.from(table.theta);
  const scales = theta.length - (fitsVariances ? 2 : 0);
  const scaleOf = Int32Array.from(table.scaleOf);
  const model: Model = { radial: radialOf(nu), scaleOf, scales, fitsVariances, noise };
  const y = Float64Array.from(table.y);
  const data: Data = { x: Float64Array.from(table.points), y, n: y.length, d };
  const name = `${nu === null ? 'rbf' : `Matérn ${nu}`} of ${scales} length scales over ${y.length} observations`;
  return { name, table, model, data, theta };
});

function posteriorOf(
  model: Model,
  data: Data,
  given: Parameters<typeof createPosterior>[2],
): Posterior {
  const posterior = createPosterior(model, data, given);
  assert.ok(!('kind' in posterior));
  return posterior;
}

function likelihoodOf(
  model: Model,
  data: Data,
  given: Parameters<typeof logMarginalLikelihood>[2],
) {
  const likelihood = logMarginalLikelihood(model, data, given);
  assert.ok(typeof likelihood === 'number');
  return likelihood;
}

function assertClose(actual: number, expected: number, tolerance: number, what: string): void {
  const error = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  assert.ok(error <= tolerance, `${what}: ${actual} instead of ${expected}`);
}

for (const { name, table, model, data, theta } of processes) {
  test(`${name}: the likelihood and its gradient are those of 50-digit arithmetic`, () => {
    const gradient = new Float64Array(theta.length).fill(Number.NaN);
    const likelihood = likelihoodOf(model, data, { theta, gradient });

    assertClose(likelihood, table.likelihood, 1e-11, 'likelihood');
    for (const [i, one] of table.gradient.entries()) {
      assertClose(gradient[i] ?? Number.NaN, one, 1e-9, `gradient[${i}]`);
    }
    assert.equal(likelihoodOf(model, data, { theta, gradient: null }), likelihood);
  });

  test(`${name}: predictions and their gradients are those of 50-digit arithmetic`, () => {
    const posterior = posteriorOf(model, data, { theta, room: 0 });
    const mean = new Float64Array(data.d);
    const sd = new Float64Array(data.d);
    for (const one of table.predictions) {
      const point = Float64Array.from(one.point);
      const prediction = posterior.predictWithGradient(point, { mean, sd });

      assert.deepEqual(posterior.predict(point), prediction);
      assertClose(prediction.mean, one.mean, 1e-10, 'mean');
      assertClose(prediction.sd, one.sd, 1e-9, 'sd');
      for (let c = 0; c < data.d; c++) {
        const what = `of coordinate ${c} at ${one.point}`;
        assertClose(mean[c] ?? Number.NaN, one.meanGradient[c] ?? 0, 1e-9, `mean's ${what}`);
        assertClose(sd[c] ?? Number.NaN, one.sdGradient[c] ?? 0, 1e-7, `sd's ${what}`);
      }
    }
    assert.equal(posterior.jitter, 0);
  });

  test(`${name}: the means at the observations are those that it predicts there`, () => {
    const posterior = posteriorOf(model, data, { theta, room: 0 });

    const predicted = posterior.predictMany(data.x);

    for (const [i, mean] of posterior.smoothed().entries()) {
      assertClose(mean, predicted[i]?.mean ?? Number.NaN, 1e-9, `observation ${i}`);
    }
  });

  if (table.leftOut !== null) {
    test(`${name}: left-out observations are foretold as by processes without them`, () => {
      const posterior = posteriorOf(model, data, { theta, room: 0 });

      assertClose(posterior.looLogDensity(), table.leftOut, 1e-8, 'log density');
    });
  }
}

test('a process and its acquisition functions have the values that scikit-learn gives them', () => {
  const cases = [
    {
      nu: 1.9,
      scales: 1,
      lml: -6.040230808705,
      mean: 0.839047783975,
      sd: 0.345408705271,
      ei: 9.019239312e-3,
      poi: 6.054591818e-2,
      ucb: 1.728820608753,
    },
    {
      nu: 2.5,
      scales: 1,
      lml: -5.84628132483,
      mean: 0.828116346016,
      sd: 0.300322155794,
      ei: 4.083023348e-3,
      poi: 3.443021228e-2,
      ucb: 1.601746219341,
    },
    {
      nu: 0.5,
      scales: 1,
      lml: -7.49525195865,
      mean: 0.8363702738,
      sd: 0.652226306091,
      ei: 7.499715357e-2,
      poi: 2.046658599e-1,
      ucb: 2.516505238289,
    },
    {
      nu: null,
      scales: 1,
      lml: -6.225252978918,
      mean: 0.758560241403,
      sd: 0.171970256565,
      ei: 7.245234076e-6,
      poi: 1.706954723e-4,
      ucb: 1.201555622315,
    },
    {
      nu: 2.5,
      scales: 3,
      lml: -5.648944938238,
      mean: 0.868796340844,
      sd: 0.290964512631,
      ei: 4.847273944e-3,
      poi: 4.110234316e-2,
      ucb: 1.618320925382,
    },
  ];
  for (const { nu, scales, lml, mean, sd, ei, poi, ucb } of cases) {
    const found = processes.find(
      ({ table, model, data }) => table.nu === nu && model.scales === scales && data.n === 8,
    );
    assert.ok(found !== undefined);
    const { model, data, theta } = found;
    const posterior = posteriorOf(model, data, { theta, room: 0 });
    const prediction = posterior.predict(Float64Array.of(0.3, 0.6, 0.9));
    const outlook = { ...prediction, best: Math.max(...data.y) };

    assertClose(likelihoodOf(model, data, { theta, gradient: null }), lml, 1e-11, 'likelihood');
    assertClose(prediction.mean, mean, 1e-11, 'mean');
    assertClose(prediction.sd, sd, 1e-11, 'sd');
    assertClose(upperConfidenceBound(outlook, 2.576), ucb, 1e-11, 'ucb');
    assert.ok(Math.abs(expectedImprovement(outlook, 0.01) / ei - 1) < 1e-9, 'ei');
    assert.ok(Math.abs(probabilityOfImprovement(outlook, 0.01) / poi - 1) < 1e-9, 'poi');
  }
});

/** The first observations of a set. */
const firstOf = ({ x, y, d }: Data, n: number): Data => ({
  x: x.slice(0, n * d),
  y: y.slice(0, n),
  n,
  d,
});

test('a process that takes observations one by one has the bits of one that has them all', () => {
  for (const { model, data, theta } of processes) {
    const { d, n } = data;
    for (const known of [0, 1, 5]) {
      const grown = posteriorOf(model, firstOf(data, known), { theta, room: n });
      for (let i = known; i < n; i++) {
        grown.observe(data.x.subarray(i * d, i * d + d), data.y[i] ?? Number.NaN);
      }

      const point = new Float64Array(d).fill(0.4);
      const whole = posteriorOf(model, data, { theta, room: 0 });
      assert.deepEqual(grown.predict(point), whole.predict(point));
      assert.equal(grown.looLogDensity(), whole.looLogDensity());
    }
  }
});

test('many points are predicted with the bits of each alone', () => {
  for (const { model, data, theta } of processes) {
    const { d } = data;
    const posterior = posteriorOf(model, firstOf(data, data.n - 1), { theta, room: 2 });
    posterior.observe(data.x.subarray((data.n - 1) * d), data.y[data.n - 1] ?? Number.NaN);
    const points = Float64Array.from({ length: 9 * d }, (_, i) => (i * Math.SQRT2) % 1);

    const together = posterior.predictMany(points);

    const alone = Array.from({ length: 9 }, (_, i) =>
      posterior.predict(points.subarray(i * d, (i + 1) * d)),
    );
    assert.deepEqual(together, alone);
  }
});

test('a covariance function that the kernels know has the likelihood of the loops in TypeScript', () => {
  for (const { model, data, theta } of processes.filter(({ table }) => table.nu === 2.5)) {
    const gradient = new Float64Array(theta.length);
    const twinGradient = new Float64Array(theta.length);
    // The same functions, but not the ones that the kernels know.
    const twin: Model = { ...model, radial: { ...model.radial } };

    const likelihood = likelihoodOf(model, data, { theta, gradient });

    assert.equal(likelihoodOf(twin, data, { theta, gradient: twinGradient }), likelihood);
    assert.deepEqual(gradient, twinGradient);
  }
});

test('a process is given no more observations than it has room for', () => {
  const { model, data, theta } = processes[0] ?? assert.fail();
  const posterior = posteriorOf(model, data, { theta, room: 1 });
  posterior.observe(Float64Array.of(0.5, 0.5, 0.5), 1);

  assert.throws(() => posterior.observe(Float64Array.of(0.6, 0.5, 0.5), 1), assert.AssertionError);
});

test('the same point may be observed again and again', () => {
  for (const { model, data, theta } of processes) {
    const { d } = data;
    const posterior = posteriorOf(model, data, { theta, room: 10 });
    const point = data.x.slice(0, d);
    for (let i = 0; i < 10; i++) posterior.observe(point, 1);

    const { mean, sd } = posterior.predict(point);
    assert.ok(Number.isFinite(mean) && sd >= 0);
    assert.ok(Number.isFinite(posterior.predict(new Float64Array(d)).mean));
  }
});

test('where nothing was observed, the mean is zero and the standard deviation that of the signal', () => {
  const model = { radial: createMatern(2.5), scaleOf: Int32Array.of(0), scales: 1, noise: 0 };
  const nothing: Data = { x: new Float64Array(0), y: new Float64Array(0), n: 0, d: 1 };
  const theta = Float64Array.of(0, Math.log(4), 0);
  const posterior = posteriorOf({ ...model, fitsVariances: true }, nothing, { theta, room: 0 });

  assert.deepEqual(posterior.predict(Float64Array.of(0.5)), { mean: 0, sd: 2 });
});

/** Observations that are hard on the arithmetic, each with as many coordinates as it says. */
const HARD: readonly { readonly name: string; readonly data: Data }[] = [
  { name: 'one observation', data: observed(1, 3, () => 0.3) },
  { name: 'one point, observed twelve times', data: observed(12, 2, () => 0.5) },
  {
    name: 'ten duplicates',
    data: observed(20, 3, (i, c) => (((i % 10) + 1) * (c + 1) * Math.SQRT2) % 1),
  },
  {
    name: 'a constant',
    data: {
      ...observed(9, 2, (i, c) => ((i + 1) * (c + 1) * Math.SQRT2) % 1),
      y: new Float64Array(9),
    },
  },
  {
    name: 'a hundred coordinates',
    data: observed(30, 100, (i, c) => ((i + 1) * (c + 1) * Math.SQRT2) % 1),
  },
  {
    name: 'one-hot coordinates',
    data: observed(40, 300, (i, c) => (c === (i * 7) % 300 ? Math.SQRT1_2 : 0)),
  },
  { name: 'points next to each other', data: observed(15, 2, (i) => 0.5 + i * 1e-9) },
  { name: 'no coordinates', data: observed(5, 0, () => 0) },
];

function observed(n: number, d: number, at: (i: number, c: number) => number): Data {
  return {
    x: Float64Array.from({ length: n * d }, (_, k) => at(Math.floor(k / d), k % d)),
    y: Float64Array.from({ length: n }, (_, i) => Math.sin(i)),
    n,
    d,
  };
}

for (const { name, data } of HARD) {
  test(`${name}: everything is finite`, () => {
    for (const nu of [0.5, 1.5, 1.9, 2.5, null]) {
      for (const [scale, fitsVariances] of [
        [0.01, false],
        [1, false],
        [100, false],
        [1, true],
        [100, true],
      ] as const) {
        const scaleOf = Int32Array.from({ length: data.d }, (_, c) => c % 2);
        const model: Model = {
          radial: radialOf(nu),
          scaleOf,
          scales: 2,
          fitsVariances,
          noise: 1e-10,
        };
        const logs = [Math.log(scale), Math.log(scale)];
        const theta = Float64Array.from(fitsVariances ? [...logs, 0, Math.log(1e-6)] : logs);
        const gradient = new Float64Array(theta.length).fill(Number.NaN);
        const what = `nu ${nu}, length scale ${scale}`;

        assert.ok(Number.isFinite(likelihoodOf(model, data, { theta, gradient })), what);
        assert.ok(gradient.every(Number.isFinite), `${what}: ${gradient}`);

        const posterior = posteriorOf(model, data, { theta, room: 1 });
        const mean = new Float64Array(data.d);
        const sd = new Float64Array(data.d);
        for (const point of [data.x.slice(0, data.d), new Float64Array(data.d).fill(0.25)]) {
          const prediction = posterior.predictWithGradient(point, { mean, sd });
          assert.ok(Number.isFinite(prediction.mean) && prediction.sd >= 0, what);
          assert.ok(mean.every(Number.isFinite) && sd.every(Number.isFinite), what);
        }
        posterior.observe(data.x.subarray(0, data.d), 2);
        assert.ok(Number.isFinite(posterior.predict(new Float64Array(data.d)).mean), what);
        assert.ok(Number.isFinite(posterior.looLogDensity()), what);
      }
    }
  });
}

test('where rounding makes the covariances singular, as little is added to them as it takes', () => {
  const model: Model = {
    radial: createRbf(),
    scaleOf: Int32Array.of(0),
    scales: 1,
    fitsVariances: false,
    noise: 0,
  };
  const theta = Float64Array.of(Math.log(100));
  const apart = posteriorOf(
    model,
    observed(2, 1, (i) => i),
    { theta, room: 0 },
  );
  const duplicates = posteriorOf(
    model,
    observed(3, 1, () => 0.5),
    { theta, room: 0 },
  );

  assert.equal(apart.jitter, 0);
  assert.equal(duplicates.jitter, 1e-10);
});

test('hyperparameters that mean nothing are a failure, not a number', () => {
  const { model, data } = processes[0] ?? assert.fail();
  const theta = Float64Array.of(Number.NaN);
  const failure = { kind: 'not-positive-definite', pivot: 1 };

  assert.deepEqual(logMarginalLikelihood(model, data, { theta, gradient: null }), failure);
  assert.deepEqual(createPosterior(model, data, { theta, room: 0 }), failure);
});

test('an observation without noise is what is predicted there, and nowhere is more known than that', () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  const points = fc.array(fc.tuple(unit, unit), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(points, fc.tuple(unit, unit), (known, asked) => {
      const x = Float64Array.from(known.flat());
      const y = Float64Array.from(known, ([a, b]) => a - b);
      const data: Data = { x, y, n: known.length, d: 2 };
      const scaleOf = Int32Array.of(0, 0);
      const model: Model = {
        radial: createMatern(1.5),
        scaleOf,
        scales: 1,
        fitsVariances: false,
        noise: 1e-10,
      };
      const posterior = posteriorOf(model, data, { theta: Float64Array.of(-1), room: 0 });

      for (const [i, point] of known.entries()) {
        const { mean, sd } = posterior.predict(Float64Array.from(point));
        assertClose(mean, y[i] ?? Number.NaN, 1e-3, `mean at ${point}`);
        assert.ok(sd >= 0 && sd < 1e-3);
      }
      const { sd } = posterior.predict(Float64Array.from(asked));
      assert.ok(sd >= 0 && sd <= 1);
    }),
  );
});
