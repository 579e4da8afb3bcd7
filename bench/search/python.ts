import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const HERE = import.meta.dirname;

/** Where the environment and the results of earlier runs live. */
export const CACHE_FOLDER = join(HERE, '../.cache');

const VENV = join(CACHE_FOLDER, 'venv');
const REQUIREMENTS = join(HERE, 'requirements.txt');
/** What is installed; lies in the environment, so that it goes with it. */
const STAMP = join(VENV, 'installed.txt');

const isWindows = process.platform === 'win32';
/** The interpreter of the environment. */
export const PYTHON = isWindows ? join(VENV, 'Scripts', 'python.exe') : join(VENV, 'bin', 'python');

/** One core a process: what several threads gain is not what is compared. */
export const ENVIRONMENT: NodeJS.ProcessEnv = {
  ...process.env,
  OMP_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  MKL_NUM_THREADS: '1',
};

/** The path of one of the Python files beside this one. */
export const scriptFile = (name: string): string => join(HERE, name);

function run(file: string, args: readonly string[]): void {
  // Standard output belongs to the tables.
  const { status, error } = spawnSync(file, args, { stdio: ['ignore', 2, 2] });
  if (error !== undefined) throw new Error(`${file} does not start: ${error.message}`);
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}`);
}

/** Makes the Python environment where it is missing or another one is asked for. */
export function ensureEnvironment(): void {
  const wanted = readFileSync(REQUIREMENTS, 'utf8');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  console.error('making the Python environment in bench/.cache/venv, some minutes …');
  if (!existsSync(PYTHON)) run(isWindows ? 'python' : 'python3', ['-m', 'venv', VENV]);
  run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--requirement', REQUIREMENTS]);
  writeFileSync(STAMP, wanted);
}

/** Returns what a Python file prints. */
export function outputOf(script: string, args: readonly string[], input = ''): string {
  const { status, stdout, error } = spawnSync(PYTHON, [scriptFile(script), ...args], {
    input,
    encoding: 'utf8',
    env: ENVIRONMENT,
    maxBuffer: 64 * 2 ** 20,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${script} ended with ${status}`);
  return stdout;
}
