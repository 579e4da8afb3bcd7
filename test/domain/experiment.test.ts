import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compareObjectives } from '../../lib/domain/experiment.ts';
import type { MetricValue } from '../../lib/domain/measurement.ts';

const loss = { name: 'loss', optimization: 'minimize' } as const;
const accuracy = { name: 'accuracy', optimization: 'maximize' } as const;

const sorted = (
  values: readonly (MetricValue | null)[],
  metric: typeof loss | typeof accuracy,
): readonly (MetricValue | null)[] => values.toSorted((a, b) => compareObjectives(a, b, metric));

describe('objectives', () => {
  const values = [null, 3, 'NaN', -1, 2] as const;

  test('go from best to worst, then non-finite, then none', () => {
    assert.deepEqual(sorted(values, loss), [-1, 2, 3, 'NaN', null]);
    assert.deepEqual(sorted(values, accuracy), [3, 2, -1, 'NaN', null]);
  });

  test('are a consistent order', () => {
    const objective: fc.Arbitrary<MetricValue | null> = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom<MetricValue | null>(null, 'NaN', 'Infinity', '-Infinity'),
    );
    fc.assert(
      fc.property(objective, objective, objective, (a, b, c) => {
        const sign = (x: MetricValue | null, y: MetricValue | null): number =>
          Math.sign(compareObjectives(x, y, loss));
        assert.equal(sign(a, b) + sign(b, a), 0);
        if (sign(a, b) <= 0 && sign(b, c) <= 0) assert.ok(sign(a, c) <= 0);
      }),
    );
  });
});
