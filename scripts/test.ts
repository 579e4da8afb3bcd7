// npm test [-- WORD ...]: runs the test files whose path contains one of the words; without words
// all that need nothing but Node. Ends with the line "N passed, N failed".
import { dirname, join } from 'node:path';
import { run } from 'node:test';
import { listTestFiles, selectTestFiles } from './test-files.ts';
import { closingLine, report } from './test-report.ts';

const CONCURRENCY = 2;
/** A test that takes longer hangs. */
const TEST_MINUTES_MAX = 5;

const root = dirname(import.meta.dirname);
const words = process.argv.slice(2);
process.chdir(root);

const files = selectTestFiles(listTestFiles(root), words, root).map((file) => join(root, file));
if (files.length === 0) console.error(`no test file's path contains ${words.join(' or ')}`);

const startMs = performance.now();
const tally = await report(
  run({ files, concurrency: CONCURRENCY, timeout: TEST_MINUTES_MAX * 60_000 }),
  { root, write: (text) => process.stdout.write(text) },
);
const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
console.log(`\ntest files: ${files.length}, ${seconds} s`);
console.log(closingLine(tally));
process.exitCode = files.length === 0 || tally.failed > 0 ? 1 : 0;
