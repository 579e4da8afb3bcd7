import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../free-port.ts';

/*
 * AWS Lambda's own runtime interface emulator: one process is one environment of a function, with one call at a time.
 */

const CACHE = join(import.meta.dirname, '../../../.cache');
const RUNTIME = join(import.meta.dirname, 'runtime.ts');
/** The Python package that carries the emulator. */
const CARRIER = { name: 'aws-sam-cli', version: '1.170.0' } as const;
const BINARY = join(CACHE, `aws-lambda-rie-${CARRIER.version}`);
/** What the emulator calls the machine's architecture. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'arm64' };
/** Takes one file out of a wheel: wheel, file, folder. */
const UNPACK = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extract(*sys.argv[2:])';
const START_ATTEMPTS = 300;
const START_PAUSE_MS = 20;
/** Lines of the environment's log that an error shows. */
const LOG_LINES = 40;

const runs = (command: string, args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** Fetches the emulator from PyPI, once; returns null, or why that was not possible. */
function install(): string | null {
  const architecture = ARCHITECTURES[process.arch];
  if (process.platform !== 'linux' || architecture === undefined) {
    return `there is no emulator for ${process.platform} on ${process.arch}`;
  }
  if (existsSync(BINARY)) return null;
  if (!runs('python3', ['-m', 'pip', '--version'])) return 'there is no pip to fetch it with';
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'wheel-'));
  try {
    const wanted = `${CARRIER.name}==${CARRIER.version}`;
    if (!runs('python3', ['-m', 'pip', 'download', '--no-deps', '--dest', folder, wanted])) {
      return `pip could not fetch ${wanted}`;
    }
    const wheel = join(folder, `aws_sam_cli-${CARRIER.version}-py3-none-any.whl`);
    const file = `samcli/local/rapid/aws-lambda-rie-${architecture}`;
    if (!runs('python3', ['-c', UNPACK, wheel, file, folder])) return `${wanted} has no ${file}`;
    chmodSync(join(folder, file), 0o755);
    // Complete or not there at all, also where two test runs fetch at once.
    renameSync(join(folder, file), BINARY);
    return null;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Fetches the emulator where it is not here yet; returns why it cannot run here, or null where it can. */
export function lambdaEmulatorMissing(): string | null {
  const reason = install();
  return reason === null
    ? null
    : `LEFT OUT: ${reason}, so no function was tested under Lambda's runtime interface emulator`;
}

/** A call that ended in an exception or in the function's timeout, or an environment that broke. */
export class InvocationFailed extends Error {
  override readonly name = 'InvocationFailed';
}

export interface LambdaFunction {
  /** The bundle, which exports `handler`. */
  readonly file: string;
  readonly timeoutSeconds: number;
  readonly variables: Readonly<Record<string, string>>;
}

/** One environment of a function. */
export interface LambdaEnvironment {
  /** Returns what the function has returned. Throws `InvocationFailed`. */
  readonly invoke: (event: unknown) => Promise<unknown>;
  readonly stop: () => void;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** What the function has returned, from what the emulator answers. */
function resultOf(answer: string): unknown {
  // The emulator answers in words where a call has taken too long.
  if (!/^["[{]|^null$/.test(answer)) throw new InvocationFailed(answer);
  const result: unknown = JSON.parse(answer);
  if (typeof result === 'object' && result !== null && 'errorType' in result) {
    throw new InvocationFailed(answer);
  }
  return result;
}

/** Starts an environment; the function itself is loaded by the first call. */
export async function startEnvironment({
  file,
  timeoutSeconds,
  variables,
}: LambdaFunction): Promise<LambdaEnvironment> {
  const [port, runtimePort] = [await freePort(), await freePort()];
  const child = spawn(
    BINARY,
    [
      ...['--log-level', 'error'],
      ...['--runtime-interface-emulator-address', `127.0.0.1:${port}`],
      ...['--runtime-api-address', `127.0.0.1:${runtimePort}`],
      ...[process.execPath, '--disable-warning=ExperimentalWarning', RUNTIME, file],
    ],
    {
      env: { ...variables, AWS_LAMBDA_FUNCTION_TIMEOUT: String(timeoutSeconds) },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let log: readonly string[] = [];
  const keep = (part: Buffer): void => {
    log = [...log, ...part.toString().trimEnd().split('\n')].slice(-LOG_LINES);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  for (let attempt = 1; !(await listens(port)); attempt++) {
    if (attempt === START_ATTEMPTS || child.exitCode !== null) {
      throw new InvocationFailed(`the emulator does not answer:\n${log.join('\n')}`);
    }
    await sleep(START_PAUSE_MS);
  }
  return {
    async invoke(event) {
      const answer = await fetch(
        `http://127.0.0.1:${port}/2015-03-31/functions/function/invocations`,
        { method: 'POST', body: JSON.stringify(event) },
      );
      const said = await answer.text();
      try {
        return resultOf(said);
      } catch (error) {
        throw new InvocationFailed(`${said}\n${log.join('\n')}`, { cause: error });
      }
    },
    // Its runtime ends by itself, since nobody answers it any more.
    stop: () => child.kill('SIGKILL'),
  };
}
