/** One search: an optimizer on a function. */
export interface Job {
  readonly optimizer: string;
  /** What its results depend on beside the rest. */
  readonly version: string;
  readonly function: string;
  /** Another one where the function has changed. */
  readonly fingerprint: string;
  readonly seed: number;
  /** Evaluations. */
  readonly budget: number;
  /** How many evaluations run at once. */
  readonly parallel: number;
}

/** What came of it. */
export interface Outcome {
  /** In the order in which they were reported: [budget]. */
  readonly values: readonly number[];
  /** Milliseconds per suggestion after the first ones, the report before it included. */
  readonly wall_ms: number;
  readonly cpu_ms: number;
}

/** A job with its outcome, as the cache keeps it. */
export type Run = Job & Outcome;

/** Equal exactly for equal jobs. */
export const keyOf = (job: Job): string =>
  JSON.stringify([
    job.optimizer,
    job.version,
    job.function,
    job.fingerprint,
    job.seed,
    job.budget,
    job.parallel,
  ]);

/** True for the optimizers of this project. */
export const isOwn = ({ optimizer }: { readonly optimizer: string }): boolean =>
  optimizer.startsWith('rungwise ');
