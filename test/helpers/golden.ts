import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

/** The major version of Node whose Math functions the goldens were made with. */
const GOLDEN_MAJOR = 24;

/** Whether a number is as good as the expected one where Math.exp, log and the like are of another version. */
export type IsNear = (actual: number, expected: number) => boolean;

function assertNear(isNear: IsNear, actual: unknown, expected: unknown, where: string): void {
  if (typeof actual === 'number' && typeof expected === 'number') {
    assert.ok(isNear(actual, expected), `${where}: ${actual} instead of ${expected}`);
  } else if (typeof actual === 'object' && actual !== null && typeof expected === 'object') {
    const pairs = new Map(Object.entries(expected ?? {}));
    assert.deepEqual(Object.keys(actual), [...pairs.keys()], where);
    for (const [key, value] of Object.entries(actual)) {
      assertNear(isNear, value, pairs.get(key), `${where}.${key}`);
    }
  } else {
    assert.deepEqual(actual, expected, where);
  }
}

/**
 * Tests that the trace of each group is what test/golden/FILE keeps of it, bit for bit; on other major versions of Node
 * as near as `isNear` says, where it says anything. `npm run golden` writes the file anew.
 */
export function testGolden<T>({
  file,
  groups,
  trace,
  titleOf,
  isNear = null,
}: {
  readonly file: string;
  readonly groups: Readonly<Record<string, T>>;
  readonly trace: (group: T) => unknown;
  readonly titleOf: (name: string) => string;
  readonly isNear?: IsNear | null;
}): void {
  const golden = new URL(`../golden/${file}`, import.meta.url);
  if (process.env['RUNGWISE_UPDATE_GOLDENS'] === '1') {
    const traces = Object.entries(groups).map(([name, group]) => [name, trace(group)]);
    writeFileSync(golden, `${JSON.stringify(Object.fromEntries(traces), null, 1)}\n`);
  }
  const kept = new Map<string, unknown>(Object.entries(JSON.parse(readFileSync(golden, 'utf8'))));
  const isExact = isNear === null || Number.parseInt(process.versions.node, 10) === GOLDEN_MAJOR;
  for (const [name, group] of Object.entries(groups)) {
    test(titleOf(name), () => {
      const actual = JSON.stringify(trace(group));
      const expected = kept.get(name);
      if (isExact) assert.equal(actual, JSON.stringify(expected));
      else if (isNear !== null) assertNear(isNear, JSON.parse(actual), expected, name);
    });
  }
}
