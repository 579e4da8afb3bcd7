import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const IS_NEW_ENOUGH = 'import sys; sys.exit(sys.version_info < (3, 9))';

/** Why nothing can be tried with Python here; false where it can, as `skip` of the test runner has it. */
export const pythonMissing =
  spawnSync('python3', ['-c', IS_NEW_ENOUGH]).status === 0
    ? false
    : 'there is no python3 of 3.9 or newer here';

const run = promisify(execFile);

/** A virtual environment of Python in a folder of its own. */
export interface Environment {
  /** Room for whatever else a test needs. */
  readonly folder: string;
  /** The interpreter, and where its scripts lie. */
  readonly python: string;
  readonly bin: string;
  /** Runs `pip` with these arguments. */
  readonly pip: (...args: readonly string[]) => Promise<void>;
  readonly remove: () => void;
}

/** Makes a virtual environment with nothing but pip in it. */
export async function createEnvironment(): Promise<Environment> {
  const folder = mkdtempSync(join(tmpdir(), 'rungwise-python-'));
  const venv = join(folder, 'venv');
  await run('python3', ['-m', 'venv', venv]);
  const bin = join(venv, process.platform === 'win32' ? 'Scripts' : 'bin');
  const python = join(bin, 'python');
  return {
    folder,
    python,
    bin,
    async pip(...args) {
      await run(python, ['-m', 'pip', ...args]);
    },
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}
