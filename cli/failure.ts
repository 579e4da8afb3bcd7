import type { Mistake } from './answers.ts';

/** Exit codes of the command line. */
export const EXIT = {
  done: 0,
  failed: 1,
  badDocument: 2,
  interrupted: 130,
} as const;

/** What a failure may carry besides its sentence. */
export interface FailureDetails {
  readonly exitCode?: number;
  /** The service's code of the problem, where it comes from there. */
  readonly code?: string;
  readonly mistakes?: readonly Mistake[];
}

/** Ends a command with one sentence on standard error and a line for each mistake. Never a bug of ours. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: number;
  readonly code: string | null;
  readonly mistakes: readonly Mistake[];

  constructor(message: string, details: FailureDetails = {}) {
    super(message);
    this.exitCode = details.exitCode ?? EXIT.failed;
    this.code = details.code ?? null;
    this.mistakes = details.mistakes ?? [];
  }
}

/**
 * A failure in words: its sentence, then one indented line for each mistake with its path. Of one mistake that the sentence
 * tells already there is none.
 */
export function describeFailure({ message, mistakes }: Failure): string {
  const [first, ...others] = mistakes;
  const isTold = first !== undefined && others.length === 0 && message.includes(first.message);
  const lines = (isTold ? [] : mistakes).map(
    (mistake) => `  ${mistake.path === '' ? 'document' : mistake.path}: ${mistake.message}`,
  );
  const head = lines.length > 0 && !/[.:]$/.test(message) ? `${message}:` : message;
  return [`rungwise: ${head}`, ...lines].join('\n');
}

/** A failure for programs: one JSON object on one line. */
export const failureAsJson = ({ message, code, mistakes }: Failure): string =>
  JSON.stringify({ error: { code, detail: message, errors: mistakes } });

/** Returns what an exception of the system says, without its stack: `EACCES: permission denied`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message.split(', ')[0] ?? error.message;
}

/** Returns the system's code of an exception (`ENOENT`), or null where it has none. */
export const systemCode = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
