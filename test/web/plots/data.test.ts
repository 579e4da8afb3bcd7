import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finite, observedOf, ranked, recordsOf } from '../../../web/plots/data.ts';
import { columnsOf } from './fixtures.ts';

test('pages become one list of experiments, each page with its own codes', () => {
  const { records, parameters, objective } = recordsOf([
    columnsOf(1, 10),
    columnsOf(11, 10, ['succeeded', 'stopped', 'failed']),
  ]);

  assert.deepEqual(
    records.map(({ number, status }) => [number, status]).filter(([n]) => Number(n) % 7 < 2),
    [
      [1, 'succeeded'],
      [7, 'stopped'],
      [8, 'succeeded'],
      [14, 'stopped'],
      [15, 'succeeded'],
    ],
  );
  assert.deepEqual(parameters, ['lr', 'momentum', 'optimizer']);
  assert.deepEqual(objective, { name: 'loss', optimization: 'minimize' });
  assert.equal(records[1]?.values[2], 'rmsprop');
  assert.equal(records[19]?.finishedMs, 80_000);
});

test('no page at all is no experiment', () => {
  assert.deepEqual(recordsOf([]), { objective: null, parameters: [], records: [] });
});

test('an objective that is not finite is none', () => {
  assert.deepEqual([1.5, 'NaN', '-Infinity', null, undefined].map(finite), [
    1.5,
    null,
    null,
    null,
    null,
  ]);
});

test('what failed is not compared, and ranks begin with the best', () => {
  const drawn = recordsOf([columnsOf(1, 30)]);
  const observed = observedOf(drawn);
  const down = ranked(observed, 'maximize');

  assert.equal(observed.length, 27);
  assert.equal(down[0]?.objective, Math.max(...observed.map((record) => record.objective)));
  assert.deepEqual(down.toReversed(), ranked(observed, 'minimize'));
});
