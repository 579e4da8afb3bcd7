// npm run check: format and lint, types, layers, dead code. One line for each with its time; what a
// tool says is shown only when it fails.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

interface Check {
  readonly name: string;
  /** The tool's JavaScript entry as a path inside its package, then its arguments. */
  readonly tool: string;
  readonly args: readonly string[];
  /** What the output must say for the check to have looked at anything. */
  readonly proof?: RegExp;
}

const root = dirname(import.meta.dirname);
process.chdir(root);

const FOLDERS = ['lib', 'functions', 'cli', 'infra', 'scripts', 'bench', 'examples', 'test', 'web'];

const CHECKS: readonly Check[] = [
  {
    name: 'format and lint',
    tool: '@biomejs/biome/bin/biome',
    args: ['check', '--error-on-warnings', '--max-diagnostics=200'],
    proof: /Checked [1-9]\d* files/,
  },
  {
    name: 'types',
    tool: 'typescript/bin/tsc',
    args: ['-p', '.', '--incremental', '--tsBuildInfoFile', 'node_modules/.cache/tsc.tsbuildinfo'],
  },
  {
    // Apart, since only they know of a document and a window.
    name: 'types of the dashboard',
    tool: 'typescript/bin/tsc',
    args: [
      '-p',
      'web',
      '--incremental',
      '--tsBuildInfoFile',
      'node_modules/.cache/tsc-web.tsbuildinfo',
    ],
  },
  {
    name: 'layers',
    tool: 'dependency-cruiser/bin/dependency-cruiser.mjs',
    args: ['--config', '.dependency-cruiser.cjs', ...FOLDERS.filter((name) => existsSync(name))],
    proof: /\b[1-9]\d* modules/,
  },
  {
    name: 'dead code',
    tool: 'knip/bin/knip.js',
    args: ['--no-progress', '--no-config-hints'],
  },
];

interface Outcome {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs a tool under this Node; it passes when it exits 0 and its output has the proof. */
const runCheck = ({ tool, args, proof }: Check): Promise<Outcome> =>
  new Promise((resolve) => {
    const argv = [`node_modules/${tool}`, ...args];
    execFile(process.execPath, argv, { maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`;
      const proven = proof === undefined || proof.test(output);
      resolve({
        ok: error === null && proven,
        output: proven
          ? output
          : `${output}\nit looked at nothing: ${proof} is not in its output\n`,
      });
    });
  });

const outcomes = await Promise.all(
  CHECKS.map(async (check) => {
    const startMs = performance.now();
    const { ok, output } = await runCheck(check);
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    console.log(`${ok ? '✓' : '✗'} ${check.name}  ${seconds} s`);
    if (!ok) console.log(output);
    return ok;
  }),
);
process.exitCode = outcomes.every(Boolean) ? 0 : 1;
