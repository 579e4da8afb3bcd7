import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLocalSignals } from '../../lib/runtime/signals.ts';

/** Longer than the test may take: whatever resolves was woken. */
const LONG_MS = 600_000;

describe('signals within one process', () => {
  test('wake whoever watches the group, and nobody else', async () => {
    const signals = createLocalSignals();
    const watch = signals.watch('a');
    const other = signals.watch('b');
    let woken = false;
    const waiting = watch.next(LONG_MS);
    void other.next(1).then(() => {
      woken = true;
    });

    signals.changed('a');
    await waiting;

    assert.equal(woken, false);
    watch.end();
    other.end();
  });

  test('miss no change between two waits', async () => {
    const signals = createLocalSignals();
    const watch = signals.watch('a');

    signals.changed('a');
    await watch.next(LONG_MS);

    const second = watch.next(LONG_MS);
    signals.changed('a');
    await second;
    watch.end();
  });
});
