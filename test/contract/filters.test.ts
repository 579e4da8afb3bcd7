import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FILTERS } from '../../lib/contract/filters.ts';
import type { Scalar, Value } from '../../lib/domain/values.ts';

const apply = (name: string, value: Value | undefined, ...args: Scalar[]): Value => {
  const filter = FILTERS.get(name);
  assert.ok(filter);
  assert.ok(filter.accepts(args));
  return filter.apply(value, args);
};

const APPLIED: readonly (readonly [string, Value | undefined, readonly Scalar[], Value])[] = [
  ['int', 3.9, [], 3],
  ['int', -3.9, [], -3],
  ['int', -0.5, [], 0],
  ['int', ' 42.7 ', [], 42],
  ['int', '1e3', [], 1000],
  ['int', true, [], 1],
  ['int', 'many', [], 0],
  ['int', 'many', [7], 7],
  ['int', '', [], 0],
  ['int', [1], [5], 5],
  ['float', '1e-3', [], 0.001],
  ['float', 'inf', [], 0],
  ['float', '1e999', [2.5], 2.5],
  ['float', false, [], 0],
  // Python's round, which Jinja's is: ties to even, of the double as it is.
  ['round', 0.5, [], 0],
  ['round', 1.5, [], 2],
  ['round', 2.5, [], 2],
  ['round', -2.5, [], -2],
  ['round', -0.4, [], 0],
  ['round', 0.125, [2], 0.12],
  ['round', 0.375, [2], 0.38],
  ['round', 2.675, [2], 2.67],
  ['round', 1.005, [2], 1],
  ['round', 1234.5678, [3], 1234.568],
  ['round', 1e22, [2], 1e22],
  ['round', 5e-324, [20], 0],
  ['round', 1.21, [1, 'ceil'], 1.3],
  ['round', 1.29, [1, 'floor'], 1.2],
  ['round', 1e300, [20, 'ceil'], 1e300],
  ['round', 'text', [], 'text'],
  ['lower', 'AbÇ', [], 'abç'],
  ['upper', true, [], 'TRUE'],
  ['upper', 1e-7, [], '1E-7'],
  ['upper', ['a', 1], [], '["A",1]'],
  ['tojson', 'a"b', [], '"a\\"b"'],
  ['tojson', ["'", 1, true], [], '["\\u0027",1,true]'],
  ['tojson', 0.1, [], '0.1'],
  ['default', undefined, ['x'], 'x'],
  ['default', 0, ['x'], 0],
  ['default', 0, ['x', true], 'x'],
  ['default', '', ['x', true], 'x'],
  ['default', [], ['x', true], 'x'],
  ['default', [0], ['x', true], [0]],
];

for (const [name, value, args, result] of APPLIED) {
  test(`${name}(${args.join(', ')}) of ${JSON.stringify(value)} is ${JSON.stringify(result)}`, () => {
    assert.deepEqual(apply(name, value, ...args), result);
  });
}

test('rounding to as many digits as a number has changes nothing', () => {
  const decimal = fc.tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 9 }));
  fc.assert(
    fc.property(decimal, ([units, digits]) => {
      const value = Number(`${units}e-${digits}`);

      assert.equal(apply('round', value, digits), value + 0);
    }),
  );
});

test('what tojson makes is read as the same value, and cannot end single quotes', () => {
  const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean());
  fc.assert(
    fc.property(fc.oneof(scalar, fc.array(scalar)), (value) => {
      const json = apply('tojson', value);

      assert.ok(typeof json === 'string' && !json.includes("'"));
      assert.deepEqual(JSON.parse(json), value);
    }),
  );
});

test('default leaves a number as it is, but for the sign of zero', () => {
  assert.equal(apply('default', 2.5, 'x'), 2.5);
  assert.ok(Object.is(apply('default', -0, 'x'), 0));
});

test('every filter makes a value of every value', () => {
  const scalar = fc.oneof(
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
  );
  const value = fc.oneof(scalar, fc.array(scalar));
  fc.assert(
    fc.property(fc.constantFrom(...FILTERS.keys()), value, (name, sent) => {
      const result = apply(name, sent, ...(name === 'default' ? ['x'] : []));

      assert.ok(typeof result !== 'number' || (Number.isFinite(result) && !Object.is(result, -0)));
    }),
  );
});
