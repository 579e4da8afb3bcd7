import { LIMITS } from '../../lib/domain/limits.ts';
import type { Experiment } from '../answers.ts';
import type { Service } from '../client.ts';
import type { AgentEvents } from './events.ts';
import type { Interrupts } from './interrupts.ts';
import type { Line } from './lines.ts';
import type { ProcessEnd } from './process.ts';
import { startCommand } from './process.ts';
import { readLine } from './report-line.ts';
import type { End, Outcome } from './reporter.ts';
import { startReporter } from './reporter.ts';
import { createTail, lastBytes } from './tail.ts';

/** How long an end may still take to be told once the agent was asked to leave, ms. */
const LAST_WORDS_MS = 5_000;

/** Everything that running experiments needs. */
export interface Workplace {
  readonly service: Service;
  readonly events: AgentEvents;
  readonly interrupts: Interrupts;
  /** Where commands run. */
  readonly cwd: string;
  /** What commands find in their environment, besides what tells them of their experiment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly heartbeatMs: number;
}

/** What became of an experiment; `interrupted` ones are still held and must be given back. */
export type Run = Outcome | { readonly kind: 'interrupted' };

/** The environment of an experiment's command. It may report on its experiment, so it gets no key. */
function environmentOf(workplace: Workplace, experiment: Experiment): Record<string, string> {
  const { RUNGWISE_KEY: _key, RUNGWISE_RESUME_FROM: _from, ...inherited } = workplace.env;
  const checkpoint = experiment.resume_from?.checkpoint ?? null;
  const own = {
    // Python keeps its output back until it is long, where nobody tells it not to: reports would come too late.
    PYTHONUNBUFFERED: '1',
    ...inherited,
    RUNGWISE_URL: workplace.service.url,
    RUNGWISE_GROUP: experiment.group,
    RUNGWISE_EXPERIMENT: String(experiment.number),
    RUNGWISE_TOKEN: experiment.lease?.token ?? '',
    RUNGWISE_VALUES: JSON.stringify(experiment.values),
    ...(checkpoint === null ? {} : { RUNGWISE_RESUME_FROM: checkpoint }),
  };
  return Object.fromEntries(
    Object.entries(own).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function describe(end: ProcessEnd): string {
  switch (end.kind) {
    case 'exit':
      return `exit code ${end.code}`;
    case 'signal':
      return `ended by ${end.signal}`;
    case 'unstartable':
      return `it could not be started: ${end.reason}`;
  }
}

/** The end of an experiment whose process ended by itself. */
function endOf(end: ProcessEnd, lastLines: string): End {
  if (end.kind === 'exit' && end.code === 0) return { status: 'succeeded', message: null };
  const how = describe(end);
  const room = LIMITS.messageBytes - Buffer.byteLength(how) - 1;
  const message = lastLines === '' ? how : `${how}\n${lastBytes(lastLines, room)}`;
  return { status: 'failed', message: lastBytes(message, LIMITS.messageBytes) };
}

/** Runs an experiment's command to its end, and forwards what it reports meanwhile. */
export async function runExperiment(workplace: Workplace, experiment: Experiment): Promise<Run> {
  const { service, events, interrupts, cwd, heartbeatMs } = workplace;
  const tail = createTail(LIMITS.messageBytes);
  let stopReason: string | null = null;
  let isLost = false;

  const reporter = startReporter({
    service,
    experiment,
    heartbeatMs,
    events: {
      shouldStop(reason) {
        stopReason ??= reason;
        command.stop();
      },
      lost() {
        isLost = true;
        command.stop();
      },
      refused: ({ detail }) =>
        events.warned(`experiment ${experiment.number}: a report was refused: ${detail}`),
    },
  });

  const onLine = (line: Line, stream: 'stdout' | 'stderr'): Promise<void> | undefined => {
    const { update, mistakes } =
      stream === 'stdout' ? readLine(line) : { update: null, mistakes: [] };
    for (const mistake of mistakes) {
      const shown = line.text.trim().slice(0, 200);
      events.warned(`experiment ${experiment.number}: ${mistake}, in the line: ${shown}`);
    }
    if (update === null) {
      tail.push(line.text);
      if (mistakes.length === 0) events.printed(experiment, line.text);
      return undefined;
    }
    if (Object.keys(update.metrics).length > 0) {
      events.measured(experiment, update.metrics, update.step);
    }
    return reporter.add(update);
  };

  const command = startCommand(experiment.command ?? '', {
    cwd,
    env: environmentOf(workplace, experiment),
    onLine,
  });
  events.started(experiment);

  interrupts.soft.addEventListener('abort', command.stop);
  interrupts.hard.addEventListener('abort', command.kill);
  const end = await command.ended;
  interrupts.soft.removeEventListener('abort', command.stop);
  interrupts.hard.removeEventListener('abort', command.kill);

  if (interrupts.soft.aborted && !isLost) {
    // What the service has not taken by now the next attempt reports anew.
    await reporter.abandon();
    return { kind: 'interrupted' };
  }
  const giveUp = (): void => void setTimeout(reporter.abandon, LAST_WORDS_MS).unref();
  interrupts.soft.addEventListener('abort', giveUp);
  interrupts.hard.addEventListener('abort', reporter.abandon);
  const outcome = await reporter.finish(
    stopReason === null ? endOf(end, tail.text()) : { status: 'stopped', message: null },
  );
  interrupts.soft.removeEventListener('abort', giveUp);
  interrupts.hard.removeEventListener('abort', reporter.abandon);
  return outcome;
}
