import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from '../failure.ts';
import type { Line } from './lines.ts';
import { createLineSplitter } from './lines.ts';

/** How long a process may take to end after SIGTERM, ms. */
const GRACE_MS = 10_000;
/** How long output may stay open after the command has ended, by processes that it left behind, ms. */
const LINGER_MS = 2_000;
const LOOK_MS = 100;
const IS_WINDOWS = process.platform === 'win32';

/** How a process ended. */
export type ProcessEnd =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'unstartable'; readonly reason: string };

/** A shell command that runs, with everything it started. */
export interface RunningCommand {
  /** Settles when the command has ended and all its output has been taken. */
  readonly ended: Promise<ProcessEnd>;
  /** Asks it to end, and ends it after ten seconds. */
  stop(): void;
  /** Ends it at once. */
  kill(): void;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Takes a line; no more output is read before it has settled. */
  readonly onLine: (line: Line, stream: 'stdout' | 'stderr') => void | Promise<void>;
}

async function readLines(
  stream: Readable | null,
  take: (line: Line) => void | Promise<void>,
): Promise<void> {
  if (stream === null) return;
  const splitter = createLineSplitter();
  try {
    for await (const bytes of stream) {
      for (const line of splitter.push(bytes)) await take(line);
    }
  } catch {
    // Output that breaks off: what came before it counts.
  }
  for (const line of splitter.end()) await take(line);
}

/** Sends a signal to a process and all that it started. */
function signalTree(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid === undefined) return;
  if (IS_WINDOWS) {
    const force = signal === 'SIGKILL' ? ['/F'] : [];
    spawn('taskkill', ['/PID', String(child.pid), '/T', ...force], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The whole group is gone.
  }
}

/** Tells whether a process of the group is alive. One that has ended stays listed until its parent takes notice. */
function hasLiving(group: number): boolean {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.some((pid) => {
    try {
      // pid (command) state parent group …; a command can have blanks and brackets in it.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state, , of] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(of) === group && state !== 'Z' && state !== 'X';
    } catch {
      return false;
    }
  });
}

/** Tells whether nothing of the command's process group is left. */
function isTreeGone({ pid }: ChildProcess): boolean {
  if (pid === undefined || IS_WINDOWS) return true;
  try {
    process.kill(-pid, 0);
  } catch {
    return true;
  }
  // Where orphans have no attentive parent, as in many containers, only this tells.
  return existsSync('/proc/self/stat') && !hasLiving(pid);
}

const exitOf = (child: ChildProcess): Promise<ProcessEnd> =>
  new Promise((resolve) => {
    child.on('error', (error) => resolve({ kind: 'unstartable', reason: reasonOf(error) }));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? { kind: 'exit', code: code ?? 1 } : { kind: 'signal', signal }),
    );
  });

function unstartable(error: unknown): RunningCommand {
  const ended = Promise.resolve<ProcessEnd>({ kind: 'unstartable', reason: reasonOf(error) });
  return { ended, stop() {}, kill() {} };
}

/**
 * Starts a shell command in a process group of its own, so that signals reach everything it starts and a Ctrl-C at the
 * terminal reaches only the agent.
 */
export function startCommand(command: string, options: CommandOptions): RunningCommand {
  const { cwd, env, onLine } = options;
  let child: ChildProcess;
  try {
    child = spawn(command, {
      shell: true,
      cwd,
      env: { ...env },
      detached: !IS_WINDOWS,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
  } catch (error) {
    // A command that is too long for the system, or the like.
    return unstartable(error);
  }
  /** Lines that wait for their taker: output that nobody reads meanwhile is no reason to give up on it. */
  let waiting = 0;
  const taker = (stream: 'stdout' | 'stderr') => async (line: Line) => {
    waiting++;
    await onLine(line, stream);
    waiting--;
  };
  let isDrained = false;
  const output = Promise.all([
    readLines(child.stdout, taker('stdout')),
    readLines(child.stderr, taker('stderr')),
  ]).then(() => {
    isDrained = true;
  });
  const exited = exitOf(child);
  let killAt: number | null = null;
  let isOver = false;

  const hasTime = (): boolean => killAt !== null && performance.now() < killAt;

  /** Waits for what the command left behind: after a stop until that has had its time, else only for its output. */
  const linger = async (): Promise<void> => {
    let lingeredMs = 0;
    while (lingeredMs < LINGER_MS) {
      if (isDrained && !(hasTime() && !isTreeGone(child))) return;
      await Promise.race([isDrained ? sleep(LOOK_MS) : output, sleep(LOOK_MS)]);
      if (waiting === 0 && !hasTime()) lingeredMs += LOOK_MS;
    }
    signalTree(child, 'SIGKILL');
    child.stdout?.destroy();
    child.stderr?.destroy();
    await output;
  };

  const settle = async (): Promise<ProcessEnd> => {
    const end = await exited;
    await linger();
    isOver = true;
    clearTimeout(killTimer);
    return end;
  };
  let killTimer: NodeJS.Timeout | undefined;

  return {
    ended: settle(),
    stop() {
      if (isOver || killAt !== null) return;
      signalTree(child, 'SIGTERM');
      killAt = performance.now() + GRACE_MS;
      killTimer = setTimeout(() => signalTree(child, 'SIGKILL'), GRACE_MS);
    },
    kill() {
      if (isOver) return;
      signalTree(child, 'SIGKILL');
      killAt = performance.now();
    },
  };
}
