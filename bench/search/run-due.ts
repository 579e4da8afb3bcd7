import { cpus } from 'node:os';
import type { Cache } from './cache.ts';
import type { Job } from './job.ts';
import type { Lane } from './lane.ts';
import { ensureEnvironment } from './python.ts';

const MACHINE = cpus()[0]?.model ?? 'unknown';

/** What a harness says of one of its optimizers. */
export interface OptimizerDescription {
  /** null for ours. */
  readonly version: string | null;
  readonly is_slow: boolean;
  /** The Python environment that it runs in. */
  readonly environment: string;
}

/** Where jobs run, and where their outcomes go. */
export interface Course {
  /** How many jobs run side by side. */
  readonly lanes: number;
  readonly startLane: () => Lane;
  /** The Python environment of an optimizer. */
  readonly environmentOf: (optimizer: string) => string;
  readonly cacheOf: (job: Job) => Cache;
}

/** Makes environments as they are needed; the answer is why there is none, null where there is. */
function createEnvironments(): (environment: string) => string | null {
  const problems = new Map<string, string | null>();
  return (environment) => {
    const known = problems.get(environment);
    if (known !== undefined) return known;
    let problem: string | null = null;
    try {
      ensureEnvironment(environment);
    } catch (error) {
      problem = String(error);
    }
    problems.set(environment, problem);
    return problem;
  };
}

/** Runs jobs in their order; returns why there are no results, by optimizer and function. */
export async function runDue(
  jobs: readonly Job[],
  { lanes, startLane, environmentOf, cacheOf }: Course,
): Promise<ReadonlyMap<string, string>> {
  const due = [...jobs];
  const leftOut = new Map<string, string>();
  const problemOf = createEnvironments();

  /** Runs a job on a lane, or on one of its own. */
  async function runJob(job: Job, shared: Lane): Promise<void> {
    const environment = environmentOf(job.optimizer);
    const name = `${job.optimizer} on ${job.function}`;
    const problem = problemOf(environment);
    if (problem !== null) leftOut.set(name, problem);
    if (leftOut.has(name)) return;
    const lane = job.cold ? startLane() : shared;
    const answer = await lane.run(job, environment);
    if (job.cold) await lane.close();
    if (answer.refused === null) cacheOf(job).add({ ...job, ...answer.result, machine: MACHINE });
    else leftOut.set(name, answer.refused);
  }

  let done = 0;
  async function work(): Promise<void> {
    const lane = startLane();
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
  return leftOut;
}
