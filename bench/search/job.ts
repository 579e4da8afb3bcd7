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
  /** True where the processes start with the search, to see what that costs. */
  readonly cold: boolean;
}

/** What came of it. */
export interface Outcome {
  /** The incumbent's value after each evaluation, free of noise; null while nothing has succeeded: [budget]. */
  readonly best: readonly (number | null)[];
  /** Milliseconds per suggestion after the first ones, the report before it included. */
  readonly wall_ms: number;
  readonly cpu_ms: number;
  /** Seconds of processor time since the process that suggests began. */
  readonly process_cpu_s: number;
}

/** A job with its outcome, and the processor that ran it. */
export type Run = Job & Outcome & { readonly machine: string };

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
    job.cold,
  ]);

/** True for the optimizers of this project. */
export const isOwn = ({ optimizer }: { readonly optimizer: string }): boolean =>
  optimizer.startsWith('rungwise ');
