import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Preview } from '../helpers/contract.ts';
import { startService, THREE } from '../helpers/service.ts';

const service = await startService();
after(service.close);

const preview = (hptuning: object, more: object = {}): Promise<Preview> =>
  service.done('previewGroup', { json: { version: 1, kind: 'group', hptuning, ...more } });

test('a preview of a grid shows its size, its parameters and its first points', async () => {
  const shown = await preview({
    matrix: { lr: { linspace: '0:1:5' }, activation: { values: ['relu', 'elu'] } },
  });

  assert.equal(shown.algorithm, 'grid');
  assert.match(shown.algorithm_detail, /^grid search: 10 points/);
  assert.equal(shown.planned, 10);
  assert.deepEqual(shown.parameters, [
    { name: 'lr', kind: 'linspace', size: 5, values: [0, 0.25, 0.5, 0.75, 1] },
    { name: 'activation', kind: 'values', size: 2, values: ['relu', 'elu'] },
  ]);
  assert.equal(shown.points.length, 10);
  assert.deepEqual(shown.points.slice(0, 3), [
    { lr: 0, activation: 'relu' },
    { lr: 0, activation: 'elu' },
    { lr: 0.25, activation: 'relu' },
  ]);
  assert.equal(shown.brackets, null);
  assert.equal(shown.commands, null);
  assert.deepEqual(shown.warnings, []);
});

test('a preview shows at most 20 values, 20 points and 3 commands', async () => {
  const shown = await preview(
    { matrix: { a: { range: '0:100:1' }, b: { range: '0:100:1' } } },
    { run: { cmd: 'train {{ a }} {{ b }}' } },
  );

  assert.equal(shown.planned, 10_000);
  assert.deepEqual(
    shown.parameters.map(({ size, values }) => [size, values.length]),
    [
      [100, 20],
      [100, 20],
    ],
  );
  assert.equal(shown.points.length, 20);
  assert.deepEqual(shown.commands, ['train 0 0', 'train 0 1', 'train 0 2']);
});

test('n_experiments of a grid shows in what is planned and in the points', async () => {
  const shown = await preview({ grid_search: { n_experiments: 2 }, matrix: THREE });

  assert.equal(shown.planned, 2);
  assert.deepEqual(shown.points, [{ lr: 0.1 }, { lr: 0.2 }]);
});

test('a preview of random search shows the points that a group with the seed hands out', async () => {
  const hptuning = {
    seed: 7,
    concurrency: 30,
    random_search: { n_experiments: 30 },
    matrix: { lr: { loguniform: '-9:-1' }, units: { quniform: [16, 128, 16] } },
  };

  const shown = await preview(hptuning);

  const group = await service.open(hptuning);
  const { experiments } = await group.suggest({ count: 20 });
  assert.equal(shown.algorithm, 'random');
  assert.deepEqual(
    shown.points,
    experiments.map(({ values }) => values),
  );
  assert.deepEqual(
    shown.parameters.map(({ name, kind, size }) => [name, kind, size]),
    [
      ['lr', 'loguniform', null],
      ['units', 'quniform', null],
    ],
  );
});

test('a preview shows the distinct points that a finite matrix has, not what was asked for', async () => {
  const shown = await preview({ random_search: { n_experiments: 1_000 }, matrix: THREE });

  assert.equal(shown.planned, 3);
  assert.equal(shown.points.length, 3);
});

test('a preview shows the warnings of the document', async () => {
  const shown = await preview({
    random_search: { n_experiments: 3 },
    matrix: { lr: { loguniform: '0.001:0.1' } },
  });

  assert.equal(shown.warnings.length, 1);
  assert.match(shown.warnings[0]?.path ?? '', /^hptuning\.matrix\.lr/);
});

test('a preview takes YAML like a group', async () => {
  const body = 'version: 1\nkind: group\nhptuning: {matrix: {lr: {values: [1, 2]}}}\n';

  const { value } = await service.call('previewGroup', { body, type: 'application/yaml' });

  assert.equal(value?.planned, 2);
});

test('a preview stores nothing', async () => {
  await preview({ matrix: THREE }, { tags: ['previewed'] });

  const { items } = await service.done('listGroups', { query: { tag: 'previewed' } });

  assert.deepEqual(items, []);
});

test('a preview answers a document with mistakes as creating it does', async () => {
  const json = { version: 1, kind: 'group', hptuning: { matrix: { lr: { values: [] } } } };

  const previewed = await service.refused('previewGroup', { json }, 'invalid_document');
  const created = await service.refused('createGroup', { json }, 'invalid_document');

  assert.deepEqual({ ...previewed, request_id: '' }, { ...created, request_id: '' });
});

test('a preview of a grid of 10^12 points shows the first of them', async () => {
  const axis = { range: [0, 1_000, 1] };

  const shown = await preview({ matrix: { a: axis, b: axis, c: axis, d: axis } });

  assert.equal(shown.planned, 1e12);
  assert.deepEqual(shown.points.at(-1), { a: 0, b: 0, c: 0, d: 19 });
});
