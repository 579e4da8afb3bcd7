import type { Logger } from './runtime.ts';

/** How much is written: each level has the lines of those after it too. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Causes of an error that its line tells: more are no help. */
const CAUSES_MAX = 3;
/** Frames of an error's stack that its line tells: each line costs by its bytes. */
const FRAMES_MAX = 12;

/** Errors of parsers, whose messages quote what was parsed: it may be anything that a caller has sent. */
const QUOTES = new Set(['SyntaxError', 'ZodError', '$ZodError']);

/** What the log tells of an error. The message of one that quotes what it has read stays out. */
export function describeError(error: unknown, causesLeft = CAUSES_MAX): object {
  if (!(error instanceof Error)) return { name: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    name: error.name,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    ...(QUOTES.has(error.name) ? {} : { message: error.message }),
    stack: frames.slice(0, FRAMES_MAX).map((line) => line.trim()),
    ...(error.cause === undefined || causesLeft === 0
      ? {}
      : { cause: describeError(error.cause, causesLeft - 1) }),
  };
}

export interface LogOptions {
  readonly level: LogLevel;
  /** Takes a line without its end. */
  readonly write: (line: string) => void;
  /** The trace of the call under way as the header `X-Amzn-Trace-Id` has it; undefined where there is none. */
  readonly trace?: () => string | undefined;
}

/** The id of a trace, under the name by which CloudWatch connects a line with it. */
function traceFields(header: string | undefined): { readonly xray_trace_id?: string } {
  const root = /(?:^|;)Root=([^;]+)/.exec(header ?? '')?.[1];
  return root === undefined ? {} : { xray_trace_id: root };
}

/**
 * A log of JSON lines: level, time, message, the id of the trace, then the fields of the line. `error` is described, not
 * printed. A line with metrics is written at every level.
 */
export function createLog({ level, write, trace = () => undefined }: LogOptions): Logger {
  const least = LOG_LEVELS.indexOf(level);
  const lines =
    (own: Exclude<LogLevel, 'silent'>): Logger['info'] =>
    (message, more) => {
      if (LOG_LEVELS.indexOf(own) < least && !('_aws' in more)) return;
      const { error, ...fields } = more;
      write(
        JSON.stringify({
          level: own.toUpperCase(),
          timestamp: new Date().toISOString(),
          message,
          ...traceFields(trace()),
          ...fields,
          ...(error === undefined ? {} : { error: describeError(error) }),
        }),
      );
    };
  return { error: lines('error'), warn: lines('warn'), info: lines('info') };
}
