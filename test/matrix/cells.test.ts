import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellAt, countCells } from '../../lib/matrix/cells.ts';

const PARAMETERS = [
  { name: 'z', values: ['a', 'b'] },
  { name: 'y', values: [1] },
  { name: 'x', values: [10, 20, 30] },
];

test('cells run through the product with the last parameter fastest and keep the order of the keys', () => {
  const cells = Array.from({ length: countCells(PARAMETERS) }, (_, cell) =>
    cellAt(PARAMETERS, cell),
  );

  assert.deepEqual(
    cells.map((values) => JSON.stringify(values)),
    [
      '{"z":"a","y":1,"x":10}',
      '{"z":"a","y":1,"x":20}',
      '{"z":"a","y":1,"x":30}',
      '{"z":"b","y":1,"x":10}',
      '{"z":"b","y":1,"x":20}',
      '{"z":"b","y":1,"x":30}',
    ],
  );
});

test('the digits of a cell number near 2^53 are exact', () => {
  const values = Array.from({ length: 9999 }, (_, i) => i);
  const parameters = ['a', 'b', 'c', 'd'].map((name) => ({ name, values }));
  const cell = 2 ** 53 - 1;

  const digits = Object.values(cellAt(parameters, cell)).map(Number);

  const back = digits.reduce((sum, digit) => sum * 9999n + BigInt(digit), 0n);
  assert.equal(back, BigInt(cell));
});
