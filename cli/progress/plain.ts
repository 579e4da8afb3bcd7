import type { AgentEvents } from '../agent/events.ts';
import { endedCount } from '../group.ts';
import { assignments, printable, short } from '../show/format.ts';
import type { View } from './view.ts';

/** How often a training's numbers are shown at most, ms: a log that is read by people needs no line for each step. */
const NUMBERS_EVERY_MS = 10_000;

/** Shows what happens in one line each, for logs and pipes. */
export function createPlainView({
  write,
  isVerbose,
  now,
}: {
  readonly write: (text: string) => void;
  /** Shows every number that is reported. */
  readonly isVerbose: boolean;
  /** Milliseconds from any start. */
  readonly now: () => number;
}): View {
  const line = (text: string): void => write(`${text}\n`);
  const shownAt = new Map<number, number>();
  let ended: number | null = null;
  let best: number | null = null;

  const events: AgentEvents = {
    group(group) {
      const before = ended ?? 0;
      ended = endedCount(group);
      if (ended === before) return;
      const found =
        group.best !== null && group.best.number !== best
          ? `, new best: #${group.best.number} ${printable(group.best.metric)}=${short(group.best.value)}`
          : '';
      best = group.best?.number ?? null;
      line(`${ended} of ${group.progress.planned} ended${found}`);
    },
    started(experiment) {
      shownAt.set(experiment.number, now());
      line(`#${experiment.number} started: ${assignments(experiment.values)}`);
    },
    measured({ number }, metrics, step) {
      const since = now() - (shownAt.get(number) ?? 0);
      if (!isVerbose && since < NUMBERS_EVERY_MS) return;
      shownAt.set(number, now());
      line(`#${number} ${step === null ? '' : `step ${short(step)}: `}${assignments(metrics)}`);
    },
    printed: ({ number }, text) => line(`#${number} | ${text}`),
    ended({ number, status, metrics }, message) {
      shownAt.delete(number);
      const last = Object.entries(metrics).map(([name, { last }]) => [name, last]);
      const numbers = assignments(Object.fromEntries(last));
      const how = status === 'queued' ? 'failed, will be tried again' : status;
      line(`#${number} ${how}${numbers === '' ? '' : `: ${numbers}`}`);
      for (const text of (message ?? '').split('\n')) {
        if (text !== '') line(`#${number} ! ${text}`);
      }
    },
    left({ number }, why) {
      shownAt.delete(number);
      line(`#${number} left: ${printable(why)}`);
    },
    warned: (text) => line(`warning: ${printable(text)}`),
  };
  return { events, close() {} };
}
