import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pauseSeconds } from '../../lib/service/push.ts';

for (const [attempt, seconds] of [
  [1, 10],
  [2, 20],
  [7, 640],
  [8, 900],
  [100_000, 900],
] as const) {
  test(`what is given back in attempt ${attempt} waits ${seconds} s`, () => {
    assert.equal(pauseSeconds(attempt), seconds);
  });
}
