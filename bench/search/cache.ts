import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Job, Run } from './job.ts';
import { keyOf } from './job.ts';

/** Outcomes of earlier runs, one a line of a file. */
export interface Cache {
  readonly find: (job: Job) => Run | null;
  readonly add: (run: Run) => void;
}

/** A run as its line has it: of `best` only the changes, each with the evaluation (from 1) that made it. */
type Line = Omit<Run, 'best'> & { readonly best: readonly (readonly [number, number | null])[] };

/** More digits of a regret than anybody reads. */
const DIGITS = 12;

/** The number with as many digits as a line keeps; whole and small ones lose nothing. */
const rounded = (value: number, digits: number): number => Number(value.toPrecision(digits));

function lineOf(run: Run): string {
  const best = run.best.flatMap((value, i) =>
    i > 0 && value === run.best[i - 1]
      ? []
      : [[i + 1, value === null ? null : rounded(value, DIGITS)] as const],
  );
  const line: Line = {
    ...run,
    best,
    wall_ms: rounded(run.wall_ms, 4),
    cpu_ms: rounded(run.cpu_ms, 4),
    process_cpu_s: rounded(run.process_cpu_s, 4),
  };
  return `${JSON.stringify(line)}\n`;
}

/** The run of a line; null for a line that was cut off while it was written. */
function readLine(text: string): Run | null {
  try {
    const line: Line = JSON.parse(text);
    const best = line.best.flatMap(([from, value], i) => {
      const until = line.best[i + 1]?.[0] ?? line.budget + 1;
      return Array.from({ length: until - from }, () => value);
    });
    return { ...line, best };
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
      appendFileSync(file, lineOf(run));
    },
  };
}
