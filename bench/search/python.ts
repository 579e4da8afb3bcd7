import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const HERE = import.meta.dirname;

/** Where the environments and the results of earlier runs live. */
export const CACHE_FOLDER = join(HERE, '../.cache');

const isWindows = process.platform === 'win32';

/** The folder of a Python environment: `main`, or one for peers that the newest packages break. */
const folderOf = (environment: string): string =>
  join(CACHE_FOLDER, environment === 'main' ? 'venv' : `venv-${environment}`);

/** The interpreter of an environment. */
export const pythonOf = (environment: string): string =>
  join(folderOf(environment), ...(isWindows ? ['Scripts', 'python.exe'] : ['bin', 'python']));

/** One core a process: what several threads gain is not what is compared. */
export const ENVIRONMENT: NodeJS.ProcessEnv = {
  ...process.env,
  // So that a harness in another folder finds what it shares with the one here.
  PYTHONPATH: HERE,
  OMP_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  MKL_NUM_THREADS: '1',
  JAX_PLATFORMS: 'cpu',
  XLA_FLAGS: '--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1',
};

/** The path of a Python file, from this folder. */
export const scriptFile = (name: string): string => join(HERE, name);

function run(file: string, args: readonly string[]): void {
  // Standard output belongs to the tables.
  const { status, error } = spawnSync(file, args, { stdio: ['ignore', 2, 2] });
  if (error !== undefined) throw new Error(`${file} does not start: ${error.message}`);
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}`);
}

/** Makes a Python environment where it is missing or another one is asked for. */
export function ensureEnvironment(environment: string): void {
  const requirements = scriptFile(`requirements-${environment}.txt`);
  const folder = folderOf(environment);
  // What is installed; lies in the environment, so that it goes with it.
  const stamp = join(folder, 'installed.txt');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.error(`making the Python environment ${folder}, some minutes …`);
  const python = pythonOf(environment);
  if (!existsSync(python)) run(isWindows ? 'python' : 'python3', ['-m', 'venv', folder]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]);
  writeFileSync(stamp, wanted);
}

/** Returns what a Python file prints. */
export function outputOf(script: string, args: readonly string[], input = ''): string {
  const { status, stdout, error } = spawnSync(pythonOf('main'), [scriptFile(script), ...args], {
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
