import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Job, Outcome } from './job.ts';
import { isOwn } from './job.ts';
import { ENVIRONMENT, PYTHON, scriptFile } from './python.ts';
import type { Service } from './service.ts';
import { startService } from './service.ts';

/** What came of a job: its outcome, or why the service refused it. */
export type Answer =
  | { readonly result: Outcome; readonly refused: null }
  | { readonly result: null; readonly refused: string };

/** A process that runs searches one after the other, with a service of its own for those that need one. */
export interface Lane {
  readonly run: (job: Job) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

/** Starts a lane; its service, made of these sources, starts with the first job that needs it. */
export function startLane(sources: string): Lane {
  const child = spawn(PYTHON, [scriptFile('run.py')], {
    env: ENVIRONMENT,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  let service: Service | null = null;

  return {
    async run(job) {
      if (isOwn(job)) service ??= await startService(sources);
      const { url = null, pid = null } = service ?? {};
      const sent = { ...job, service: isOwn(job) ? { url, pid } : null };
      child.stdin.write(`${JSON.stringify(sent)}\n`);
      const line = await lines.next();
      if (line.done === true) throw new Error(`the harness ended during ${JSON.stringify(job)}`);
      const answer: Answer = JSON.parse(line.value);
      return answer;
    },
    async close() {
      child.stdin.end();
      await exit;
      service?.stop();
    },
  };
}
