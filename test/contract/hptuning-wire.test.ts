import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readDocument } from '../../lib/contract/document.ts';
import { hptuningToWire } from '../../lib/contract/hptuning-wire.ts';
import type { Hptuning } from '../../lib/domain/hptuning.ts';
import { listedOption, rightOption } from '../matrix/helpers.ts';

const read = (hptuning: unknown): Hptuning => {
  const { document, mistakes } = readDocument({ version: 1, kind: 'group', hptuning }, { seed: 7 });
  assert.deepEqual(mistakes, []);
  assert.ok(document);
  return document.hptuning;
};

test('the normal form shows every default and the seed', () => {
  assert.deepEqual(hptuningToWire(read({ matrix: { lr: { linspace: '0:1:3' } } })), {
    concurrency: 1,
    seed: 7,
    lease_seconds: 3_600,
    max_attempts: 3,
    retry_failed: false,
    max_failures: null,
    dispatch: 'pull',
    grid_search: { n_experiments: null, metric: null },
    matrix: { lr: { linspace: { start: 0, stop: 1, num: 3 } } },
    early_stopping: [],
  });
});

test('the normal form of a random search shows the metric that it goes by', () => {
  const { random_search } = hptuningToWire(
    read({
      random_search: { n_experiments: 2 },
      matrix: { lr: { uniform: [0, 1] } },
      early_stopping: [{ metric: 'loss', value: 0, optimization: 'MINIMIZE' }],
    }),
  );

  assert.deepEqual(random_search, {
    n_experiments: 2,
    metric: { name: 'loss', optimization: 'minimize' },
  });
});

test('the normal form of asha shows what promotes and how many configurations are begun', () => {
  const { asha } = hptuningToWire(
    read({
      asha: {
        max_iter: 9,
        eta: 3,
        resource: { name: 'epochs', type: 'INT' },
        metric: { name: 'loss', optimization: 'minimize' },
        n_experiments: 20,
      },
      matrix: { lr: { uniform: [0, 1] } },
    }),
  );

  assert.deepEqual(asha, {
    max_iter: 9,
    eta: 3,
    resource: { name: 'epochs', type: 'int' },
    metric: { name: 'loss', optimization: 'minimize' },
    resume: false,
    n_experiments: 20,
  });
});

test('the normal form of auto shows its resource, or that it has none', () => {
  const metric = { name: 'loss', optimization: 'minimize' };
  const resource = { name: 'epochs', type: 'int' };
  const of = (more: object): unknown =>
    hptuningToWire(
      read({
        auto: { n_experiments: 20, metric, ...more },
        matrix: { lr: { uniform: [0, 1] } },
      }),
    )['auto'];

  assert.deepEqual(of({ resource, max_iter: 9, eta: 2, resume: true }), {
    ...{ n_experiments: 20, metric, resource, max_iter: 9, eta: 2, resume: true },
  });
  assert.deepEqual(of({}), {
    ...{ n_experiments: 20, metric, resource: null, max_iter: null, eta: 3, resume: false },
  });
});

const name = fc
  .stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,20}$/)
  .filter((text) => !['__proto__', 'constructor', 'prototype'].includes(text));
const optimization = fc.constantFrom('minimize', 'Maximize', 'MINIMIZE');
const metric = fc.option(fc.record({ name: fc.stringMatching(/^[ -~]{1,20}$/), optimization }));
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const rule = fc.record(
  { metric: fc.stringMatching(/^[ -~]{1,20}$/), value: finite, optimization },
  { requiredKeys: ['metric', 'value'] },
);
const common = fc.record(
  {
    concurrency: fc.integer({ min: 1, max: 1_000 }),
    seed: fc.maxSafeNat(),
    lease_seconds: fc.integer({ min: 10, max: 604_800 }),
    max_attempts: fc.integer({ min: 1, max: 100 }),
    retry_failed: fc.boolean(),
    max_failures: fc.option(fc.nat()),
    early_stopping: fc.array(rule, { maxLength: 3 }),
  },
  { requiredKeys: [] },
);
const matrixOf = (option: fc.Arbitrary<unknown>) =>
  fc.dictionary(name, option, { minKeys: 1, maxKeys: 4 });

const grid = fc
  .tuple(common, matrixOf(listedOption), fc.option(fc.integer({ min: 1 })), metric)
  .map(([fields, matrix, n_experiments, chosen]) => ({
    ...fields,
    matrix,
    grid_search: { n_experiments, metric: chosen },
  }));
const random = fc
  .tuple(common, matrixOf(rightOption), fc.integer({ min: 1, max: 1_000_000 }), metric)
  .map(([fields, matrix, n_experiments, chosen]) => ({
    ...fields,
    matrix,
    random_search: { n_experiments, metric: chosen },
  }));

test('the normal form is read as the same search', () => {
  fc.assert(
    fc.property(fc.oneof(grid, random), (sent) => {
      const hptuning = read(sent);
      const wire: unknown = JSON.parse(JSON.stringify(hptuningToWire(hptuning)));

      assert.deepEqual(read(wire), hptuning);
      assert.deepEqual(hptuningToWire(read(wire)), wire);
    }),
    { seed: 1, numRuns: 500 },
  );
});
