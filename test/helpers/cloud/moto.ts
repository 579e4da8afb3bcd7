import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { freePort } from '../free-port.ts';

/*
 * The Parameter Store as moto has it, an emulator of AWS in Python.
 */

const CACHE = join(import.meta.dirname, '../../../.cache');
const MOTO = { name: 'moto', version: '5.2.5' } as const;
const PACKAGES = join(CACHE, `${MOTO.name}-${MOTO.version}`);
/** What its server needs beside it. */
const BESIDE = ['flask', 'flask-cors', 'PyYAML'];
const START_ATTEMPTS = 300;
const START_PAUSE_MS = 50;

const runs = (args: readonly string[]): boolean =>
  spawnSync('python3', args, { stdio: 'ignore' }).status === 0;

/** Fetches moto from PyPI, once; returns null, or why that was not possible. */
function install(): string | null {
  if (existsSync(PACKAGES)) return null;
  if (!runs(['-m', 'pip', '--version'])) return 'there is no pip to fetch it with';
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'moto-'));
  try {
    const wanted = `${MOTO.name}==${MOTO.version}`;
    if (!runs(['-m', 'pip', 'install', '--quiet', '--target', folder, wanted, ...BESIDE])) {
      return `pip could not install ${wanted}`;
    }
    // Complete or not there at all, also where two test runs fetch at once.
    if (!existsSync(PACKAGES)) renameSync(folder, PACKAGES);
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Fetches moto where it is not here yet; returns why it cannot run here, or null where it can. */
export function motoMissing(): string | null {
  const reason = install();
  return reason === null ? null : `LEFT OUT: ${reason}, so nothing was tested on ${MOTO.name}`;
}

/** A Parameter Store of its own, for one test file. */
export interface ParameterStore {
  readonly endpoint: string;
  readonly client: SSMClient;
  readonly stop: () => void;
}

/** Starts the server and waits until it answers. */
export async function startParameterStore(): Promise<ParameterStore> {
  const port = await freePort();
  const args = ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)];
  const env = { ...process.env, PYTHONPATH: PACKAGES };
  const child = spawn('python3', args, { env, stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new SSMClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  for (let attempt = 1; ; attempt++) {
    try {
      await client.send(new DescribeParametersCommand({}));
      break;
    } catch (error) {
      if (attempt === START_ATTEMPTS || child.exitCode !== null) throw error;
      await sleep(START_PAUSE_MS);
    }
  }
  return {
    endpoint,
    client,
    stop() {
      client.destroy();
      child.kill('SIGKILL');
    },
  };
}
