import { constants } from 'node:os';

/** Signals that ask the command to leave. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How a command is asked to leave: politely first, then at once. */
export interface Interrupts {
  /** Aborts when the command should give back what it has and leave. */
  readonly soft: AbortSignal;
  /** Aborts when it should not wait for anything any more. */
  readonly hard: AbortSignal;
}

/** Interrupts by the signals of this process. */
export interface SignalInterrupts extends Interrupts {
  /** Exit code of the signal that came, or null where none did. */
  exitCode(): number | null;
  /** Gives the signals back their usual effect. */
  dispose(): void;
}

/** Listens for Ctrl-C and the like: the first one is soft, the second one hard, the third one ends the process. */
export function listenForInterrupts(): SignalInterrupts {
  const soft = new AbortController();
  const hard = new AbortController();
  let exitCode: number | null = null;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (hard.signal.aborted) process.exit(exitCode ?? 1);
    if (soft.signal.aborted) {
      hard.abort();
    } else {
      exitCode = 128 + constants.signals[signal];
      soft.abort();
    }
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    soft: soft.signal,
    hard: hard.signal,
    exitCode: () => exitCode,
    dispose() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
