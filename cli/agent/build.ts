import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, systemCode } from '../failure.ts';
import type { Interrupts } from './interrupts.ts';
import type { ProcessEnd } from './process.ts';
import { startCommand } from './process.ts';
import { createTail } from './tail.ts';

/*
 * `--build` runs a document's build steps once, in an environment of their own: what `pip install` installs goes there
 * and not into the machine's Python. Its folder is named by a hash of the steps, so that it is found again.
 */

/** Output of a failed step that is shown. */
const OUTPUT_BYTES = 8 * 1024;
const LOCK_PAUSE_MS = 200;
const HASH_DIGITS = 16;

type Environment = Readonly<Record<string, string | undefined>>;

export interface BuildOptions {
  readonly steps: readonly string[];
  /** The data folder below which the environments lie. */
  readonly folder: string;
  readonly cwd: string;
  readonly env: Environment;
  readonly interrupts: Interrupts;
  /** Told what is done, in a line. */
  readonly say: (line: string) => void;
}

/** The environment of commands that use a Python environment: as its `activate` script makes it. */
function activated(env: Environment, venv: string): Environment {
  const { PYTHONHOME: _home, ...rest } = env;
  const bin = join(venv, process.platform === 'win32' ? 'Scripts' : 'bin');
  if (!existsSync(bin)) return env;
  const name = Object.keys(rest).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  const path = rest[name] === undefined ? bin : `${bin}${delimiter}${rest[name]}`;
  return { ...rest, [name]: path, VIRTUAL_ENV: venv };
}

const isOver = (end: ProcessEnd): boolean => end.kind === 'exit' && end.code === 0;

/** Runs one command; its output is shown where it fails. */
async function runStep(command: string, env: Environment, options: BuildOptions): Promise<void> {
  const { cwd, interrupts } = options;
  const tail = createTail(OUTPUT_BYTES);
  const onLine = ({ text }: { readonly text: string }): void => tail.push(text);
  const step = startCommand(command, { cwd, env, onLine });
  interrupts.soft.addEventListener('abort', step.stop);
  interrupts.hard.addEventListener('abort', step.kill);
  const end = await step.ended;
  interrupts.soft.removeEventListener('abort', step.stop);
  interrupts.hard.removeEventListener('abort', step.kill);
  if (interrupts.soft.aborted) throw new Failure('interrupted while building.');
  if (isOver(end)) return;
  const how = end.kind === 'exit' ? `exit code ${end.code}` : 'it did not run to its end';
  throw new Failure(`the build step "${command}" failed (${how}):\n${tail.text()}`);
}

const hasPython = async (options: BuildOptions): Promise<boolean> => {
  const probe = startCommand('python3 --version', { ...options, onLine: () => {} });
  return isOver(await probe.ended);
};

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}

/** Takes the lock of an environment, which another agent may be building; returns how to give it back. */
async function lock(file: string, options: BuildOptions): Promise<() => void> {
  for (let looks = 0; !options.interrupts.soft.aborted; looks++) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
    }
    const holder = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    if (holder > 0 && !isAlive(holder)) rmSync(file, { force: true });
    if (looks === 0) options.say('waiting for another agent that runs the same build steps');
    await sleep(LOCK_PAUSE_MS);
  }
  throw new Failure('interrupted while building.');
}

/**
 * Runs the build steps, unless they have been run already, and returns the environment for the experiments.
 *
 * Throws a `Failure` with a step's output where it fails.
 */
export async function build(options: BuildOptions): Promise<Environment> {
  const { steps, folder, env, say } = options;
  if (steps.length === 0) {
    say('the document has no build steps');
    return env;
  }
  const hash = createHash('sha256').update(JSON.stringify(steps)).digest('hex');
  const place = resolve(folder, 'build', hash.slice(0, HASH_DIGITS));
  const venv = join(place, 'venv');
  const stamp = join(place, 'complete');
  mkdirSync(resolve(folder, 'build'), { recursive: true, mode: 0o700 });
  const unlock = await lock(`${place}.lock`, options);
  try {
    if (existsSync(stamp)) {
      say(`build steps ran before: using ${place}`);
      return activated(env, venv);
    }
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place);
    if (await hasPython(options)) {
      say(`creating a Python environment in ${venv}`);
      await runStep(`python3 -m venv "${venv}"`, env, options);
    }
    for (const [index, step] of steps.entries()) {
      say(`build step ${index + 1} of ${steps.length}: ${step}`);
      await runStep(step, activated(env, venv), options);
    }
    writeFileSync(stamp, JSON.stringify(steps));
    return activated(env, venv);
  } finally {
    unlock();
  }
}
