import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Job, Run } from './job.ts';
import { keyOf } from './job.ts';

/** Outcomes of earlier runs, one a line of a file. */
export interface Cache {
  readonly find: (job: Job) => Run | null;
  readonly add: (run: Run) => void;
}

/** The run of a line; null for a line that was cut off while it was written. */
function readLine(line: string): Run | null {
  try {
    const run: Run = JSON.parse(line);
    return run;
  } catch {
    return null;
  }
}

/** Opens the cache in a file, which need not exist. The last of several outcomes of a job counts. */
export function openCache(file: string): Cache {
  mkdirSync(dirname(file), { recursive: true });
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (text !== '' && !text.endsWith('\n')) appendFileSync(file, '\n');
  const lines = text.split('\n').map(readLine);
  const runs = new Map(lines.flatMap((run) => (run === null ? [] : [[keyOf(run), run] as const])));
  return {
    find: (job) => runs.get(keyOf(job)) ?? null,
    add(run) {
      runs.set(keyOf(run), run);
      appendFileSync(file, `${JSON.stringify(run)}\n`);
    },
  };
}
