/**
 * Quality of the search: every optimizer on the same functions with the same budget and seeds, the peers' beside ours.
 *
 *   npm run bench search [-- --seeds 20 --slow-seeds 5 --budget 50 --parallel 1 --only NAME … --own --fresh --lanes 2]
 *
 * `bench/search/README.md` says what is measured, and how.
 */
import { mkdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Cache } from './search/cache.ts';
import { openCache } from './search/cache.ts';
import type { Job, Run } from './search/job.ts';
import { isOwn } from './search/job.ts';
import type { Lane } from './search/lane.ts';
import { startLane } from './search/lane.ts';
import { CACHE_FOLDER, ensureEnvironment, outputOf } from './search/python.ts';
import { copySources } from './search/sources.ts';

const RESULTS = join(import.meta.dirname, 'results');
/** The function on which cold starts are measured, and how often. */
const COLD = { function: 'hartmann6', seeds: 3 } as const;
const MACHINE = cpus()[0]?.model ?? 'unknown';

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    'slow-seeds': { type: 'string', default: '5' },
    budget: { type: 'string', default: '50' },
    parallel: { type: 'string', default: '1' },
    lanes: { type: 'string', default: '2' },
    only: { type: 'string', multiple: true, default: [] },
    own: { type: 'boolean', default: false },
    fresh: { type: 'boolean', default: false },
  },
});

interface OptimizerDescription {
  /** null for ours. */
  readonly version: string | null;
  readonly is_slow: boolean;
  /** The Python environment that it runs in. */
  readonly environment: string;
}

/** What there is to compare, as the harness says. */
interface Description {
  readonly optimizers: Readonly<Record<string, OptimizerDescription>>;
  /** Fingerprint of each function, by suite. */
  readonly functions: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Suggestions before a model is asked. */
  readonly initial: number;
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

function positive(name: 'seeds' | 'slow-seeds' | 'budget' | 'parallel' | 'lanes'): number {
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
const slowSeeds = positive('slow-seeds');
const budget = positive('budget');
const parallel = positive('parallel');
const lanes = positive('lanes');
ensureEnvironment('main');
const description: Description = JSON.parse(outputOf('run.py', ['--describe']));
const optimizers = Object.keys(description.optimizers);
const fingerprints = new Map(
  Object.values(description.functions).flatMap((suite) => Object.entries(suite)),
);
const functions = [...fingerprints.keys()];
const unknown = options.only.filter((name) => ![...optimizers, ...functions].includes(name));
if (unknown.length > 0) {
  fail(`--only ${unknown.join(', ')}: known are ${[...optimizers, ...functions].join(', ')}`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
const sources = copySources();

function jobOf(
  optimizer: string,
  more: Pick<Job, 'function' | 'seed' | 'budget' | 'parallel' | 'cold'>,
): Job {
  const version = description.optimizers[optimizer]?.version ?? sources.version;
  const fingerprint = fingerprints.get(more.function) ?? fail(`there is no ${more.function}`);
  return { optimizer, version, fingerprint, ...more };
}

/** The seeds of an optimizer: fewer for a slow one. */
const isWanted = (optimizer: string, seed: number): boolean =>
  seed <= (description.optimizers[optimizer]?.is_slow === true ? slowSeeds : seeds);

/** Seed by seed, so that whoever stops early has a few of everything. */
const jobs: readonly Job[] = Array.from({ length: Math.max(seeds, slowSeeds) }, (_, i) => i + 1)
  .flatMap((seed) => functions.map((name) => ({ seed, function: name })))
  .flatMap((more) =>
    optimizers
      .filter((optimizer) => isWanted(optimizer, more.seed))
      .map((optimizer) => jobOf(optimizer, { ...more, budget, parallel, cold: false })),
  );

const coldJobs: readonly Job[] = optimizers.flatMap((optimizer) =>
  Array.from({ length: COLD.seeds }, (_, i) =>
    jobOf(optimizer, {
      function: COLD.function,
      seed: i + 1,
      budget: description.initial + 1,
      parallel: 1,
      cold: true,
    }),
  ),
);

/** What peers do does not change, and is kept with the results; what we do is run anew. */
const caches = {
  own: openCache(join(CACHE_FOLDER, 'search-own.jsonl')),
  peers: openCache(join(RESULTS, 'search-peers.jsonl')),
};
const cacheOf = (job: Job): Cache => (isOwn(job) ? caches.own : caches.peers);

const chosenOptimizers = chosen(optimizers);
const chosenFunctions = chosen(functions);
const isDue = (job: Job): boolean =>
  chosenOptimizers.has(job.optimizer) &&
  (job.cold || chosenFunctions.has(job.function)) &&
  (isOwn(job) || !options.own) &&
  ((options.fresh && isOwn(job)) || cacheOf(job).find(job) === null);

const due = [...jobs, ...coldJobs].filter(isDue);
/** Why there are no results, by optimizer and function. */
const leftOut = new Map<string, string>();
const environments = new Map<string, string | null>([['main', null]]);

/** Makes an environment; returns why there is none. */
function problemOf(environment: string): string | null {
  const known = environments.get(environment);
  if (known !== undefined) return known;
  let problem: string | null = null;
  try {
    ensureEnvironment(environment);
  } catch (error) {
    problem = String(error);
  }
  environments.set(environment, problem);
  return problem;
}

/** Runs a job on a lane, or on one of its own. */
async function runJob(job: Job, shared: Lane): Promise<void> {
  const environment = description.optimizers[job.optimizer]?.environment ?? 'main';
  const name = `${job.optimizer} on ${job.function}`;
  const problem = problemOf(environment);
  if (problem !== null) leftOut.set(name, problem);
  if (leftOut.has(name)) return;
  const lane = job.cold ? startLane(sources.folder) : shared;
  const answer = await lane.run(job, environment);
  if (job.cold) await lane.close();
  if (answer.refused === null) cacheOf(job).add({ ...job, ...answer.result, machine: MACHINE });
  else leftOut.set(name, answer.refused);
}

let done = 0;

async function work(): Promise<void> {
  const lane = startLane(sources.folder);
  for (let job = due.shift(); job !== undefined; job = due.shift()) {
    done++;
    const name = `${job.optimizer} on ${job.function}, seed ${job.seed}`;
    process.stderr.write(`\r\x1b[K${done} of ${done + due.length}: ${name}`);
    await runJob(job, lane);
  }
  await lane.close();
}

await Promise.all(Array.from({ length: Math.min(lanes, due.length) }, work));
process.stderr.write('\r\x1b[K');

const known = (wanted: readonly Job[]): readonly Run[] =>
  wanted.flatMap((job) => cacheOf(job).find(job) ?? []);

mkdirSync(RESULTS, { recursive: true });
const name = [
  'search',
  ...(budget === 50 ? [] : [`${budget}-evaluations`]),
  ...(parallel === 1 ? [] : [`${parallel}-at-once`]),
].join('-');
const comparison = {
  budget,
  parallel,
  runs: known(jobs),
  cold: known(coldJobs),
  left_out: Object.fromEntries(leftOut),
};
process.stdout.write(outputOf('report.py', [join(RESULTS, name)], JSON.stringify(comparison)));
