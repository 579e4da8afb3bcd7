import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The folder from which the examples are run. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** One reported line as an object: metric names, `step` and `checkpoint` as its keys. */
export type Line = Readonly<Record<string, unknown>>;

/** Returns what a line of output reports; asserts that it has the form which the agent forwards. */
export function readLine(text: string): Line {
  assert.match(text, /^rungwise \{.*\}$/);
  const line: unknown = JSON.parse(text.slice('rungwise '.length));
  assert.ok(typeof line === 'object' && line !== null);
  return { ...line };
}

/** Runs a training to its end; returns its standard output. Asserts that it exits with 0. */
export function train(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): string {
  const run = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  assert.equal(run.status, 0, run.stderr);
  return run.stdout;
}

/** Returns every line of a training's output, parsed. */
export const readLines = (output: string): readonly Line[] =>
  output.trimEnd().split('\n').map(readLine);
