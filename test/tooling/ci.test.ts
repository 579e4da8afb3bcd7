import assert from 'node:assert/strict';
import { chmodSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { Ended } from './folder.ts';
import { makeFolder, ROOT, runToEnd } from './folder.ts';

/** Runs the CI script in a project whose `npm` is this shell script. */
function runCi(t: TestContext, npm: string): Promise<Ended> {
  const folder = makeFolder(t, {
    '.ci/run': readFileSync(join(ROOT, '.ci/run'), 'utf8'),
    'bin/npm': `#!/bin/sh\n${npm}`,
  });
  chmodSync(join(folder, 'bin/npm'), 0o755);
  const env = { PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH']}` };
  return runToEnd('bash', ['.ci/run'], { cwd: folder, env });
}

const lastLine = ({ stdout }: Ended): string | undefined => stdout.trimEnd().split('\n').at(-1);
const sums = ({ stdout }: Ended): readonly string[] =>
  stdout.split('\n').filter((line) => /^\d+ passed, \d+ failed$/.test(line));

test('the last line adds up the tests of all steps, and each step without tests as one', async (t) => {
  const ended = await runCi(
    t,
    `case "$*" in
       test) echo "40 passed, 0 failed, 2 skipped" ;;
       "run test:python") echo "2 passed, 0 failed" ;;
       *) echo fine ;;
     esac`,
  );

  assert.equal(lastLine(ended), '49 passed, 0 failed');
  assert.deepEqual(sums(ended), ['49 passed, 0 failed']);
  assert.equal(ended.code, 0);
});

test('a failed step lets the next ones run and fails the whole', async (t) => {
  const ended = await runCi(
    t,
    `echo "ran $*"
     case "$*" in
       test) echo "40 passed, 3 failed"; exit 1 ;;
       "run test:python") echo "2 passed, 0 failed"; exit 1 ;;
       "run check") exit 1 ;;
     esac`,
  );

  assert.match(ended.stdout, /\| ran run demo\n/);
  assert.equal(lastLine(ended), '48 passed, 5 failed');
  assert.equal(ended.code, 1);
});
