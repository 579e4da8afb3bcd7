/**
 * Quality of the search: every optimizer on the same functions with the same budget and seeds, Optuna's beside ours.
 *
 *   npm run bench search [-- --seeds 20 --budget 50 --parallel 1 --only NAME … --fresh]
 *
 * `bench/search/README.md` says what is measured, and how.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openCache } from './search/cache.ts';
import type { Job, Run } from './search/job.ts';
import { isOwn } from './search/job.ts';
import { startLane } from './search/lane.ts';
import { CACHE_FOLDER, ensureEnvironment, outputOf } from './search/python.ts';
import { copySources } from './search/sources.ts';

const LANES = 2;
const RESULTS = join(import.meta.dirname, 'results');

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    budget: { type: 'string', default: '50' },
    parallel: { type: 'string', default: '1' },
    only: { type: 'string', multiple: true, default: [] },
    fresh: { type: 'boolean', default: false },
  },
});

/** What there is to compare, as the harness says. */
interface Description {
  /** Version of each; null for ours. */
  readonly optimizers: Readonly<Record<string, string | null>>;
  /** Fingerprint of each. */
  readonly functions: Readonly<Record<string, string>>;
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

function positive(name: 'seeds' | 'budget' | 'parallel'): number {
  const number = Number(options[name]);
  if (Number.isSafeInteger(number) && number > 0) return number;
  return fail(`--${name} is ${options[name]}: it must be a whole number above 0`);
}

/** The names that `--only` leaves: all of a kind of which it names none. */
function chosen(names: readonly string[]): ReadonlySet<string> {
  const some = names.filter((name) => options.only.includes(name));
  return new Set(some.length > 0 ? some : names);
}

const seeds = positive('seeds');
const budget = positive('budget');
const parallel = positive('parallel');
ensureEnvironment();
const description: Description = JSON.parse(outputOf('run.py', ['--describe']));
const optimizers = Object.keys(description.optimizers);
const functions = Object.keys(description.functions);
const unknown = options.only.filter((name) => ![...optimizers, ...functions].includes(name));
if (unknown.length > 0) {
  fail(`--only ${unknown.join(', ')}: known are ${[...optimizers, ...functions].join(', ')}`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
const sources = copySources();
// Seed by seed, so that whoever stops early has a few of everything.
const jobs: readonly Job[] = Array.from({ length: seeds }, (_, i) => i + 1).flatMap((seed) =>
  Object.entries(description.functions).flatMap(([name, fingerprint]) =>
    Object.entries(description.optimizers).map(([optimizer, version]) => ({
      optimizer,
      version: version ?? sources.version,
      function: name,
      fingerprint,
      seed,
      budget,
      parallel,
    })),
  ),
);

const cache = openCache(join(CACHE_FOLDER, 'search.jsonl'));
const isChosen = (job: Job): boolean =>
  chosen(optimizers).has(job.optimizer) && chosen(functions).has(job.function);
const isDue = (job: Job): boolean =>
  isChosen(job) && ((options.fresh && isOwn(job)) || cache.find(job) === null);

const due = jobs.filter(isDue);
/** Why an optimizer is left out. */
const leftOut = new Map<string, string>();
let done = 0;

async function work(): Promise<void> {
  const lane = startLane(sources.folder);
  for (let job = due.shift(); job !== undefined; job = due.shift()) {
    done++;
    if (leftOut.has(job.optimizer)) continue;
    const name = `${job.optimizer} on ${job.function}, seed ${job.seed}`;
    process.stderr.write(`\r\x1b[K${done} of ${done + due.length}: ${name}`);
    const answer = await lane.run(job);
    if (answer.refused === null) cache.add({ ...job, ...answer.result });
    else leftOut.set(job.optimizer, answer.refused);
  }
  await lane.close();
}

await Promise.all(Array.from({ length: Math.min(LANES, due.length) }, work));
process.stderr.write('\r\x1b[K');

const runs: readonly Run[] = jobs.flatMap((job) => {
  const run = leftOut.has(job.optimizer) ? null : cache.find(job);
  return run === null ? [] : [run];
});
mkdirSync(RESULTS, { recursive: true });
const name = parallel === 1 ? 'search' : `search-${parallel}-at-once`;
const comparison = { budget, parallel, runs, left_out: Object.fromEntries(leftOut) };
process.stdout.write(outputOf('report.py', [join(RESULTS, name)], JSON.stringify(comparison)));
