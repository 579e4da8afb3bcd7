import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** What the process of a function is sent. */
export interface Invocation {
  readonly id: number;
  readonly event: unknown;
  /** By how much the process's clock is to be ahead of the machine's, ms. */
  readonly aheadMs: number;
}

/** What it sends back. */
export interface Invoked {
  readonly id: number;
  readonly result: unknown;
  /** Processor time of the whole process meanwhile, ms: that of the call alone where there is one at a time. */
  readonly cpuMs: number;
}

interface Failed {
  readonly id: number;
  readonly error: string;
}

/** A function in a process of its own. */
export interface FunctionProcess {
  readonly invoke: (event: unknown, aheadMs?: number) => Promise<Invoked>;
  /** Bytes that CloudWatch bills for what the function has logged. */
  readonly logBytes: () => number;
  readonly stop: () => void;
}

const HOST = join(import.meta.dirname, 'host.ts');
/** CloudWatch bills each event with so many bytes beside its text. */
export const LOG_EVENT_BYTES = 26;

/** Starts a function; resolves once it is loaded. */
export async function startFunction(
  file: string,
  environment: Readonly<Record<string, string>>,
): Promise<FunctionProcess> {
  const child = fork(HOST, [file], {
    env: { PATH: process.env['PATH'], ...environment },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let logBytes = 0;
  let lastSaid = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (part: Buffer) => {
      lastSaid = part.toString();
      const lines = lastSaid.split('\n').length - 1;
      logBytes += part.length - lines + LOG_EVENT_BYTES * lines;
    });
  }
  child.on('exit', (code) => {
    if (code !== null && code !== 0) throw new Error(`${file} ended with ${code}: ${lastSaid}`);
  });
  const waiting = new Map<number, (answer: Invoked | Failed) => void>();
  let last = 0;
  const [first]: unknown[] = await once(child, 'message');
  if (first !== 'ready') throw new Error(`${file} said ${String(first)} instead of being ready`);
  child.on('message', (answer: Invoked | Failed) => {
    const resolve = waiting.get(answer.id);
    waiting.delete(answer.id);
    resolve?.(answer);
  });
  return {
    async invoke(event, aheadMs = 0) {
      const id = ++last;
      const answer = await new Promise<Invoked | Failed>((resolve) => {
        waiting.set(id, resolve);
        child.send({ id, event, aheadMs } satisfies Invocation);
      });
      if ('error' in answer) throw new Error(`${file}: ${answer.error}`);
      return answer;
    },
    logBytes: () => logBytes,
    stop: () => child.kill('SIGKILL'),
  };
}
