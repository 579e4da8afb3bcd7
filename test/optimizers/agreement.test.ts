import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Agreement } from '../../lib/optimizers/agreement.ts';
import { createAgreement, isOfShare } from '../../lib/optimizers/agreement.ts';

/** What is known after configurations with these values on three rungs. */
function agreementAfter(curves: readonly (readonly number[])[], least = 0.1): Agreement {
  const agreement = createAgreement({ rungs: 3, least });
  for (const curve of curves) agreement.add(curve);
  return agreement;
}

test('the least share goes on until three configurations have been trained in full', () => {
  const turned = [
    [1, 1, 2],
    [2, 2, 1],
  ];

  assert.equal(agreementAfter(turned).shareAt(0), 0.1);
  assert.equal(agreementAfter([...turned, [3, 3, 0]]).shareAt(0), 1);
});

test('a rung that foretells the last one lets no more than the least share go on', () => {
  const { shareAt } = agreementAfter([
    [7, 3, 30],
    [5, 2, 20],
    [9, 4, 40],
  ]);

  assert.deepEqual([shareAt(0), shareAt(1)], [0.1, 0.1]);
});

test('each rung is judged by itself, and in between the share grows evenly', () => {
  // Of six pairs one is turned on the first rung, three are on the second.
  const { shareAt } = agreementAfter([
    [1, 2, 1],
    [3, 4, 2],
    [2, 1, 3],
    [4, 3, 4],
  ]);

  assert.ok(Math.abs(shareAt(0) - (0.9 - 5 / 6) / 0.3) < 1e-12);
  assert.ok(Math.abs(shareAt(1) - (0.9 - 3 / 6) / 0.3) > 0.3, 'no more than all');
  assert.equal(shareAt(1), 1);
});

test('equal values say half of an order', () => {
  const same = Array.from({ length: 3 }, (_, i) => [5, 5, i]);

  assert.equal(agreementAfter(same).shareAt(0), 1);
});

test('a copy goes its own way', () => {
  const one = agreementAfter([
    [1, 1, 1],
    [2, 2, 2],
  ]);
  const copy = one.copy();

  copy.add([3, 3, 0]);

  assert.equal(one.shareAt(0), 0.1);
  assert.ok(copy.shareAt(0) > 0.1);
});

test('a share of the configurations is spread evenly, and part of every larger share', () => {
  for (const share of [0.1, 0.25, 0.5, 0.9]) {
    const slots = Array.from({ length: 100 }, (_, slot) => slot).filter((slot) =>
      isOfShare(slot, share),
    );
    assert.ok(Math.abs(slots.length - 100 * share) <= 2, `${slots.length} of ${share}`);
    assert.ok(slots.every((slot) => isOfShare(slot, share + 0.1)));
  }
  assert.equal(isOfShare(0, 0.01), true);
  assert.equal(isOfShare(0, 0), false);
});
