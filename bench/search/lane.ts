import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import type { Job, Outcome } from './job.ts';
import { isOwn } from './job.ts';
import { ENVIRONMENT, pythonOf, scriptFile } from './python.ts';
import type { Service } from './service.ts';
import { startService } from './service.ts';

/** What came of a job: its outcome, or why there is none. */
export type Answer =
  | { readonly result: Outcome; readonly refused: null }
  | { readonly result: null; readonly refused: string };

/** Processes that run searches one after the other: a harness for each environment, a service for those that need one. */
export interface Lane {
  readonly run: (job: Job, environment: string) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

interface Harness {
  /** The line that answers a line; null where there is none within `MINUTES_MAX`. */
  readonly ask: (line: string) => Promise<string | null>;
  readonly close: () => Promise<void>;
  readonly kill: () => void;
}

/** More than the slowest peer takes: one that waits for itself would hold up all others. */
const MINUTES_MAX = 60;

function startHarness(environment: string, script: string): Harness {
  const child = spawn(pythonOf(environment), [scriptFile(script)], {
    env: ENVIRONMENT,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async ask(line) {
      child.stdin.write(`${line}\n`);
      const late = new AbortController();
      const { signal } = late;
      const answer = await Promise.race([
        lines.next(),
        setTimeout(MINUTES_MAX * 60_000, null, { signal }).catch(() => null),
      ]);
      late.abort();
      if (answer?.done === true) throw new Error(`the harness ended during ${line}`);
      return answer?.value ?? null;
    },
    kill: () => child.kill('SIGKILL'),
    async close() {
      child.stdin.end();
      await exit;
    },
  };
}

/**
 * Starts a lane; its service, made of these sources, starts with the first job that needs it.
 *
 * @param script - the harness
 */
export function startLane(sources: string, script = 'run.py'): Lane {
  const harnesses = new Map<string, Harness>();
  let service: Service | null = null;

  return {
    async run(job, environment) {
      if (isOwn(job)) service ??= await startService(sources);
      const { url = null, pid = null } = service ?? {};
      const harness = harnesses.get(environment) ?? startHarness(environment, script);
      harnesses.set(environment, harness);
      const line = JSON.stringify({ ...job, service: isOwn(job) ? { url, pid } : null });
      const answer = await harness.ask(line);
      if (answer !== null) return JSON.parse(answer);
      harness.kill();
      harnesses.delete(environment);
      return { result: null, refused: `it gave no answer within ${MINUTES_MAX} minutes` };
    },
    async close() {
      for (const harness of harnesses.values()) await harness.close();
      service?.stop();
    },
  };
}
