import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Values } from '../../../lib/domain/values.ts';
import { createEncoding } from '../../../lib/matrix/encoding.ts';
import { areInRegion } from '../../../lib/optimizers/bayes/failures.ts';
import { matrixOf } from '../../matrix/helpers.ts';

const encoding = createEncoding(
  matrixOf({ a: { uniform: [0, 1] }, kind: { values: ['x', 'y', 'z'] } }),
);

/** Points along the one parameter. */
const at = (kind: string, ...numbers: readonly number[]): readonly Values[] =>
  numbers.map((a) => ({ a, kind }));

const CASES = [
  {
    title: 'failures beyond a border lie in a region',
    failed: at('x', 0.75, 0.85, 0.95),
    others: at('x', 0.1, 0.3, 0.5, 0.6),
    is: true,
  },
  {
    title: 'failures of one choice lie in a region',
    failed: at('y', 0.1, 0.5, 0.9),
    others: [...at('x', 0.1, 0.5, 0.9), ...at('z', 0.2, 0.6)],
    is: true,
  },
  {
    title: 'failures among what did well are bad luck',
    failed: at('x', 0.2, 0.6, 0.9),
    others: at('x', 0.1, 0.19, 0.3, 0.5, 0.61, 0.7, 0.89, 1),
    is: false,
  },
  { title: 'one failure tells nothing', failed: at('x', 0.9), others: at('x', 0.1), is: false },
  { title: 'no failure tells nothing', failed: [], others: at('x', 0.1), is: false },
  {
    title: 'where everything fails, everything is the region',
    failed: at('x', 0.2, 0.9),
    others: [],
    is: true,
  },
] as const;

for (const { title, failed, others, is } of CASES) {
  test(title, () => {
    assert.equal(areInRegion(encoding, failed, others), is);
  });
}
