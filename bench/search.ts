/**
 * Quality of the search: every optimizer on the same functions with the same budget and seeds, the peers' beside ours.
 *
 *   npm run bench search [-- --seeds 20 --slow-seeds 5 --budget 50 --parallel 1 --only NAME … --own --fresh --lanes 2]
 *
 * `bench/search/README.md` says what is measured, and how.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Cache } from './search/cache.ts';
import { openCache } from './search/cache.ts';
import type { Job, Run } from './search/job.ts';
import { isOwn } from './search/job.ts';
import { startLane } from './search/lane.ts';
import { checkNames, chosen, fail, positive, RUN_OPTIONS } from './search/options.ts';
import { CACHE_FOLDER, ensureEnvironment, outputOf } from './search/python.ts';
import type { OptimizerDescription } from './search/run-due.ts';
import { runDue } from './search/run-due.ts';
import { copySources } from './search/sources.ts';

const RESULTS = join(import.meta.dirname, 'results');
/** The function on which cold starts are measured, and how often. */
const COLD = { function: 'hartmann6', seeds: 3 } as const;

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    'slow-seeds': { type: 'string', default: '5' },
    budget: { type: 'string', default: '50' },
    parallel: { type: 'string', default: '1' },
    ...RUN_OPTIONS,
  },
});

/** What there is to compare, as the harness says. */
interface Description {
  readonly optimizers: Readonly<Record<string, OptimizerDescription>>;
  /** Fingerprint of each function, by suite. */
  readonly functions: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Suggestions before a model is asked. */
  readonly initial: number;
}

const seeds = positive('seeds', options.seeds);
const slowSeeds = positive('slow-seeds', options['slow-seeds']);
const budget = positive('budget', options.budget);
const parallel = positive('parallel', options.parallel);
const lanes = positive('lanes', options.lanes);
ensureEnvironment('main');
const description: Description = JSON.parse(outputOf('run.py', ['--describe']));
const optimizers = Object.keys(description.optimizers);
const fingerprints = new Map(
  Object.values(description.functions).flatMap((suite) => Object.entries(suite)),
);
const functions = [...fingerprints.keys()];
checkNames(options.only, [...optimizers, ...functions]);

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

const chosenOptimizers = chosen(optimizers, options.only);
const chosenFunctions = chosen(functions, options.only);
const isDue = (job: Job): boolean =>
  chosenOptimizers.has(job.optimizer) &&
  (job.cold || chosenFunctions.has(job.function)) &&
  (isOwn(job) || !options.own) &&
  ((options.fresh && isOwn(job)) || cacheOf(job).find(job) === null);

const due = [...jobs, ...coldJobs].filter(isDue);
const leftOut = await runDue(due, {
  lanes,
  startLane: () => startLane(sources.folder),
  environmentOf: (optimizer) => description.optimizers[optimizer]?.environment ?? 'main',
  cacheOf,
});

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
