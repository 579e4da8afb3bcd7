import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Value } from '../../lib/domain/values.ts';
import { listValues } from '../../lib/matrix/enumerate.ts';
import oracle from '../oracles/enumerations.oracle.json' with { type: 'json' };
import { optionOf } from './helpers.ts';

/** How far powers may be from numpy's, whose last bit depends on the C library. */
const POWER_TOLERANCE = 1e-12;

function assertClose(actual: Value | undefined, expected: number | undefined): void {
  assert.ok(typeof actual === 'number' && expected !== undefined);
  assert.ok(
    Math.abs(actual - expected) <= POWER_TOLERANCE * Math.abs(expected),
    `${actual} ${expected}`,
  );
}

for (const entry of oracle) {
  test(`${JSON.stringify(entry.option)} lists what numpy lists`, () => {
    const option = optionOf(entry.option);
    const values = listValues(option) ?? [];
    const [head, tail, length] =
      entry.values === undefined
        ? [entry.head, entry.tail, entry.length]
        : [entry.values, entry.values, entry.values.length];

    assert.equal(values.length, length);
    const isExact = option.kind === 'range' || option.kind === 'linspace';
    for (const [i, expected] of head.entries()) {
      if (isExact) assert.equal(values[i], expected);
      else assertClose(values[i], expected);
    }
    for (const [i, expected] of tail.toReversed().entries()) {
      if (isExact) assert.equal(values.at(-1 - i), expected);
      else assertClose(values.at(-1 - i), expected);
    }
  });
}

test('values are listed as they stand, with their repeats', () => {
  const values = [1, 'a', true, [1, 2], 1];

  assert.deepEqual(listValues(optionOf({ values })), values);
});

test('the example of the documentation has seven values, as numpy gives them', () => {
  const values = listValues(optionOf({ range: [1.2, 1.8, 0.1] }));

  assert.equal(values?.length, 7);
  assert.equal(values?.at(-1), 1.8000000000000005);
});

test('powers of ten are the numbers that people write', () => {
  const values = listValues(optionOf({ logspace: '-9:9:19' }));

  assert.deepEqual(
    values,
    Array.from({ length: 19 }, (_, i) => Number(`1e${i - 9}`)),
  );
});

test('a list is made once for an option', () => {
  const option = optionOf({ linspace: '0:1:5' });

  assert.equal(listValues(option), listValues(option));
});

const DISTRIBUTIONS = [
  { pvalues: [['a', 1]] },
  { uniform: '0:1' },
  { quniform: '0:1:0.5' },
  { loguniform: '0:1' },
  { qloguniform: '0:1:0.5' },
  { normal: '0:1' },
  { qnormal: '0:1:0.5' },
  { lognormal: '0:1' },
  { qlognormal: '0:1:0.5' },
];

for (const raw of DISTRIBUTIONS) {
  test(`${Object.keys(raw).join()} lists no values`, () => {
    assert.equal(listValues(optionOf(raw)), null);
  });
}
