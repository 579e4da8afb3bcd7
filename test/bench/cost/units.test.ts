import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  indexWriteUnits,
  itemSize,
  readUnits,
  valueSize,
  writeUnits,
} from '../../../bench/cost/units.ts';

const SIZES: readonly (readonly [what: string, value: AttributeValue, bytes: number])[] = [
  ['text of ASCII', { S: 'abc' }, 3],
  ['text in its UTF-8 bytes', { S: 'é€' }, 5],
  ['an integer of two digits', { N: '42' }, 2],
  ['an odd count of digits', { N: '123' }, 3],
  ['a number without its zeros at either end', { N: '0.00120' }, 2],
  ['zero', { N: '0' }, 1],
  ['a negative number', { N: '-42' }, 3],
  ['a number with an exponent', { N: '1.5E-7' }, 2],
  ['bytes in base64', { B: Buffer.from('AAAA') }, 4],
  ['a truth value', { BOOL: true }, 1],
  ['null', { NULL: true }, 1],
  ['a set of texts', { SS: ['a', 'bc'] }, 3],
  ['an empty list', { L: [] }, 3],
  ['a list', { L: [{ S: 'a' }, { N: '1' }] }, 3 + 2 + 1 + 2],
  ['a map', { M: { a: { S: 'bc' } } }, 3 + 1 + 1 + 2],
];

describe('the size of an item', () => {
  for (const [what, value, bytes] of SIZES) {
    test(`counts ${what}`, () => {
      assert.equal(valueSize(value), bytes);
    });
  }

  test('is the sum of its names and values', () => {
    assert.equal(itemSize({ pk: { S: 'group' }, rev: { N: '7' } }), 2 + 5 + 3 + 2);
  });
});

/** An item of so many bytes. */
const itemOf = (bytes: number) => ({ d: { S: 'x'.repeat(bytes - 1) } });

describe('the units of a write', () => {
  const CASES = [
    ['a small new item', null, itemOf(10), 1],
    ['1 KB', null, itemOf(1024), 1],
    ['1 KB and a byte', null, itemOf(1025), 2],
    ['an item that grows, by its new size', itemOf(10), itemOf(2049), 3],
    ['an item that shrinks, by its old size', itemOf(2049), itemOf(10), 3],
    ['an item that goes, by its old size', itemOf(2049), null, 3],
    ['nothing that was there', null, null, 1],
  ] as const;
  for (const [what, before, after, units] of CASES) {
    test(`are those of ${what}`, () => {
      assert.equal(writeUnits(before, after), units);
    });
  }
});

test('a consistent read costs a unit for each 4 KB begun, and one where there is nothing', () => {
  assert.deepEqual([0, 1, 4096, 4097].map(readUnits), [1, 1, 1, 2]);
});

describe('the sparse index', () => {
  const INDEX = { keys: ['duePk', 'due'], tableKeys: ['pk', 'sk'] } as const;
  const KEY = { pk: { S: 'group' }, sk: { S: 'head' } };
  const waiting = { ...KEY, d: { S: '{}' } };
  const dueAt = (due: string) => ({ ...waiting, duePk: { S: 'due' }, due: { N: due } });
  const CASES = [
    ['without an entry before and after', waiting, waiting, 0],
    ['that gets an entry', waiting, dueAt('1'), 1],
    ['that is new and has an entry', null, dueAt('1'), 1],
    ['that loses its entry', dueAt('1'), waiting, 1],
    ['that goes', dueAt('1'), null, 1],
    ['whose entry moves', dueAt('1'), dueAt('2'), 2],
    ['whose entry stays where it is', dueAt('1'), { ...dueAt('1'), d: { S: '{"a":1}' } }, 0],
  ] as const;
  for (const [what, before, after, units] of CASES) {
    test(`costs ${units} for a write of an item ${what}`, () => {
      assert.equal(indexWriteUnits(INDEX, before, after), units);
    });
  }
});
