import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Group } from '../../cli/answers.ts';
import type { Service } from '../../cli/client.ts';
import { createService, expectAnswer } from '../../cli/client.ts';
import { startLocalServer } from '../../cli/local-server.ts';
import { createLocalRuntime } from '../../lib/runtime/local.ts';

export const ROOT = join(import.meta.dirname, '../..');
const TRAINING = fileURLToPath(import.meta.resolve('./training.mjs'));
const CLI = ['--disable-warning=ExperimentalWarning', join(ROOT, 'cli/main.ts')] as const;

/** Returns the command that runs a training in miniature. */
export const training = (...args: readonly string[]): string =>
  [process.execPath, TRAINING, ...args].map((arg) => `'${arg}'`).join(' ');

/** Returns a document whose experiments run a command. */
export const documentOf = (command: string, hptuning: object = {}): object => ({
  version: 1,
  kind: 'group',
  hptuning: {
    seed: 1,
    random_search: { n_experiments: 3, metric: { name: 'loss', optimization: 'minimize' } },
    matrix: { lr: { uniform: [0, 1] } },
    ...hptuning,
  },
  run: { cmd: command },
});

/** Plans so many experiments. */
export const planned = (count: number): object => ({
  random_search: { n_experiments: count, metric: { name: 'loss', optimization: 'minimize' } },
});

/** A folder that is removed after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rungwise-'));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Writes a document into a folder and returns its path. */
export function writeDocument(folder: string, document: object): string {
  const file = join(folder, 'document.json');
  writeFileSync(file, JSON.stringify(document));
  return file;
}

/** A service in this process, in memory. */
export async function startService(t: TestContext): Promise<Service> {
  const logger = { error: console.error, warn: console.error, info: () => {} };
  const runtime = createLocalRuntime({ folder: null, logger });
  const { url, close } = await startLocalServer({ runtime, host: '127.0.0.1', port: 0 });
  t.after(close);
  return createService({ url, key: null });
}

/** Creates a group. */
export const createGroup = async (service: Service, document: object): Promise<Group> =>
  expectAnswer(await service.call('createGroup', { body: document }));

/** Waits until something holds. */
export async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await holds())) await sleep(20);
}

/** A command line that runs in a process of its own. */
export interface Running {
  readonly child: ChildProcess;
  /** Lines of standard output so far. */
  readonly lines: readonly string[];
  /** Settles when it has ended. */
  readonly ended: Promise<Ended>;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the command line in a folder, which is also where it looks for a data folder. */
export function start(t: TestContext, folder: string, args: readonly string[]): Running {
  const { RUNGWISE_URL: _url, RUNGWISE_KEY: _key, ...env } = process.env;
  const child = spawn(process.execPath, [...CLI, ...args], {
    cwd: folder,
    env: { ...env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  const stderr = text(child.stderr);
  const closed = once(child, 'close');
  const ended = closed.then(async ([code]): Promise<Ended> => {
    assert.ok(code === null || typeof code === 'number');
    return { code, stdout: lines.join('\n'), stderr: await stderr };
  });
  return { child, lines, ended };
}

/** Runs the command line to its end. */
export const runCli = (t: TestContext, folder: string, args: readonly string[]): Promise<Ended> =>
  start(t, folder, args).ended;

/** Starts `serve` on a free port and returns its address. */
export async function serve(
  t: TestContext,
  folder: string,
  args: readonly string[] = [],
): Promise<{ readonly url: string; readonly running: Running }> {
  const port = args.includes('--port') ? [] : ['--port', '0'];
  const running = start(t, folder, ['serve', ...port, ...args]);
  await until(() => running.lines.length > 0 || running.child.exitCode !== null);
  const url = /^listening on (http:\S+)$/.exec(running.lines[0] ?? '')?.[1];
  assert.ok(url !== undefined, 'serve says where it listens');
  return { url, running };
}
