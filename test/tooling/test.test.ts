import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { selectTestFiles } from '../../scripts/test-files.ts';
import type { Ended } from './folder.ts';
import { makeFolder, ROOT, runToEnd } from './folder.ts';

const HEAD = "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\n";

const SCRIPTS = Object.fromEntries(
  ['test.ts', 'test-files.ts', 'test-report.ts', 'golden.ts'].map((name) => [
    `scripts/${name}`,
    readFileSync(join(ROOT, 'scripts', name), 'utf8'),
  ]),
);

/** Runs the test command in a project of these test files. */
const runTests = (
  t: TestContext,
  files: Readonly<Record<string, string>>,
  { script = 'test.ts', words = [] }: { script?: string; words?: readonly string[] } = {},
): Promise<Ended> =>
  runToEnd(process.execPath, [`scripts/${script}`, ...words], {
    cwd: makeFolder(t, { 'package.json': '{"type": "module"}', ...SCRIPTS, ...files }),
    // Otherwise the inner run would take itself for a part of this one.
    env: { NODE_TEST_CONTEXT: undefined },
  });

const lastLine = ({ stdout }: Ended): string | undefined => stdout.trimEnd().split('\n').at(-1);

describe('the test command', () => {
  test('closes with how many tests passed and failed', async (t) => {
    const ended = await runTests(t, {
      'test/a.test.ts': `${HEAD}test('one', () => undefined);\ntest('two', () => undefined);\n`,
      'test/deep/b.test.ts': `${HEAD}test('three', (t) => t.test('four', () => undefined));\n`,
    });

    assert.equal(lastLine(ended), '4 passed, 0 failed');
    assert.equal(ended.code, 0);
  });

  test('shows a failure in full and fails', async (t) => {
    const ended = await runTests(t, {
      'test/a.test.ts': `${HEAD}test('one', () => assert.equal(1, 2, 'one is not two'));\n`,
      'test/b.test.ts': `${HEAD}test('two', () => undefined);\n`,
    });

    assert.match(ended.stdout, /✗ test\/a\.test\.ts {2}0 passed, 1 failed\n/);
    assert.match(ended.stdout, /✓ test\/b\.test\.ts {2}1 passed, 0 failed\n/);
    assert.match(ended.stdout, /AssertionError .*one is not two/);
    assert.equal(lastLine(ended), '1 passed, 1 failed');
    assert.equal(ended.code, 1);
  });

  test('counts a file that breaks outside its tests or has none as a failed test', async (t) => {
    const ended = await runTests(t, {
      'test/broken.test.ts': 'const x: = 1;\n',
      'test/empty.test.ts': 'export const x = 1;\n',
      'test/exits.test.ts': `${HEAD}test('one', () => undefined);\nprocess.on('exit', () => process.exit(3));\n`,
    });

    assert.match(ended.stdout, /ERR_INVALID_TYPESCRIPT_SYNTAX/);
    assert.equal(lastLine(ended), '1 passed, 3 failed');
    assert.equal(ended.code, 1);
  });

  test("counts a shared suite's tests for the file that runs it", async (t) => {
    const ended = await runTests(t, {
      'test/contracts/suite.ts': `${HEAD}export const suite = () => test('one', () => assert.fail('no'));\n`,
      'test/a.test.ts': "import { suite } from './contracts/suite.ts';\nsuite();\n",
    });

    assert.match(ended.stdout, /✗ test\/a\.test\.ts {2}0 passed, 1 failed\n/);
    assert.equal(lastLine(ended), '0 passed, 1 failed');
  });

  test('names the tests and suites that are left out', async (t) => {
    const ended = await runTests(t, {
      'test/a.test.ts': `${HEAD}test('one', { skip: 'no emulator here' }, () => undefined);\ntest('two', () => undefined);\n`,
      'test/b.test.ts': `${HEAD}test.suite('all', { skip: 'Linux only' }, () => test('three', () => undefined));\n`,
    });

    assert.match(ended.stdout, /left out: one \(no emulator here\)/);
    assert.match(ended.stdout, /left out: all \(Linux only\)/);
    assert.equal(lastLine(ended), '1 passed, 0 failed, 2 skipped');
    assert.equal(ended.code, 0);
  });

  test('fails where no file matches', async (t) => {
    const ended = await runTests(t, {}, { words: ['nothing'] });

    assert.match(ended.stderr, /no test file's path contains nothing/);
    assert.equal(ended.code, 1);
  });

  test('tells the tests to write goldens anew when that is asked for', async (t) => {
    const golden = `${HEAD}test('one', () => assert.equal(process.env['RUNGWISE_UPDATE_GOLDENS'], '1'));\n`;

    const ended = await runTests(t, { 'test/a.test.ts': golden }, { script: 'golden.ts' });

    assert.equal(lastLine(ended), '1 passed, 0 failed');
  });
});

describe('the files of a run', () => {
  const FILES = ['test/cloud/a.test.ts', 'test/matrix/b.test.ts', 'test/python/client.test.ts'];
  const cases: readonly [title: string, words: readonly string[], selected: readonly string[]][] = [
    ['are all that need nothing but Node', [], ['test/matrix/b.test.ts']],
    ['are narrowed by a part of their path', ['matrix/'], ['test/matrix/b.test.ts']],
    ['are narrowed by a path from here', ['./test/matrix'], ['test/matrix/b.test.ts']],
    ['are narrowed by an absolute path', ['/project/test/matrix'], ['test/matrix/b.test.ts']],
    ['do not need more than Node by accident', ['client'], []],
    ['may need more when that is named', ['test/python'], ['test/python/client.test.ts']],
    ['match any of several words', ['matrix', 'test/cloud'], FILES.slice(0, 2)],
  ];
  for (const [title, words, selected] of cases)
    test(title, () => {
      assert.deepEqual(selectTestFiles(FILES, words, '/project'), selected);
    });
});
