import assert from 'node:assert/strict';
import { test } from 'node:test';
import { observedOf } from '../../../../web/plots/data.ts';
import { bestSoFar } from '../../../../web/plots/options/best-so-far.ts';
import { edgeOf } from '../../../../web/plots/options/window.ts';
import { drawnOf } from '../fixtures.ts';

const points = observedOf(drawnOf(50)).map((record) => ({ record, x: record.number }));

for (const optimization of ['minimize', 'maximize'] as const) {
  test(`the line has at each experiment the best that was known then (${optimization})`, () => {
    const corners = bestSoFar(points, { name: 'loss', optimization });
    const best = optimization === 'minimize' ? Math.min : Math.max;

    for (const { x } of points) {
      const known = corners.findLast(([corner]) => corner <= x)?.[1];
      const so_far = points.filter((point) => point.x <= x).map(({ record }) => record.objective);
      assert.equal(known, best(...so_far));
    }
    assert.equal(corners.at(-1)?.[0], points.at(-1)?.x);
  });
}

test('an axis ends before values that are far worse than the rest', () => {
  const near = Array.from({ length: 40 }, (_, i) => 0.2 + i / 100);

  const edge = edgeOf([...near, 1e9], 'minimize');
  assert.ok(edge !== null && edge > 0.6 && edge < 3, `${edge}`);
  assert.equal(edgeOf(near, 'minimize'), null);
  assert.equal(edgeOf([...near, 1e9], 'maximize'), null);
  assert.equal(edgeOf([...near.map((value) => -value), -1e9], 'maximize'), -edge);
  assert.equal(edgeOf([], 'minimize'), null);
});
