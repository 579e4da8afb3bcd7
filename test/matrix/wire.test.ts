import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { optionToWire } from '../../lib/matrix/wire.ts';
import { optionOf, rightOption } from './helpers.ts';

test('what an option looks like on the wire is read as the same option', () => {
  fc.assert(
    fc.property(rightOption, (raw) => {
      const option = optionOf(raw);
      const sent: unknown = JSON.parse(JSON.stringify(optionToWire(option)));

      assert.deepEqual(optionOf(sent), option);
    }),
    { seed: 1, numRuns: 1000 },
  );
});

const WIRE: readonly (readonly [unknown, unknown])[] = [
  [{ values: [1, 'a', [true]] }, { values: [1, 'a', [true]] }],
  [
    {
      pvalues: [
        ['a', 0.4],
        [[1, 2], '0.6'],
      ],
    },
    {
      pvalues: [
        ['a', 0.4],
        [[1, 2], 0.6],
      ],
    },
  ],
  [{ range: '0:1:0.1' }, { range: { start: 0, stop: 1, step: 0.1 } }],
  [{ linspace: '0:1:5' }, { linspace: { start: 0, stop: 1, num: 5 } }],
  [{ logspace: '-3:-1:3' }, { logspace: { start: -3, stop: -1, num: 3, base: 10 } }],
  [{ geomspace: '1:8:4' }, { geomspace: { start: 1, stop: 8, num: 4 } }],
  [{ uniform: [0, 1, 7] }, { uniform: { low: 0, high: 1 } }],
  [{ qnormal: { scale: 2, loc: 1, q: 0.5, size: 3 } }, { qnormal: { loc: 1, scale: 2, q: 0.5 } }],
];

for (const [raw, expected] of WIRE) {
  test(`${JSON.stringify(raw)} stands on the wire as ${JSON.stringify(expected)}`, () => {
    assert.equal(JSON.stringify(optionToWire(optionOf(raw))), JSON.stringify(expected));
  });
}
