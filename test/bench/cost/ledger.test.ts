import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Ledger } from '../../../bench/cost/ledger.ts';
import { createLedger } from '../../../bench/cost/ledger.ts';
import type { Attributes } from '../../../bench/cost/units.ts';

const INDEX = { keys: ['duePk', 'due'], tableKeys: ['pk', 'sk'] } as const;
const HEAD = { pk: { S: 'group' }, sk: { S: 'head' } };

/** The head of a group with a body of so many bytes. */
const headOf = (bytes: number, due?: string): Attributes => ({
  ...HEAD,
  d: { S: 'x'.repeat(bytes) },
  ...(due === undefined ? {} : { duePk: { S: 'due' }, due: { N: due } }),
});

const put = (ledger: Ledger, Item: Attributes, isDone = true) =>
  ledger.charge({ operation: 'PutItem', input: { Item }, output: isDone ? {} : null });

describe('the ledger', () => {
  test('charges a write by the larger of the old and the new item', () => {
    const ledger = createLedger(INDEX);

    const units = [headOf(100), headOf(5_000), headOf(100)].map((item) => put(ledger, item));

    assert.deepEqual(
      units.flat().map((charge) => charge.units),
      [1, 5, 5],
    );
  });

  test('charges a write that was refused by the item that is there, and keeps that', () => {
    const ledger = createLedger(INDEX);
    put(ledger, headOf(2_000));

    const refused = put(ledger, headOf(5_000), false);

    assert.deepEqual(refused, [
      { units: 2, isWrite: true, bytes: 0, partition: 'group', kind: 'head' },
    ]);
    assert.deepEqual([...ledger.items()], [headOf(2_000)]);
  });

  test('charges the index where the entry of an item changes', () => {
    const ledger = createLedger(INDEX);
    put(ledger, headOf(100, '1'));

    const moved = put(ledger, headOf(100, '2'));

    assert.deepEqual(moved, [
      { units: 1, isWrite: true, bytes: 127, partition: 'group', kind: 'head' },
      { units: 2, isWrite: true, bytes: 0, partition: 'index due', kind: 'index' },
    ]);
  });

  test('charges a read of several keys for each of them', () => {
    const ledger = createLedger(INDEX);
    put(ledger, headOf(9_000));
    const missing = { pk: { S: 'group#1' }, sk: { S: 'experiment' } };

    const read = ledger.charge({
      operation: 'BatchGetItem',
      input: { RequestItems: { table: { Keys: [HEAD, missing] } } },
      output: {},
    });

    assert.deepEqual(
      read.map(({ units, kind }) => [kind, units]),
      [
        ['head', 3],
        ['experiment', 1],
      ],
    );
  });

  test('charges a query by the sum of what it has found', () => {
    const ledger = createLedger(INDEX);
    put(ledger, headOf(2_100));
    put(ledger, { ...headOf(2_100), sk: { S: 'events#1' } });

    const found = ledger.charge({
      operation: 'Query',
      input: {},
      output: { Items: [...ledger.items()] },
    });

    assert.deepEqual(
      found.map(({ units, isWrite }) => [units, isWrite]),
      [[2, false]],
    );
  });

  test('charges a query of the index half a unit where there is nothing', () => {
    const input = { IndexName: 'due' };

    const [charge] = createLedger(INDEX).charge({ operation: 'Query', input, output: {} });

    assert.equal(charge?.units, 0.5);
  });

  test('forgets an item that was deleted', () => {
    const ledger = createLedger(INDEX);
    put(ledger, headOf(2_000));

    const [gone] = ledger.charge({ operation: 'DeleteItem', input: { Key: HEAD }, output: {} });

    assert.equal(gone?.units, 2);
    assert.deepEqual([...ledger.items()], []);
  });

  test('refuses an operation that it has no rule for', () => {
    const exchange = { operation: 'TransactWriteItems', input: {}, output: {} };

    assert.throws(() => createLedger(INDEX).charge(exchange), /TransactWriteItems/);
  });
});
