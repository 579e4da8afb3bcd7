/**
 * Searches that train most configurations only briefly, on learning curves of real training, beside Optuna's pruners.
 *
 *   npm run bench fidelity [-- --seeds 10 --budget 20 --only NAME … --own --fresh --lanes 2]
 *
 * The budget is in full trainings. `bench/fidelity/README.md` says what is measured, and how.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Cache } from './search/cache.ts';
import { openCache } from './search/cache.ts';
import type { Job } from './search/job.ts';
import { isOwn } from './search/job.ts';
import { startLane } from './search/lane.ts';
import { checkNames, chosen, positive, RUN_OPTIONS } from './search/options.ts';
import { CACHE_FOLDER, ensureEnvironment, outputOf } from './search/python.ts';
import type { OptimizerDescription } from './search/run-due.ts';
import { runDue } from './search/run-due.ts';
import { copySources } from './search/sources.ts';

const RESULTS = join(import.meta.dirname, 'results');
const HARNESS = '../fidelity/run.py';
/** Epochs of a full training. */
const EPOCHS = 27;
/** How many train side by side. */
const WORKERS = [1, 4] as const;

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    budget: { type: 'string', default: '20' },
    ...RUN_OPTIONS,
  },
});

/** What there is to compare, as the harness says. */
interface Description {
  readonly optimizers: Readonly<Record<string, OptimizerDescription>>;
  /** Fingerprint of each task. */
  readonly tasks: Readonly<Record<string, string>>;
}

const seeds = positive('seeds', options.seeds);
const budget = positive('budget', options.budget) * EPOCHS;
const lanes = positive('lanes', options.lanes);
ensureEnvironment('main');
const description: Description = JSON.parse(outputOf(HARNESS, ['--describe']));
const optimizers = Object.keys(description.optimizers);
const tasks = Object.keys(description.tasks);
checkNames(options.only, [...optimizers, ...tasks]);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
const sources = copySources();

/** Seed by seed, so that whoever stops early has a few of everything. */
const jobs: readonly Job[] = Array.from({ length: seeds }, (_, i) => i + 1).flatMap((seed) =>
  WORKERS.flatMap((parallel) =>
    Object.entries(description.tasks).flatMap(([task, fingerprint]) =>
      Object.entries(description.optimizers).map(([optimizer, { version }]) => ({
        optimizer,
        version: version ?? sources.version,
        function: task,
        fingerprint,
        seed,
        budget,
        parallel,
        cold: false,
      })),
    ),
  ),
);

/** What peers do does not change, and is kept with the results; what we do is run anew. */
const caches = {
  own: openCache(join(CACHE_FOLDER, 'fidelity-own.jsonl')),
  peers: openCache(join(RESULTS, 'fidelity-peers.jsonl')),
};
const cacheOf = (job: Job): Cache => (isOwn(job) ? caches.own : caches.peers);

const chosenOptimizers = chosen(optimizers, options.only);
const chosenTasks = chosen(tasks, options.only);
const due = jobs.filter(
  (job) =>
    chosenOptimizers.has(job.optimizer) &&
    chosenTasks.has(job.function) &&
    (isOwn(job) || !options.own) &&
    ((options.fresh && isOwn(job)) || cacheOf(job).find(job) === null),
);

const leftOut = await runDue(due, {
  lanes,
  startLane: () => startLane(sources.folder, HARNESS),
  environmentOf: (optimizer) => description.optimizers[optimizer]?.environment ?? 'main',
  cacheOf,
});

const comparison = {
  budget,
  workers: WORKERS,
  runs: jobs.flatMap((job) => cacheOf(job).find(job) ?? []),
  left_out: Object.fromEntries(leftOut),
};
const name = budget === 20 * EPOCHS ? 'fidelity' : `fidelity-${budget}-epochs`;
process.stdout.write(
  outputOf('../fidelity/results.py', [join(RESULTS, name)], JSON.stringify(comparison)),
);
