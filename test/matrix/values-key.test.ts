import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Value, Values } from '../../lib/domain/values.ts';
import { valueKey } from '../../lib/domain/values.ts';
import { createValuesKey } from '../../lib/matrix/values-key.ts';
import { matrixOf } from './helpers.ts';

const matrix = matrixOf({
  a: { values: [1, '1', true, [1, 2]] },
  b: { uniform: [-1, 1] },
  c: { values: ['x', 'y'] },
});
const keyOf = createValuesKey(matrix);

const scalar = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1, '1', '', ',', '"', '1,2', true, 'true', false),
  fc.string({ maxLength: 4 }),
);
const value: fc.Arbitrary<Value> = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }));
const row: fc.Arbitrary<readonly [Value, Value, Value]> = fc.tuple(value, value, value);

const valuesOf = ([a, b, c]: readonly [Value, Value, Value]): Values => ({ a, b, c });

test('keys are equal exactly where every value is', () => {
  fc.assert(
    fc.property(row, row, (one, other) => {
      const areEqual = one.every((item, i) => valueKey(item) === valueKey(other[i] ?? 0));

      assert.equal(keyOf(valuesOf(one)) === keyOf(valuesOf(other)), areEqual);
      assert.equal(keyOf(valuesOf(one)), keyOf(structuredClone(valuesOf(one))));
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test('the order in which values are written makes no difference', () => {
  assert.equal(keyOf({ a: 1, b: 0.5, c: 'x' }), keyOf({ c: 'x', b: 0.5, a: 1 }));
});

test('a key depends on the parameters of the matrix only', () => {
  assert.equal(keyOf({ a: 1, b: 0.5, c: 'x', epochs: 3 }), keyOf({ a: 1, b: 0.5, c: 'x' }));
});

const UNLIKE: readonly (readonly [Values, Values])[] = [
  [
    { a: 1, b: 0, c: 'x' },
    { a: '1', b: 0, c: 'x' },
  ],
  [
    { a: 1, b: 0, c: 'x' },
    { a: true, b: 0, c: 'x' },
  ],
  [
    { a: [1, 2], b: 0, c: 'x' },
    { a: '[1,2]', b: 0, c: 'x' },
  ],
  [
    { a: 'x,0', b: 0, c: 'x' },
    { a: 'x', b: 0, c: '0,x' },
  ],
  [
    { a: 0, b: 1, c: 'x' },
    { a: 1, b: 0, c: 'x' },
  ],
];

for (const [one, other] of UNLIKE) {
  test(`${JSON.stringify(one)} and ${JSON.stringify(other)} have different keys`, () => {
    assert.notEqual(keyOf(one), keyOf(other));
  });
}

test('zero has one key, whatever its sign', () => {
  assert.equal(keyOf({ a: 1, b: -0, c: 'x' }), keyOf({ a: 1, b: 0, c: 'x' }));
});
