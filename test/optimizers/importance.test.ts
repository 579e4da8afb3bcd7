import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Matrix } from '../../lib/domain/hptuning.ts';
import { createAxis } from '../../lib/matrix/sample.ts';
import { createStream } from '../../lib/numerics/stream.ts';
import { importanceOf, normalScores } from '../../lib/optimizers/importance.ts';

const uniform = (name: string) =>
  ({ name, option: { kind: 'uniform', low: -2, high: 2 } }) as const;

const points = createStream({ seed: 4, purpose: 1 });

/** Observations of a function at random values of axes from -2 to 2. */
const observed = (count: number, names: readonly string[], f: (x: readonly number[]) => number) =>
  Array.from({ length: count }, (_, i) => {
    const x = names.map((_, j) => 4 * points.uniform(i, j) - 2);
    return {
      values: Object.fromEntries(names.map((name, j) => [name, x[j] ?? 0])),
      objective: f(x),
    };
  });

test('one diverged experiment does not stand for everything', () => {
  const names = ['a', 'b'];
  const matrix = names.map(uniform);
  const calm = observed(200, names, ([a = 0, b = 0]) => a + b / 2);
  const wild = calm.with(7, { values: calm[7]?.values ?? {}, objective: 1e300 });

  const [before] = importanceOf({ matrix, seed: 1 }, calm).parameters;
  const [after] = importanceOf({ matrix, seed: 1 }, wild).parameters;

  assert.equal(before?.name, 'a');
  assert.equal(after?.name, 'a');
  assert.ok(Math.abs(before.importance - after.importance) < 0.05);
  assert.ok(after.standardError > 0 && after.standardError < 0.02);
});

test('two parameters that act only together are told as a pair', () => {
  const names = ['a', 'b', 'c'];
  const matrix = names.map(uniform);
  const product = observed(400, names, ([a = 0, b = 0]) => a * b);

  const { parameters, pairs } = importanceOf({ matrix, seed: 1 }, product);

  assert.ok(parameters.every(({ importance }) => importance < 0.15));
  assert.deepEqual([...(pairs?.[0]?.names ?? [])].toSorted(), ['a', 'b']);
  assert.ok((pairs?.[0]?.importance ?? 0) > 0.5);
  assert.equal(pairs?.length, 3);
});

test('parameters of every kind of option can be told', () => {
  const matrix: Matrix = [
    uniform('a'),
    { name: 'log', option: { kind: 'loguniform', low: -9, high: 0 } },
    { name: 'normal', option: { kind: 'normal', loc: 0, scale: 1 } },
    { name: 'range', option: { kind: 'range', start: 0, stop: 500, step: 1 } },
    { name: 'list', option: { kind: 'values', values: [1, 10, 100] } },
    { name: 'mixed', option: { kind: 'values', values: ['x', true, [1, 2]] } },
    {
      name: 'weighted',
      option: { kind: 'pvalues', values: [1, 2], probabilities: [0.9, 0.1] },
    },
    { name: 'constant', option: { kind: 'values', values: ['only'] } },
    {
      name: 'long',
      option: { kind: 'values', values: Array.from({ length: 3_000 }, (_, i) => `v${i}`) },
    },
  ];
  const axes = matrix.map(({ name, option }) => ({ name, axis: createAxis(option) }));
  const observations = Array.from({ length: 300 }, (_, i) => {
    const values = Object.fromEntries(
      axes.map(({ name, axis }, j) => [name, axis.valueOf(axis.draw(points.uniform(i, j)))]),
    );
    return { values, objective: Number(values['list'] === 10) + Number(values['range']) / 1_000 };
  });

  const { parameters } = importanceOf({ matrix, seed: 1 }, observations);

  assert.deepEqual(
    parameters.map(({ name }) => name).toSorted(),
    matrix.map(({ name }) => name).toSorted(),
  );
  assert.deepEqual(
    parameters.slice(0, 2).map(({ name }) => name),
    ['list', 'range'],
  );
  assert.deepEqual(parameters.at(-1), { name: 'constant', importance: 0, standardError: 0 });
});

test('two thousand observations of ten parameters are no matter of seconds', (t) => {
  const names = Array.from({ length: 10 }, (_, i) => `p${i}`);
  const observations = observed(2_000, names, ([a = 0, b = 0]) => a + b ** 2);
  const start = process.cpuUsage();

  const { parameters } = importanceOf({ matrix: names.map(uniform), seed: 1 }, observations);

  const { user } = process.cpuUsage(start);
  t.diagnostic(`${Math.round(user / 1e3)} ms of a processor`);
  assert.equal(parameters.length, 10);
});

test('one parameter has no pairs, and a matrix of constants nothing that matters', () => {
  const one = importanceOf(
    { matrix: [uniform('a')], seed: 1 },
    observed(20, ['a'], ([a = 0]) => a),
  );
  const constant: Matrix = [{ name: 'c', option: { kind: 'values', values: [1] } }];
  const none = importanceOf(
    { matrix: constant, seed: 1 },
    Array.from({ length: 20 }, (_, i) => ({ values: { c: 1 }, objective: i })),
  );

  assert.equal(one.pairs, null);
  assert.ok((one.parameters[0]?.importance ?? 0) > 0.999);
  assert.deepEqual(none.parameters, [{ name: 'c', importance: 0, standardError: 0 }]);
  assert.ok(none.isFlat);
});

test('scores are normal quantiles of the ranks, alike for what is alike', () => {
  const scores = normalScores(Float64Array.of(5, 1, 5, 1e300));

  assert.equal(scores[0], scores[2]);
  assert.ok((scores[1] ?? 0) < (scores[0] ?? 0) && (scores[0] ?? 0) < (scores[3] ?? 0));
  assert.equal(scores[1], -(scores[3] ?? 0));
  assert.deepEqual(normalScores(Float64Array.of(2, 2)), Float64Array.of(0, 0));
});
