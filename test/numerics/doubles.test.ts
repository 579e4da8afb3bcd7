import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { previousDouble, roundTiesToEven } from '../../lib/numerics/doubles.ts';

test('no double lies between a double and the one before it', () => {
  const double = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e308 });
  fc.assert(
    fc.property(double, (x) => {
      const before = previousDouble(x);
      const middle = before / 2 + x / 2;

      assert.ok(before < x);
      assert.ok(middle <= before || middle >= x || Math.abs(x) < 1e-300);
    }),
    { seed: 3 },
  );
});

test('the double before 0, of either sign, is the smallest negative one', () => {
  assert.equal(previousDouble(0), -Number.MIN_VALUE);
  assert.equal(previousDouble(-0), -Number.MIN_VALUE);
  assert.equal(previousDouble(Number.MIN_VALUE), 0);
  assert.equal(previousDouble(1), 1 - 2 ** -53);
});

const ROUNDINGS: readonly (readonly [number, number])[] = [
  [0.5, 0],
  [1.5, 2],
  [2.5, 2],
  [-0.5, 0],
  [-1.5, -2],
  [-2.5, -2],
  [0.49999999999999994, 0],
  [2.4, 2],
  [-2.6, -3],
  [-0, 0],
  [-0.2, 0],
  [2 ** 52 + 1, 2 ** 52 + 1],
];

for (const [x, expected] of ROUNDINGS) {
  test(`${x} rounds to ${expected}, ties to the even number`, () => {
    assert.equal(roundTiesToEven(x), expected);
  });
}
